"""What a person's "stop it all" ended, read back from the ledgers, so that it can be taken back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from pushsvc.store.session import Connection

STOPPED = "stopped"  # the reason of subscriptions that ended by it

_LAST = text("select coalesce(max(id), 0) from consent where profile_id = :id")
_UPTO = text("select purpose, channel, given from consent where profile_id = :id and id <= :upto order by id")
_SINCE = text("select distinct purpose from consent where profile_id = :id and id > :after")
_RESUME = text("""
    update subscription set ended_at = null, ended_reason = null
    where profile_id = :id and ended_reason = :reason and ended_at = :at
""")


def last_entry(conn: Connection, profile_id: int) -> int:
    """The number of the latest entry in the person's consent ledger; 0 for none."""
    return int(conn.execute(_LAST, {"id": profile_id}).scalar_one())


def entries_upto(conn: Connection, profile_id: int, upto: int) -> list[tuple[str, str, bool]]:
    """(purpose, channel, given) of the person's entries up to a number, oldest first."""
    found = conn.execute(_UPTO, {"id": profile_id, "upto": upto})
    return [(row.purpose, row.channel, row.given) for row in found]


def spoken_since(conn: Connection, profile_id: int, after: int) -> set[str]:
    """The purposes of which the person's ledger speaks after a number."""
    return set(conn.execute(_SINCE, {"id": profile_id, "after": after}).scalars())


def resume_stopped(conn: Connection, profile_id: int, at: datetime) -> int:
    """Resume the subscriptions that were stopped at this moment; returns how many."""
    return conn.execute(_RESUME, {"id": profile_id, "reason": STOPPED, "at": at}).rowcount
