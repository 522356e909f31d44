"""How a vendor of the sandbox misbehaves when it is told to: before it takes a request, after it, in its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from channels.sandbox.desk import Desk
from channels.sandbox.faults import Fault
from channels.sandbox.wire import Answer

Take = Callable[[Fault | None], Answer]
FAILED = Answer({}, 500)


async def act(desk: Desk, channel: str, to: Sequence[str], take: Take, *, said: Mapping[str, Answer]) -> Answer | None:
    """What `take` answers, which journals what it takes, bent as the next fault for these addresses wants it; None
    hangs up. `said`: the vendor's answers to a request that it does not take, by mode (429 at least; 500 says nothing
    unless it is there). Modes are those of `channels.sandbox.faults.Fault`."""
    fault = desk.faults.next(channel, to)
    mode = fault.mode if fault else ""
    refusals = {"500": FAILED, **said}
    if fault and mode in refusals:
        hint = {"Retry-After": str(int(fault.seconds))} if mode == "429" else {}
        return replace(refusals[mode], headers=refusals[mode].headers or hint)
    if fault and mode in ("delay", "hang"):
        await asyncio.sleep(fault.seconds)
    if mode == "die":
        desk.die()
    if mode in ("hang", "hang_up"):
        return None
    answer = take(fault)
    if mode == "die_after":
        desk.die()
    if fault and mode == "answer_late":
        await asyncio.sleep(fault.seconds)
    if mode == "500_after":
        return refusals["500"]
    return None if mode == "hang_up_after" else replace(answer, half=mode == "garbled")
