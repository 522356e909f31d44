"""Escalation: which channel may follow a first message that nobody opened, and in which order channels are tried."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from profiles.gates import CHANNELS
from profiles.ragged import Mask
from profiles.sharing import best_column

APP = CHANNELS.index("app")
DEFAULT_ORDER = tuple(range(len(CHANNELS)))
ELDER_AGE = 65  # years, as the elder care of the city counts: from this birthday on a person may choose another order


def second(first: NDArray[np.int8], wish: Mask, order: NDArray[np.int8], open_: Mask) -> NDArray[np.int8]:
    """int8[n]: the channel (index into CHANNELS) of each row's second step, -1 none.

    `first` int8[n]: the channel the gates chose, -1 refused. `wish` bool[n, 3]: what the person wants to follow an
    unread message; `order` int8[n, 3]: best first; `open_` bool[n, 3]: the channels whose gates are open.
    There is a second step where the first goes by the app, or by the channel that the person put first; never on the
    same channel, and of several the one that comes first in the person's order.
    """
    rows = np.arange(len(first))
    begun = (first >= 0) & ((first == APP) | (first == order[:, 0]))
    may = wish & open_ & begun[:, None]
    may[rows[first >= 0], first[first >= 0]] = False
    return np.where(may.any(axis=1), best_column(may, order), -1).astype(np.int8)


def may_choose_order(born: date | None, today: date) -> bool:
    """Whether this person is of the age from which on the usual order of channels may be turned round.

    Nobody whose birthday is not known; who was born on 29 February has the birthday on the 28th of other years.
    """
    if born is None:
        return False
    birthday = born.month, min(born.day, monthrange(today.year, born.month)[1])
    return today.year - born.year - ((today.month, today.day) < birthday) >= ELDER_AGE


def whole_order(words: Sequence[str]) -> tuple[int, ...]:
    """A stored order of channels as indices of CHANNELS; what it does not name follows in the usual order.

    Names nobody knows are left out: an order once stored never stops a message.
    """
    named = dict.fromkeys(CHANNELS.index(word) for word in words if word in CHANNELS)
    return tuple(dict.fromkeys((*named, *DEFAULT_ORDER)))
