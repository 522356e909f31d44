"""Email over SMTP on kept connections: an outcome for each mail."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from email.utils import parseaddr

from channels.base import AfterUnknown, Batch, ChannelError, Clock, Known, Message, Outcome, Receipt
from channels.smtp_pool import Connection, Pool, parse_server
from channels.smtp_talk import EXPIRED, LOST, TROUBLE, hand_over, no_connection

Jobs = Iterator[tuple[int, Message]]


class SmtpChannel:
    """Hands each message's `raw` to a mail server.

    Options: `url` (see `parse_server`), `sender` (the envelope's address, a name before it is dropped), `clock`,
    `connections`, `per_connection` (mails before a connection is renewed), `timeout` (seconds, for each step).
    """

    name = "email"
    provider = "smtp"
    batch_size = 500
    after_unknown: AfterUnknown = "accept_duplicate"  # the same Message-ID goes again

    def __init__(
        self,
        url: str,
        *,
        sender: str,
        clock: Clock,
        connections: int = 4,
        per_connection: int = 1000,
        timeout: float = 20.0,
    ) -> None:
        self._sender = parseaddr(sender)[1]
        if "@" not in self._sender or not self._sender.isascii():
            raise ValueError("the sender must hold an address")
        self._connections = connections
        self._clock = clock
        self._timeout = timeout
        self._pool = Pool(parse_server(url), size=connections, each=per_connection, timeout=timeout)

    async def send(self, batch: Batch) -> list[Outcome]:
        """Sends the batch over all connections at once; what the time does not allow is deferred as expired."""
        outcomes: list[Outcome | None] = [None] * len(batch.messages)
        jobs = iter(list(enumerate(batch.messages)))
        workers = min(self._connections, len(batch.messages))
        failures = await asyncio.gather(*(self._work(jobs, outcomes, batch.expires_at) for _ in range(workers)))
        left = next((failure for failure in failures if failure is not None), EXPIRED)
        return [left if outcome is None else outcome for outcome in outcomes]

    async def _work(self, jobs: Jobs, outcomes: list[Outcome | None], until: datetime) -> Outcome | None:
        """Sends until no mail is left; ends with the failure when no connection can be had: the rest cannot go."""
        for index, message in jobs:
            if self._left(until) <= 0:
                outcomes[index] = EXPIRED
                continue
            outcome = await self._deliver(message, until)
            if isinstance(outcome, _NoConnection):
                outcomes[index] = outcome.why
                return outcome.why
            outcomes[index] = outcome
        return None

    async def _deliver(self, message: Message, until: datetime) -> Outcome | _NoConnection:
        """One mail. A kept connection that proves dead before the mail was handed over is replaced once."""
        for fresh in (False, True):
            try:
                connection = await self._pool.take(fresh=fresh)
            except TROUBLE as exc:
                return _NoConnection(no_connection(exc))
            was_used = connection.carried > 0
            outcome = await self._hand_over(connection, message, until)
            if not (was_used and outcome.code == LOST):
                break
        return outcome

    async def _hand_over(self, connection: Connection, message: Message, until: datetime) -> Outcome:
        broken = True
        try:
            outcome, broken = await hand_over(connection, self._sender, message, lambda: self._left(until))
        finally:
            self._pool.give(connection, broken=broken)
        return outcome

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


class _NoConnection:
    def __init__(self, why: Outcome) -> None:
        self.why = why
