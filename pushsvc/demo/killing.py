"""The kill is real: a worker dies by SIGKILL in the middle of a provider call, and everything comes out even."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Any

import httpx

from pushsvc.demo.pushing import messages, settled, watch
from pushsvc.demo.stage import Stage, wait_until
from pushsvc.pipeline import campaigns

WORKER = "worker-normal"
HELD_SECONDS = 2.5  # how long the gateway keeps its answer back, so that the kill meets a call on its way
PATIENCE = 60.0


@dataclass(frozen=True)
class Kill:
    """The killed process and how far the campaign was: accepted messages of all; `sending` were under way."""

    pid: int
    accepted: int
    total: int
    sending: int


def hold_sms(stage: Stage) -> None:
    """Tell the counterpart to take the next SMS batch and sit on its answer."""
    fault = {"channel": "sms", "mode": "answer_late", "times": 1, "seconds": HELD_SECONDS}
    httpx.post(f"{stage.ctx.settings.sms_url}/faults", json=fault, timeout=5).raise_for_status()


def kill_mid_campaign(stage: Stage, number: int) -> Kill | None:
    """Wait until SMS are under way, then kill the worker that sends them; None where there was nothing to interrupt."""
    seen: dict[str, Any] = {}

    def under_way() -> bool:
        seen.update(campaigns.report(stage.ctx, number))
        return bool(seen["state"] == "finished") or seen["deliveries"].get("sms", {}).get("sending", 0) > 0

    wait_until(under_way, seconds=PATIENCE, step=0.05)
    sending = seen["deliveries"].get("sms", {}).get("sending", 0)
    if not sending:
        return None
    pid = stage.keeper.kill(WORKER, signal.SIGKILL)
    return Kill(pid, sum(seen["accepted"].values()), messages(seen), sending)


def tell_kill(stage: Stage, kill: Kill) -> None:
    """`kill -9 worker-normal (pid 4711)   ██████░░ 611/1193`."""
    done = round(8 * kill.accepted / max(kill.total, 1))
    stage.say(f"kill -9 {WORKER} (pid {kill.pid})   {'█' * done}{'░' * (8 - done)} {kill.accepted:,}/{kill.total:,}")


def recover(stage: Stage, number: int) -> int:
    """Wait for the campaign's end; returns how many messages were settled by query."""
    watch(stage, [number], seconds=PATIENCE)
    return settled(stage, number)
