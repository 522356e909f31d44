"""Choices as the fields of a form: what is on is "1", what is off or empty is absent. Pure functions.

A form says what it showed and what it holds now: the difference is what the person did, and no more than that is saved.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from profiles.gates import CHANNELS
from profiles.preference import TOPICS

CELLS = tuple(f"{topic}.{channel}" for topic in TOPICS for channel in CHANNELS)
GRID = (*CHANNELS, *CELLS, "entitled")
RECOMMENDED = ("weekly_max", "cadence")
UNREAD = (*(f"then.{channel}" for channel in CHANNELS), "escalate_hours", "channel_order")
TIMES = ("quiet_from", "quiet_to", "paused_until")
FIELDS = (*GRID, *RECOMMENDED, *UNREAD, *TIMES)
BOXES = frozenset({*GRID, *(f"then.{channel}" for channel in CHANNELS)})
_SWITCHES = (*CHANNELS, "entitled")
_NUMBERS = ("weekly_max", "escalate_hours")


def fields_of(choice: Mapping[str, Any], today: date) -> dict[str, str]:
    """The choices (of `read_preference`) as fields; a pause that is over is none."""
    on = {name: choice[name] for name in _SWITCHES}
    for topic in TOPICS:
        row = choice["channels"].get(topic, {})
        on |= {f"{topic}.{one}": topic not in choice["muted"] and row.get(one, True) for one in CHANNELS}
    on |= {f"then.{one}": one in choice["escalate"] for one in CHANNELS}
    found = {name: "1" for name, value in on.items() if value}
    found |= {name: str(choice[name]) for name in (*RECOMMENDED, "escalate_hours")}
    if choice["channel_order"]:
        found["channel_order"] = ",".join(choice["channel_order"])
    found |= {name: f"{choice[name]:%H:%M}" for name in ("quiet_from", "quiet_to") if choice[name]}
    if choice["paused_until"] and choice["paused_until"] > today:
        found["paused_until"] = choice["paused_until"].isoformat()
    return found


def changed_fields(shown: Mapping[str, str], posted: Mapping[str, str]) -> dict[str, str | None]:
    """What the person changed of a form: field → what it holds now, None for off or empty.

    A box that is not ticked is not sent; of other fields, what is not sent was not asked.
    """
    asked = [name for name in FIELDS if name in posted or name in BOXES]
    before, now = ({name: told.get(name, "").strip() or None for name in asked} for told in (shown, posted))
    return {name: now[name] for name in asked if now[name] != before[name]}


def as_posted(fields: Mapping[str, str | None]) -> dict[str, str]:
    """Fields as a browser sends them: no box that is off, other fields though they be empty."""
    return {name: value or "" for name, value in fields.items() if value is not None or name not in BOXES}


def choices_in(shown: Mapping[str, str], changed: Mapping[str, str | None], held: Mapping[str, Any]) -> dict[str, Any]:
    """Changed fields as changes for `set_choices`; `shown`: all fields as they stand, `held`: the choices themselves.

    A topic without a channel is muted: so it is called where somebody asks why nothing came.
    """
    merged: dict[str, str | None] = {**shown, **changed}
    found: dict[str, Any] = {name: changed[name] is not None for name in _SWITCHES if name in changed}
    touched = {name.partition(".")[0] for name in changed if name in CELLS}
    if touched:
        rows = {topic: {one: merged.get(f"{topic}.{one}") is not None for one in CHANNELS} for topic in touched}
        quiet = {topic for topic, row in rows.items() if not any(row.values())}
        found["channels"] = {**held["channels"], **rows}
        found["muted"] = sorted((set(held["muted"]) - touched) | quiet)
    if any(f"then.{one}" in changed for one in CHANNELS):
        found["escalate"] = [one for one in CHANNELS if merged.get(f"then.{one}") is not None]
    if "channel_order" in changed:
        found["channel_order"] = [word for word in (changed["channel_order"] or "").split(",") if word]
    found |= {name: _number(changed[name]) for name in _NUMBERS if name in changed}
    if "cadence" in changed:
        found["cadence"] = changed["cadence"] or ""
    return found | {name: changed[name] for name in TIMES if name in changed}


def _number(text: str | None) -> int:
    """The number; -1, which no choice is, for what is none."""
    return int(text) if text and len(text) < 6 and text.isdecimal() else -1
