"""Members of an attempt for whom no message could be composed: rejected at once, so that the others go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from channels.base import Message, Outcome
from pushsvc.pipeline.retrying import tally
from pushsvc.store import escalation
from pushsvc.store.attempts import Result
from pushsvc.store.members import Member, record

UNREADABLE = Outcome("rejected", "unreadable_address")


def written(
    conn: Connection,
    attempt: tuple[int, str],
    members: list[Member],
    messages: Sequence[Message],
    now: datetime,
) -> list[Member]:
    """The members of an `attempt` (id, its provider's kind), just begun, who have one of the messages, which are in the
    same order. The others are rejected with `unreadable_address`; where nobody is left, the attempt is finished.
    """
    if len(messages) == len(members):
        return members
    attempt_id, provider = attempt
    keys = {message.key for message in messages}
    lost = [row["id"] for row in members if row["wire_key"] not in keys]
    counts = tally(provider, [UNREADABLE] * len(lost)) | {"finished_at": None if keys else now}
    record(conn, attempt_id, [Result(one, UNREADABLE.status, UNREADABLE.code) for one in lost], counts, now)
    escalation.bring_forward(conn, lost, now)
    return [row for row in members if row["wire_key"] in keys]
