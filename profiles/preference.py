"""How a recipient wishes to be reached: topic × channel, order, cadence, quiet hours, pauses, weekly maximum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, time
from types import MappingProxyType

from profiles.errors import ProfilesError
from profiles.gates import CHANNELS

CADENCES = ("immediate", "daily", "weekly")
MOST_HOURS = 168  # a week: what follows later than that follows nothing

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

    `channels`: {topic: {channel: on}}, what is absent is on. Quiet hours stand in the profile's own zone. `escalate`:
    the channels that may follow a message not opened within `escalate_hours`. `channel_order`: best first, those it
    leaves out after them as usual.
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
    escalate: tuple[str, ...] = ()
    escalate_hours: int = 24
    channel_order: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.cadence not in CADENCES:
            raise PreferenceError("unknown_level", "cadence", f"{self.cadence!r} is not one of {', '.join(CADENCES)}.")
        if not 0 <= self.weekly_max <= 100:
            raise PreferenceError("out_of_range", "weekly_max", "The weekly maximum lies between 0 and 100.")
        if not 1 <= self.escalate_hours <= MOST_HOURS:
            raise PreferenceError("out_of_range", "escalate_hours", f"The hours lie between 1 and {MOST_HOURS}.")
        _check_quiet(self.quiet_from, self.quiet_to)
        for topic in (*self.muted, *self.channels):
            if topic not in TOPICS:
                raise PreferenceError("unknown_topic", topic[:40], "No such topic.")
        for topic, choice in self.channels.items():
            _check_channels(f"{topic}.", tuple(choice), CHANNELS)
        _check_channels("escalate: ", self.escalate, CHANNELS)
        _check_channels("channel_order: ", self.channel_order, CHANNELS)


def parse_preference(values: Mapping[str, object]) -> Preference:
    """A preference from stored or posted values; None means the default. Raises PreferenceError."""
    known = {one.name: one for one in fields(Preference)}
    given = {name: value for name, value in values.items() if value is not None}
    for name, value in given.items():
        if name not in known:
            raise PreferenceError("unknown_field", name[:40], "No such field.")
        if not isinstance(value, _TYPES[name]) or (name in _NUMBERS and isinstance(value, bool)):
            raise PreferenceError("wrong_type", name, "The value has the wrong type.")
    for name in _LISTS & given.keys():
        given[name] = _words(name, given[name])  # type: ignore[arg-type]  # a list, by its type
    if "channels" in given and not all(isinstance(v, Mapping) for v in given["channels"].values()):  # type: ignore[attr-defined]
        raise PreferenceError("wrong_type", "channels", "Each topic holds {channel: on}.")
    return Preference(**given)  # type: ignore[arg-type]  # each value was checked against its field


def _words(name: str, value: Iterable[object]) -> tuple[str, ...]:
    """A list's words as they are, a set's in a fixed order."""
    words = sorted(value, key=str) if isinstance(value, (set, frozenset)) else list(value)
    if not all(isinstance(word, str) for word in words):
        raise PreferenceError("wrong_type", name, "The value has the wrong type.")
    return tuple(map(str, words))


def _check_quiet(start: time | None, end: time | None) -> None:
    if (start is None) != (end is None):
        raise PreferenceError("half_quiet", "quiet_to", "Quiet hours need both a start and an end.")
    if start is not None and start == end:
        raise PreferenceError("all_quiet", "quiet_to", "Quiet hours may not last the whole day: pause instead.")


def _check_channels(place: str, words: tuple[str, ...], known: tuple[str, ...]) -> None:
    for word in words:
        if word not in known:
            raise PreferenceError("unknown_channel", f"{place}{word[:40]}", f"Not one of {', '.join(known)}.")
    if len(set(words)) < len(words):
        raise PreferenceError("repeated_channel", place.strip(" :"), "Each channel may be named once.")


DEFAULT = Preference()

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
    "escalate": (list, tuple, frozenset, set),
    "escalate_hours": int,
    "channel_order": (list, tuple),
}
_LISTS = {"muted", "escalate", "channel_order"}
_NUMBERS = {"weekly_max", "escalate_hours"}
