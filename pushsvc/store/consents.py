"""The consent ledger: entries are added, never changed; the newest for a purpose and channel counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, text

from pushsvc.store.session import Connection
from pushsvc.store.tables import consent

PURPOSES = ("notify", "recommend", "sensitive", "guardian", "dependants")


@dataclass(frozen=True)
class ConsentEntry:
    """One line of the ledger: what was given or withdrawn, on which wording, where it was said."""

    profile_id: int
    purpose: str
    channel: str
    given: bool
    wording: str
    source: str
    at: datetime


def append_consents(conn: Connection, entries: Sequence[ConsentEntry]) -> None:
    """Add the entries in the given order."""
    if entries:
        conn.execute(insert(consent), [entry.__dict__ for entry in entries])


_LATEST = text("""
    select distinct on (profile_id, purpose, channel) profile_id, purpose, channel, given, wording, source, at
    from consent where profile_id = any(:ids) and (cast(:source as text) is null or source = :source)
    order by profile_id, purpose, channel, id desc
""")


def latest_consents(
    conn: Connection, profile_ids: Iterable[int], *, source: str | None = None
) -> dict[tuple[int, str, str], ConsentEntry]:
    """The newest entry by (profile, purpose, channel), of one source where given."""
    rows = conn.execute(_LATEST, {"ids": list(profile_ids), "source": source})
    return {(row.profile_id, row.purpose, row.channel): ConsentEntry(*row) for row in rows}


def ledger(conn: Connection, profile_id: int) -> list[ConsentEntry]:
    """All entries of one profile, oldest first."""
    query = text("""
        select profile_id, purpose, channel, given, wording, source, at
        from consent where profile_id = :profile_id order by id
    """)
    return [ConsentEntry(*row) for row in conn.execute(query, {"profile_id": profile_id})]
