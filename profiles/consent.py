"""The consent ledger -> what holds now. Append-only: the latest entry that speaks of a purpose and channel decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from profiles.errors import ProfilesError
from profiles.gates import CHANNELS
from profiles.ragged import Mask, Rows

PURPOSES = ("notify", "recommend", "sensitive", "guardian", "dependants")
LEDGER_CHANNELS = (*CHANNELS, "any")
_ANY = len(CHANNELS)


class ConsentError(ProfilesError):
    """An entry names no known purpose or channel."""


@dataclass(frozen=True)
class Ledger:
    """m entries in the order they were written: `row` of the recipient, indices into PURPOSES and LEDGER_CHANNELS."""

    row: Rows
    purpose: NDArray[np.int8]
    channel: NDArray[np.int8]
    given: Mask


def ledger(entries: Iterable[tuple[int, str, str, bool]]) -> Ledger:
    """Columns from (row, purpose, channel, given) in the order they were written. Raises ConsentError."""
    kept = list(entries)
    try:
        purpose = [PURPOSES.index(entry[1]) for entry in kept]
        channel = [LEDGER_CHANNELS.index(entry[2]) for entry in kept]
    except ValueError as exc:
        raise ConsentError("unknown_consent", "", "A consent names an unknown purpose or channel.") from exc
    return Ledger(
        np.array([entry[0] for entry in kept], dtype=np.int64),
        np.array(purpose, dtype=np.int8),
        np.array(channel, dtype=np.int8),
        np.array([entry[3] for entry in kept], dtype=np.bool_),
    )


def latest(entries: Ledger, *, n: int, purpose: str) -> Mask:
    """bool[n, 3] in the order of CHANNELS: whether consent for the purpose holds now. No entry: no consent.

    An entry for "any" speaks of every channel, until a later one speaks of the channel itself, and the other way round.
    """
    of_purpose = np.flatnonzero(entries.purpose == PURPOSES.index(purpose))
    result = np.zeros((n, len(CHANNELS)), dtype=np.bool_)
    for axis in range(len(CHANNELS)):
        spoken = entries.channel[of_purpose]
        mine = of_purpose[(spoken == axis) | (spoken == _ANY)]
        result[entries.row[mine], axis] = entries.given[mine]  # the last write of a row wins: the latest entry
    return result


def holds(entries: Ledger, *, n: int, purpose: str) -> Mask:
    """bool[n]: whether consent that knows no channel (sensitive, guardian) holds now."""
    mine = np.flatnonzero(entries.purpose == PURPOSES.index(purpose))
    result = np.zeros(n, dtype=np.bool_)
    result[entries.row[mine]] = entries.given[mine]
    return result
