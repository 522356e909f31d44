"""What people decided about their messages, as columns for the gates: most have said nothing, and cost nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.gates import CHANNELS
from profiles.preference import CADENCES, DEFAULT
from pushsvc.store.columns_out import read_columns
from pushsvc.store.session import Connection

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Wishes:
    """One row a person, as the columns of the same names in `Contacts`."""

    personalised: Mask
    entitled_on: Mask
    cadence: NDArray[np.int8]
    weekly_max: NDArray[np.int32]
    quiet_from: NDArray[np.int16]
    quiet_to: NDArray[np.int16]
    paused: Mask
    muted: Mask
    enabled: Mask
    escalate: Mask
    escalate_hours: NDArray[np.int16]
    order: NDArray[np.int32]
    orders: tuple[str, ...]


def _minutes(column: str) -> str:
    return f"coalesce(extract(hour from {column}) * 60 + extract(minute from {column}), -1)::int"


def _on(channel: str) -> str:
    return f"({channel} and coalesce((channels -> {{topic}} ->> '{channel}')::bool, true))::int"


# Name → how it is asked for, and what holds for whoever has said nothing.
_READ: dict[str, tuple[str, int]] = {
    "personalised": ("personalised::int", 1),
    "entitled_on": ("entitled::int", 1),
    "cadence": (f"coalesce(array_position(array{list(CADENCES)}, cadence) - 1, 0)", 0),
    "weekly_max": (f"coalesce(weekly_max, {DEFAULT.weekly_max})", DEFAULT.weekly_max),
    "quiet_from": (_minutes("quiet_from"), -1),
    "quiet_to": (_minutes("quiet_to"), -1),
    "paused": ("coalesce(paused_until > {today}, false)::int", 0),
    "muted": ("coalesce({topic} = any(muted), false)::int", 0),
    **{f"on_{channel}": (_on(channel), 1) for channel in CHANNELS},
    **{f"then_{channel}": (f"coalesce('{channel}' = any(escalate), false)::int", 0) for channel in CHANNELS},
    "escalate_hours": ("coalesce(escalate_hours, 24)", 24),
}
_ASKED = ", ".join(asked for asked, _ in _READ.values())
_WISHES = f"""
    select profile_id, {_ASKED}, coalesce(array_to_string(channel_order, ' '), '')
    from preference where profile_id = any(cast({{ids}} as bigint[]))
"""
_COLUMNS = dict.fromkeys(("profile_id", *_READ), "int") | {"channel_order": "word"}


def load_wishes(conn: Connection, people: NDArray[np.int64], *, topic: str, today: date) -> Wishes:
    """The wishes of `people` (rising). `topic` decides muting and channel choices, `today` (the city's) pauses."""
    found = read_columns(conn, _WISHES, _COLUMNS, ids=people, topic=topic, today=today.isoformat())
    rows = np.searchsorted(people, found["profile_id"])
    codes, orders = found["channel_order"]
    order = np.zeros(len(people), dtype=np.int32)
    order[rows] = codes + 1

    def column(name: str, kind: Any) -> NDArray[Any]:
        values = np.full(len(people), _READ[name][1], dtype=kind)
        values[rows] = found[name]
        return values

    return Wishes(
        **{name: column(name, np.bool_) for name in ("personalised", "entitled_on", "paused", "muted")},
        cadence=column("cadence", np.int8),
        weekly_max=column("weekly_max", np.int32),
        **{name: column(name, np.int16) for name in ("quiet_from", "quiet_to", "escalate_hours")},
        enabled=np.column_stack([column(f"on_{channel}", np.bool_) for channel in CHANNELS]),
        escalate=np.column_stack([column(f"then_{channel}", np.bool_) for channel in CHANNELS]),
        order=order,
        orders=("", *orders),
    )
