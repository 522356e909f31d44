"""What a recipient chose: one row each, absent means the defaults; and the language they read, on their profile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from pushsvc.store.session import Connection
from pushsvc.store.tables import preference, profile

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
_CHOICES = select(*(preference.c[name] for name in DEFAULTS)).where(preference.c.profile_id == bindparam("profile"))


def read_preference(conn: Connection, profile_id: int) -> dict[str, bool | str | int | list[str] | time | date | None]:
    """The recipient's choices by name, the defaults where none were made."""
    row = conn.execute(_CHOICES, {"profile": profile_id}).mappings().first()
    return dict(row) if row is not None else dict(DEFAULTS)


def write_preference(conn: Connection, profile_id: int, changes: Mapping[str, object], at: datetime) -> None:
    """Set some choices (names of DEFAULTS), leave the others."""
    values = {**changes, "updated_at": at}
    statement = upsert(preference).values(profile_id=profile_id, **values)
    conn.execute(statement.on_conflict_do_update(index_elements=["profile_id"], set_=values))


def take_turns(conn: Connection, profile_id: int) -> None:
    """Two who save for the same person go one after the other: each sees what the other wrote."""
    conn.execute(select(profile.c.id).where(profile.c.id == profile_id).with_for_update(key_share=True))


def own_language(conn: Connection, profile_id: int) -> str:
    """The language in which the person is written to: zh or en, as messages take it."""
    said = conn.scalar(select(profile.c.locale).where(profile.c.id == profile_id)) or ""
    return "en" if said.startswith("en") else "zh"


def choose_language(conn: Connection, profile_id: int, locale: str) -> None:
    """The person's own choice; no file changes it from now on."""
    conn.execute(update(profile).where(profile.c.id == profile_id).values(locale=locale, own_locale=True))
