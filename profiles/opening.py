"""Windows that never open: hours and dates at which nothing could ever be sent are refused when they are saved."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta
from types import MappingProxyType

import numpy as np

from profiles.classes import MARKETING_SMS
from profiles.windows import BEIJING, NEVER, earliest, micros

# What `never_opens` answers -> what is said of it.
SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "ends_before_start": "It ends before it begins: nothing would ever be sent.",
        "already_over": "It has ended already: nothing would ever be sent.",
        "only_at_night": "Recommendations by SMS leave from 08:00 to 22:00 Beijing time only; all its time is night.",
    }
)
_MONTH, _MONTHS = timedelta(days=30), 13  # clocks are put forward and back within a year


def never_opens(
    starts: datetime | None,
    ends: datetime | None,
    *,
    now: datetime,
    doors: Collection[str],
    channels: Collection[str],
    emergency: bool = False,
) -> str:
    """Why a campaign with this beginning (None: now) and end (None: never) could send nothing; "" where it could.

    Its doors and channels by name. The codes are those of SENTENCES. An emergency goes by night too.
    """
    begins = now if starts is None else max(starts, now)
    if ends is None:
        return ""
    if starts is not None and ends <= starts:
        return "ends_before_start"
    if ends <= now:
        return "already_over"
    bound = set(doors) == {"recommended"} and set(channels) == {"sms"} and not emergency
    return "only_at_night" if bound and _opens(begins, BEIJING, -1, -1) >= micros(ends) else ""


def shuts_out_marketing(quiet_from: time | None, quiet_to: time | None, *, zone: str, now: datetime) -> bool:
    """Whether quiet hours in a zone leave no minute in which a recommendation may come by SMS.

    Where clocks change, they must leave one in summer and in winter. An unknown zone counts as Beijing's.
    """
    if quiet_from is None or quiet_to is None:
        return False
    hours = quiet_from.hour * 60 + quiet_from.minute, quiet_to.hour * 60 + quiet_to.minute
    return any(_opens(now + _MONTH * month, zone, *hours) == NEVER for month in range(_MONTHS))


def _opens(now: datetime, zone: str, quiet_from: int, quiet_to: int) -> int:
    """The first moment from `now` on for a recommendation by SMS, in microseconds since the epoch."""
    hours = [np.array([minute], dtype=np.int16) for minute in (quiet_from, quiet_to, *MARKETING_SMS)]
    return int(earliest(now, (np.zeros(1, dtype=np.int16), [zone]), hours[0], hours[1], hours[2], hours[3])[0])
