"""Email over SMTP on kept connections: an outcome for each mail."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from channels.base import AfterUnknown, Batch, ChannelError, Clock, Known, Outcome, Receipt
from channels.smtp_envelope import Origin, make_post
from channels.smtp_line import converse
from channels.smtp_pipe import Errand, Job, Talk
from channels.smtp_pool import Connection, Pool, parse_server
from channels.smtp_talk import EXPIRED, LOST, TROUBLE, hand_over, no_connection


class SmtpChannel:
    """Hands each message's `raw` to a mail server.

    Options: `url` (see `parse_server`), `sender` (an address, or an Origin: where mails come back to, what signs them),
    `clock`, `connections`, `per_connection` (mails before a connection is renewed), `timeout` (seconds, for each step).
    """

    name = "email"
    provider = "smtp"
    batch_size = 500
    after_unknown: AfterUnknown = "accept_duplicate"  # the same Message-ID goes again

    def __init__(
        self,
        url: str,
        *,
        sender: str | Origin,
        clock: Clock,
        connections: int = 4,
        per_connection: int = 1000,
        timeout: float = 20.0,
    ) -> None:
        self._post = make_post(Origin(sender) if isinstance(sender, str) else sender, clock)
        self._connections = connections
        self._clock = clock
        self._timeout = timeout
        self._each = per_connection
        self._pool = Pool(parse_server(url), size=connections, each=per_connection, timeout=timeout)

    async def send(self, batch: Batch) -> list[Outcome]:
        """Sends the batch over all connections at once; what the time does not allow is deferred as expired."""
        task = _Task(deque(enumerate(batch.messages)), [None] * len(batch.messages), batch.expires_at)
        workers = min(self._connections, len(batch.messages))
        failures = await asyncio.gather(*(self._work(task) for _ in range(workers)))
        left = next((failure for failure in failures if failure is not None), EXPIRED)
        return [left if outcome is None else outcome for outcome in task.outcomes]

    async def _work(self, task: _Task) -> Outcome | None:
        """Sends until no mail is left; ends with the failure when no connection can be had: the rest cannot go. A kept
        connection that proves dead before a mail was handed over is replaced once for it."""
        back: Job | None = None
        while (back or task.jobs) and self._left(task.until) > 0:
            try:
                connection = await self._pool.take(fresh=back is not None)
            except TROUBLE as exc:
                if back is not None:
                    task.outcomes[back[0]] = no_connection(exc)
                return no_connection(exc)
            broken = True
            try:
                talk = (
                    self._converse if connection.offers.pipelining and not self._pool.one_by_one else self._one_by_one
                )
                back, broken = await talk(connection, task, back)
            finally:
                self._pool.give(connection, broken=broken)
        return None

    async def _converse(self, connection: Connection, task: _Task, first: Job | None) -> tuple[Job | None, bool]:
        """Mails in groups of commands (PIPELINING); the one that needs another connection, whether this is broken."""

        def left() -> float:  # `converse` looks at the timeout itself
            return (task.until - self._clock()).total_seconds()

        room = self._each - connection.carried
        used = connection.carried > 0
        offers = connection.offers
        talk = Talk(Errand(self._post, task.jobs, task.tell, left, used=used, room=room, first=first, offers=offers))
        await converse(connection, talk, left=left, timeout=self._timeout)
        if talk.distrust:
            self._pool.distrust()
        return talk.back, talk.broken

    async def _one_by_one(self, connection: Connection, task: _Task, first: Job | None) -> tuple[Job | None, bool]:
        """Mails one command after the other; the one that needs another connection, and whether this is broken."""
        broken = False
        while (first or task.jobs) and not broken and connection.carried < self._each:
            index, message = first or task.jobs.popleft()
            first, used = None, connection.carried > 0
            if self._left(task.until) <= 0:
                task.tell(index, EXPIRED)
                continue
            outcome, broken = await hand_over(connection, self._post, message, lambda: self._left(task.until))
            if used and outcome.code == LOST:
                return (index, message), True
            task.tell(index, outcome)
        return None, broken

    def _left(self, until: datetime) -> float:
        """The seconds that the next step may take."""
        return min(self._timeout, (until - self._clock()).total_seconds())

    async def query(self, keys: Sequence[str], *, proof_after: datetime | None = None) -> dict[str, Known]:
        """A mail server cannot be asked."""
        return {}

    def receipts(self, body: bytes, headers: Mapping[str, str]) -> list[Receipt]:
        """Mail has no callback. Raises ChannelError "no_receipts"."""
        raise ChannelError("no_receipts", "A mail server sends no callbacks.")

    async def close(self) -> None:
        """Says QUIT on the kept connections."""
        await self._pool.close()


@dataclass(frozen=True)
class _Task:
    """A batch being sent: mails still to go, what became of each so far, and the end of its time."""

    jobs: deque[Job]
    outcomes: list[Outcome | None]
    until: datetime

    def tell(self, index: int, outcome: Outcome) -> None:
        """Keeps the outcome of one mail."""
        self.outcomes[index] = outcome
