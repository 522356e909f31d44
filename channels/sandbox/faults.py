"""What the sandbox is told to do wrong, and for how many requests."""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from channels.base import ChannelError
from channels.sandbox.journal import CHANNELS

log = logging.getLogger(__name__)
HANGING = frozenset({"delay", "hang", "hang_up", "hang_up_after", "answer_late", "garbled", "die", "die_after"})
MAIL_CODES = frozenset({"421", "451", "452", "550"})
STAGES = ("mail", "rcpt", "data")
MODES = HANGING | MAIL_CODES | {"refuse", "defer", "bounce", "429", "500", "500_after", "none"}
ALIASES = {"late": "answer_late", "half": "garbled", "push": "app"}


@dataclass
class Fault:
    """A fault for the next `left` sends (None: until told otherwise) that write to an address ending in `match`.

    refuse, defer: the members are refused for good or for now. bounce: accepted, the receipt says bounced.
    delay: waits, then takes the batch. hang: waits, then cuts, and takes nothing. hang_up, hang_up_after: cuts before
    or after taking it. die, die_after: the whole sandbox is killed before or after it. answer_late: takes it, then
    waits. 429: too many requests. garbled: takes it and cuts the reply in half. 500, 500_after (gateway): fails before
    or after taking it. 421 (closing as well), 451, 452, 550 (mail): said to MAIL, RCPT or the end of DATA (`at`).
    """

    mode: str
    left: int | None = 1
    seconds: float = 1.0
    match: str = ""
    at: str = "rcpt"

    def hits(self, to: str) -> bool:
        """Whether it concerns this address."""
        return to.endswith(self.match)


def parse_fault(told: Any) -> tuple[str, Fault]:
    """Channel and fault from `{"channel", "mode", "times", "seconds", "match", "at"}`. Raises ChannelError."""
    if not isinstance(told, dict):
        raise ChannelError("bad_fault", "A fault is a JSON object.")
    channel, mode = (ALIASES.get(str(told.get(name)), str(told.get(name))) for name in ("channel", "mode"))
    times, seconds, match = told.get("times", 1), told.get("seconds", 1.0), told.get("match", "")
    if channel not in CHANNELS:
        raise ChannelError("bad_fault", f"The channel must be one of {', '.join(CHANNELS)}.")
    modes = MODES - {"500", "500_after"} if channel == "email" else MODES - MAIL_CODES
    if mode not in modes:
        raise ChannelError("bad_fault", f"The mode must be one of {', '.join(sorted(modes))}.")
    if times is not None and (not isinstance(times, int) or isinstance(times, bool) or times < 1):
        raise ChannelError("bad_fault", "times must be a whole number above 0, or null for always.")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 <= seconds <= 3600:
        raise ChannelError("bad_fault", "seconds must lie between 0 and 3600.")
    if not isinstance(match, str):
        raise ChannelError("bad_fault", "match must be the end of an address.")
    if (at := told.get("at", "rcpt")) not in STAGES:
        raise ChannelError("bad_fault", f"at must be one of {', '.join(STAGES)}.")
    return channel, Fault(mode, times, float(seconds), match, at)


class Faults:
    """The faults that are waiting, in the order told; `root/faults.json` (one or a list) is taken up and removed."""

    def __init__(self, root: Path) -> None:
        self._path = root / "faults.json"
        self._waiting: dict[str, deque[Fault]] = {channel: deque() for channel in CHANNELS}

    def tell(self, told: Any) -> None:
        """Adds a fault; the mode `none` clears its channel. Raises ChannelError "bad_fault"."""
        channel, fault = parse_fault(told)
        if fault.mode == "none":
            self._waiting[channel].clear()
        else:
            self._waiting[channel].append(fault)

    def next(self, channel: str, to: Sequence[str], *, begins: bool = False) -> Fault | None:
        """The fault for a send to these addresses, counted off. `begins`: a mail of which only the sender is known."""
        self._look()
        waiting = self._waiting[channel]
        for fault in waiting:
            if (fault.at == "mail") == begins and any(fault.hits(address) for address in to):
                if fault.left is not None:
                    fault.left -= 1
                    if fault.left == 0:
                        waiting.remove(fault)
                return fault
        return None

    def _look(self) -> None:
        try:
            text = self._path.read_text(encoding="utf-8")
            self._path.unlink()
        except FileNotFoundError:
            return
        try:
            told = json.loads(text)
            for one in told if isinstance(told, list) else [told]:
                self.tell(one)
        except (ValueError, ChannelError) as exc:
            log.warning("faults.json is not understood: %s", exc)
