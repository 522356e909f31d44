"""Rolling limits on recommended messages: the last seven days, reservations included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from profiles.errors import ProfilesError
from profiles.ragged import Rows

WEEK = timedelta(days=7)


def week_counts(rows: Rows, at: NDArray[np.datetime64], *, n: int, now: datetime) -> NDArray[np.int32]:
    """int32[n]: how many of m past deliveries each recipient row got in the week before `now`.

    `rows` int64[m] in 0..n-1; `at` datetime64[m] in UTC. A delivery exactly seven days old no longer counts, one
    planned for later than `now` does: it is a reservation.
    """
    if now.tzinfo is None:
        raise ProfilesError("naive", "now", "The moment must know its offset.")
    start = (now - WEEK).astimezone(UTC).replace(tzinfo=None)
    recent = at > np.datetime64(start, "us")
    return np.bincount(rows[recent], minlength=n).astype(np.int32)
