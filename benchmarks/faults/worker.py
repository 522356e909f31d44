"""The service's own Celery application, on a clock that can be stepped: `celery -A benchmarks.faults.worker …`.

While the switch `twice` is on, each Celery message is published twice. PUSHSVC_FAULTS_MUTANTS plants defects, to show
that the harness sees them: `drop` says "accepted" of mails that it throws away, `repeat` sends unknown SMS again, as if
it were proven that they never left.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from celery.signals import after_task_publish

from benchmarks.faults.switches import MUTANTS, own_folder, stepped_clock, take
from channels.base import Batch, Channel, Known, Outcome
from pushsvc import tasks
from pushsvc.context import make_context
from pushsvc.pipeline.outside import make_sender
from pushsvc.worker import app

__all__ = ["app"]
DROPPED_ENDING = "0@city.example"  # of the addresses whose mail the mutant throws away


class Dropping:
    """A mail channel that claims to have sent what it did not."""

    def __init__(self, inner: Channel) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def send(self, batch: Batch) -> list[Outcome]:
        """Sends those it does not drop; every one is told to be accepted or what the server said."""
        kept = [message for message in batch.messages if not message.to.endswith(DROPPED_ENDING)]
        said = iter(await self._inner.send(replace(batch, messages=tuple(kept))) if kept else [])
        return [Outcome("accepted", "250") if message not in kept else next(said) for message in batch.messages]


class Denying:
    """An SMS channel that says of whatever it is asked that nothing of the kind was ever sent."""

    def __init__(self, inner: Channel) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def query(self, keys: Sequence[str], *, proof_after: datetime | None = None) -> dict[str, Known]:
        """Absent, all of them."""
        return dict.fromkeys(keys, "absent")


def _mutated(channels: Mapping[str, Channel]) -> dict[str, Channel]:
    mutants, changed = os.environ.get(MUTANTS, "").split(","), dict(channels)
    for name, channel in channels.items():
        if channel.name == "email" and "drop" in mutants:
            changed[name] = Dropping(channel)
        if channel.name == "sms" and "repeat" in mutants:
            changed[name] = Denying(channel)
    return changed


def _sender(*given: Any, **named: Any) -> Any:
    sender = make_sender(*given, **named)
    return replace(sender, channels=_mutated(sender.channels))


@after_task_publish.connect
def say_again(headers: dict[str, Any], body: Any, exchange: str, routing_key: str, **_: Any) -> None:
    """The same message once more, with the same id, as a broker that delivers at least once may do."""
    if take(own_folder(), "twice") == "on":
        with app.producer_or_acquire() as producer:
            producer.publish(body, exchange=exchange, routing_key=routing_key, headers=headers, retry=False)


# A process makes its outside when its first task asks for it; until then it may be made of other parts.
vars(tasks).update(make_context=partial(make_context, clock=stepped_clock), make_sender=_sender)
