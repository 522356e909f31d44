"""How a recipient wishes to be reached: topic × channel, cadence, quiet hours, pauses, weekly maximum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, time
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from profiles.errors import ProfilesError
from profiles.gates import CHANNELS
from profiles.ragged import Mask

CADENCES = ("immediate", "daily", "weekly")

# Topic -> (Chinese, English).
TOPICS = {
    "enterprise": ("企业扶持与申报", "Support for enterprises"),
    "talent": ("人才与就业", "Talent and work"),
    "family": ("育儿与教育", "Children and schools"),
    "elder": ("养老与医保", "Age and health care"),
    "city": ("城市更新与规划", "City renewal and plans"),
    "safety": ("安全与应急", "Safety and emergencies"),
}


class PreferenceError(ProfilesError):
    """A preference cannot be kept; the place names its field."""


@dataclass(frozen=True)
class Preference:
    """One recipient's choices; the defaults hold for whoever never chose. `weekly_max` 0 is no limit.

    `channels`: {topic: {channel: on}}, what is absent is on. Quiet hours stand in the profile's own zone.
    """

    personalised: bool = True
    entitled: bool = True
    cadence: str = "immediate"
    weekly_max: int = 3
    quiet_from: time | None = None
    quiet_to: time | None = None
    paused_until: date | None = None
    muted: tuple[str, ...] = ()
    app: bool = True
    sms: bool = True
    email: bool = True
    channels: Mapping[str, Mapping[str, bool]] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if self.cadence not in CADENCES:
            raise PreferenceError("unknown_level", "cadence", f"{self.cadence!r} is not one of {', '.join(CADENCES)}.")
        if not 0 <= self.weekly_max <= 100:
            raise PreferenceError("out_of_range", "weekly_max", "The weekly maximum lies between 0 and 100.")
        if (self.quiet_from is None) != (self.quiet_to is None):
            raise PreferenceError("half_quiet", "quiet_to", "Quiet hours need both a start and an end.")
        if self.quiet_from is not None and self.quiet_from == self.quiet_to:
            raise PreferenceError("all_quiet", "quiet_to", "Quiet hours may not last the whole day: pause instead.")
        for topic in (*self.muted, *self.channels):
            if topic not in TOPICS:
                raise PreferenceError("unknown_topic", topic[:40], "No such topic.")
        for topic, choice in self.channels.items():
            for channel in choice:
                if channel not in CHANNELS:
                    raise PreferenceError("unknown_channel", f"{topic}.{channel[:40]}", "No such channel.")

    def enabled(self, topic: str, channel: str) -> bool:
        """Whether this topic may come by this channel."""
        return bool(getattr(self, channel)) and bool(self.channels.get(topic, {}).get(channel, True))


DEFAULT = Preference()


def parse_preference(values: Mapping[str, object]) -> Preference:
    """A preference from stored or posted values; None means the default. Raises PreferenceError."""
    known = {one.name: one for one in fields(Preference)}
    given = {name: value for name, value in values.items() if value is not None}
    for name, value in given.items():
        if name not in known:
            raise PreferenceError("unknown_field", name[:40], "No such field.")
        if not isinstance(value, _TYPES[name]) or (name == "weekly_max" and isinstance(value, bool)):
            raise PreferenceError("wrong_type", name, "The value has the wrong type.")
    if "muted" in given:
        given["muted"] = tuple(given["muted"])  # type: ignore[arg-type]  # checked above
    if "channels" in given and not all(isinstance(v, Mapping) for v in given["channels"].values()):  # type: ignore[attr-defined]
        raise PreferenceError("wrong_type", "channels", "Each topic holds {channel: on}.")
    return Preference(**given)  # type: ignore[arg-type]  # each value was checked against its field


def enabled_matrix(preferences: Sequence[Preference], topic: str) -> Mask:
    """bool[n, 3] in the order of CHANNELS: whether each recipient takes this topic on each channel."""
    flat = [one.enabled(topic, channel) for one in preferences for channel in CHANNELS]
    return np.array(flat, dtype=np.bool_).reshape(len(preferences), len(CHANNELS))


def muted_mask(preferences: Sequence[Preference], topic: str) -> Mask:
    """bool[n]: who muted the topic."""
    return np.array([topic in one.muted for one in preferences], dtype=np.bool_)


def paused_mask(preferences: Sequence[Preference], today: date) -> Mask:
    """bool[n]: whose pause still runs; the day it names is the first day of messages again."""
    return np.array([one.paused_until is not None and today < one.paused_until for one in preferences], dtype=np.bool_)


def quiet_minutes(preferences: Sequence[Preference]) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """int16[n] start and end of the quiet hours in minutes of the day, -1 for none."""
    return _minutes([one.quiet_from for one in preferences]), _minutes([one.quiet_to for one in preferences])


def _minutes(times: Sequence[time | None]) -> NDArray[np.int16]:
    return np.array([-1 if one is None else one.hour * 60 + one.minute for one in times], dtype=np.int16)


_TYPES: dict[str, type | tuple[type, ...]] = {
    "personalised": bool,
    "entitled": bool,
    "cadence": str,
    "weekly_max": int,
    "quiet_from": time,
    "quiet_to": time,
    "paused_until": date,
    "muted": (list, tuple, frozenset, set),
    "app": bool,
    "sms": bool,
    "email": bool,
    "channels": Mapping,
}
