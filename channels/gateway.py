"""What the SMS and the push gateway share: one POST for a batch, answers by key, queries by key, signed receipts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from channels.base import AfterUnknown, Batch, Clock, Known, Message, Outcome, Receipt, Status, all_outcomes
from channels.http import RETRY_LIMIT, Failure, Poster
from channels.receipts import read_receipts

SAID: dict[str, Status] = {"accepted": "accepted", "deferred": "deferred", "rejected": "rejected"}
KNOWN = frozenset({"accepted", "delivered", "rejected", "absent"})
EXPIRED = "expired"
QUERY_SIZE = 1000


class GatewayChannel(ABC):
    """A batch gateway over HTTP.

    Options: `url`, `key` (signs both ways), `clock`, `timeout` (seconds, for a whole request), `batch_size`.
    """

    name = ""
    provider = ""
    path = ""
    after_unknown: AfterUnknown = "settle"

    def __init__(self, url: str, *, key: bytes, clock: Clock, timeout: float = 20.0, batch_size: int = 500) -> None:
        self.batch_size = batch_size
        self._key = key
        self._clock = clock
        self._poster = Poster(url, key=key, clock=clock, timeout=timeout)

    @abstractmethod
    def words(self, message: Message) -> dict[str, str]:
        """The message in the gateway's words."""

    async def send(self, batch: Batch) -> list[Outcome]:
        """One POST for the batch; what the gateway does not answer for is unknown."""
        if not batch.messages:
            return []
        if self._clock() >= batch.expires_at:
            return all_outcomes(batch, "deferred", EXPIRED)
        content = {
            "batch_key": batch.key,
            "expires_at": batch.expires_at.astimezone(UTC).isoformat(),
            "messages": [self.words(message) for message in batch.messages],
        }
        reply = await self._poster.post(f"/{self.path}/send", content)
        if isinstance(reply, Failure):
            status: Status = "deferred" if reply.unsent else "unknown"
            return all_outcomes(batch, status, reply.code, retry_after=reply.retry_after)
        said = _by_key(reply.found)
        return [_outcome(said.get(message.key)) for message in batch.messages]

    async def query(self, keys: Sequence[str], *, proof_after: datetime | None = None) -> dict[str, Known]:
        """What the gateway's journal says, a thousand keys a call; keys of a call that failed are left out."""
        found: dict[str, Known] = {}
        for start in range(0, len(keys), QUERY_SIZE):
            asked = keys[start : start + QUERY_SIZE]
            reply = await self._poster.post(f"/{self.path}/query", {"keys": list(asked)})
            if not isinstance(reply, Failure):
                found.update(_known(reply.found, asked, proof_after))
        return found

    def receipts(self, body: bytes, headers: Mapping[str, str]) -> list[Receipt]:
        """The receipts of a signed callback. Raises ChannelError."""
        return read_receipts(self._key, body, headers, self._clock)

    async def close(self) -> None:
        """Closes the kept connections."""
        await self._poster.close()


def _by_key(found: Any) -> dict[str, dict[str, Any]]:
    rows = found.get("results") if isinstance(found, dict) else None
    if not isinstance(rows, list):
        return {}
    return {row["key"]: row for row in rows if isinstance(row, dict) and isinstance(row.get("key"), str)}


def _outcome(row: dict[str, Any] | None) -> Outcome:
    if row is None:
        return Outcome("unknown", "no_answer")
    if row.get("status") == "accepted" and not row.get("code"):  # nearly all
        return Outcome("accepted", "", _words(row.get("id")))
    code = _words(row.get("code"))
    if code == EXPIRED:  # the gateway refuses what is past its time: proven unsent
        return Outcome("deferred", code)
    said = row.get("status")
    status: Status = SAID.get(said, "unknown") if isinstance(said, str) else "unknown"
    return Outcome(status, code, _words(row.get("id")), _retry_after(row.get("retry_after")))


def _words(value: Any) -> str:
    """What a gateway said, as a text that can be stored: no NUL, no half of a pair."""
    if isinstance(value, str) and value.isascii() and value.isprintable():
        return value[:100]
    return str(value or "").replace("\0", "").encode(errors="replace").decode()[:100]


def _retry_after(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        return None
    return float(min(value, RETRY_LIMIT))  # the other way round 10**400 would raise


def _known(found: Any, asked: Sequence[str], proof_after: datetime | None) -> dict[str, Known]:
    rows = found.get("results") if isinstance(found, dict) else None
    if not isinstance(rows, dict):
        return {}
    proves = proof_after is None or _later(found.get("at"), proof_after)
    said = {key: rows.get(key) for key in asked}
    return {
        key: cast(Known, state)
        for key, state in said.items()
        if isinstance(state, str) and state in KNOWN and (proves or state != "absent")
    }


def _later(at: Any, moment: datetime) -> bool:
    """Whether the gateway's own clock, which decides what has expired, stands after `moment`."""
    try:
        said = datetime.fromisoformat(at)
    except (TypeError, ValueError):
        return False
    return said.tzinfo is not None and said > moment
