"""How a vendor of the sandbox misbehaves when it is told to: before it takes a request, after it, in its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from channels.sandbox.desk import Desk
from channels.sandbox.faults import Fault
from channels.sandbox.wire import Answer

Take = Callable[[Fault | None], Answer]


async def act(desk: Desk, channel: str, to: Sequence[str], take: Take, *, full: Answer) -> Answer | None:
    """What `take` answers, which journals what it takes, bent as the next fault for these addresses wants it; None
    hangs up. `full` is how this vendor says that it has too many requests."""
    fault = desk.faults.next(channel, to)
    mode = fault.mode if fault else ""
    if mode == "429":
        return full
    if mode == "500":
        return Answer({}, 500)
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
        return Answer({}, 500)
    return None if mode == "hang_up_after" else replace(answer, half=mode == "garbled")
