"""What a recipient chose: one row each, absent means the defaults."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from pushsvc.store.session import Connection
from pushsvc.store.tables import preference

DEFAULTS: Mapping[str, Any] = {
    "personalised": True,
    "entitled": True,
    "cadence": "immediate",
    "weekly_max": 3,
    "quiet_from": None,
    "quiet_to": None,
    "paused_until": None,
    "muted": [],
    "app": True,
    "sms": True,
    "email": True,
    "channels": {},
    "escalate": [],
    "escalate_hours": 24,
    "channel_order": [],
}


def read_preference(conn: Connection, profile_id: int) -> dict[str, bool | str | int | list[str] | time | date | None]:
    """The recipient's choices by name, the defaults where none were made."""
    columns = [preference.c[name] for name in DEFAULTS]
    row = conn.execute(select(*columns).where(preference.c.profile_id == profile_id)).mappings().first()
    return dict(row) if row is not None else dict(DEFAULTS)


def write_preference(conn: Connection, profile_id: int, changes: Mapping[str, object], at: datetime) -> None:
    """Set some choices (names of DEFAULTS), leave the others."""
    values = {**changes, "updated_at": at}
    statement = upsert(preference).values(profile_id=profile_id, **values)
    conn.execute(statement.on_conflict_do_update(index_elements=["profile_id"], set_=values))
