"""The kill is real: a worker dies by SIGKILL in the middle of a provider call, and everything comes out even."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Any

import httpx

from pushsvc.demo.pushing import messages, settled, watch
from pushsvc.demo.stage import SLICE_SIZE, Stage, wait_until
from pushsvc.pipeline import campaigns
from pushsvc.pipeline.audience import match

WORKER = "worker-normal"
HELD_SECONDS = 2.5  # how long the gateway keeps its answer back, so that the kill meets a call on its way
SMS_SHARE = 0.25  # of the selected, at least, are told by SMS
STILL_LOOKS = 4
PATIENCE = 60.0


@dataclass(frozen=True)
class Kill:
    """The killed process and how far the campaign was: accepted messages of all; `sending` were under way."""

    pid: int
    accepted: int
    total: int
    sending: int


def hold_sms(stage: Stage, ref: str) -> None:
    """Tell the counterpart to take an SMS batch of the campaign to come, not the first, and to sit on its answer."""
    expected = match(stage.ctx, ref)["selected"]
    selected = sum(expected.values()) if isinstance(expected, dict) else 0
    before = max(0, int(selected * SMS_SHARE) // SLICE_SIZE - 1)
    faults = [{"channel": "sms", "mode": "delay", "times": before, "seconds": 0}] if before else []
    faults.append({"channel": "sms", "mode": "answer_late", "times": 1, "seconds": HELD_SECONDS})
    for fault in faults:
        httpx.post(f"{stage.ctx.settings.sms_url}/faults", json=fault, timeout=5).raise_for_status()


def kill_mid_campaign(stage: Stage, number: int) -> Kill | None:
    """Wait until SMS are under way, then kill the worker that sends them; None where there was nothing to interrupt."""
    looks: list[tuple[int, int]] = []
    seen: dict[str, Any] = {}

    def held() -> bool:
        """A batch that stands still over some looks is the one that the gateway sits on."""
        seen.update(campaigns.report(stage.ctx, number))
        looks.append((_sending(seen), sum(seen["accepted"].values())))
        still = len(looks) >= STILL_LOOKS and len(set(looks[-STILL_LOOKS:])) == 1
        return bool(seen["state"] == "finished") or (still and looks[-1][0] > 0)

    wait_until(held, seconds=PATIENCE, step=0.12)
    sending = _sending(seen)
    if not sending:
        return None
    pid = stage.keeper.kill(WORKER, signal.SIGKILL)
    return Kill(pid, sum(seen["accepted"].values()), messages(seen), sending)


def _sending(report: dict[str, Any]) -> int:
    """SMS on their way."""
    return int(report["deliveries"].get("sms", {}).get("sending", 0))


def tell_kill(stage: Stage, kill: Kill) -> None:
    """`kill -9 worker-normal (pid 4711)   ██████░░ 611/1193`."""
    done = round(8 * kill.accepted / max(kill.total, 1))
    stage.say(f"kill -9 {WORKER} (pid {kill.pid})   {'█' * done}{'░' * (8 - done)} {kill.accepted:,}/{kill.total:,}")


def recover(stage: Stage, number: int) -> int:
    """Wait for the campaign's end; returns how many messages were settled by query."""
    watch(stage, [number], seconds=PATIENCE)
    return settled(stage, number)
