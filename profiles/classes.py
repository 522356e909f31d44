"""Classes of messages, and the hours of the day in which a channel takes each class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from profiles.gates import CHANNELS, DOORS

CLASSES = ("public", "notice", "marketing")
PUBLIC, NOTICE, MARKETING = range(3)

# Commercial short messages may arrive between 08:00 and 22:00 Beijing time, whatever the person's own hours.
MARKETING_SMS = (8 * 60, 22 * 60)

_CLASS = {"entitled": PUBLIC, "subscribed": NOTICE, "recommended": MARKETING}
_OF_DOOR = np.array([_CLASS[door] for door in DOORS], dtype=np.int8)
_SMS = CHANNELS.index("sms")


def message_class(door: NDArray[np.int8]) -> NDArray[np.int8]:
    """int8[n] indices into DOORS -> int8[n] indices into CLASSES.

    What the law obliges us to tell is a public notice, what a person asked for a notice, what a model chose marketing.
    """
    return _OF_DOOR[door]


def channel_window(channel: NDArray[np.int8], kind: NDArray[np.int8]) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """When n messages may go out, in minutes of the Beijing day: int16[n] `opens` and, excluded, `closes`; -1 always.

    `channel` int8[n]: indices into CHANNELS; `kind` int8[n]: indices into CLASSES.
    """
    bound = (channel == _SMS) & (kind == MARKETING)
    opens, closes = (np.where(bound, minute, -1).astype(np.int16) for minute in MARKETING_SMS)
    return opens, closes
