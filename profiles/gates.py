"""All the gates in order, over columns: contact on which channel, or a refusal with its name.

Gates of the person come first; those of a channel are tried channel by channel in the order of choice. Deciding all
rows at once, one at a time, or in any chunks gives the same answers, as long as the caller carries forward what
earlier rows used (see `GateInput`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.ragged import Mask
from profiles.sharing import assign, best_column

CHANNELS = ("app", "sms", "email")
DOORS = ("entitled", "subscribed", "recommended")
ENTITLED, SUBSCRIBED, RECOMMENDED = range(3)

CODES = (
    "",
    "erased",
    "suppressed",
    "no_basis",
    "entitled_off",
    "personalised_off",
    "minor",
    "no_guardian_consent",
    "muted",
    "paused",
    "told",
    "cap",
    "same_address",
    "no_address",
)
_CODE = {name: index for index, name in enumerate(CODES)}


@dataclass(frozen=True)
class GateInput:
    """n candidate rows (selection × recipient) in run order.

    `week_count`: recommended deliveries of the last 7 days, those decided earlier in this run included. `weekly_max`:
    0 means no limit. Of shape (n, 3) in the order of CHANNELS: `has_address`, `suppressed`, `consent` (for the door's
    purpose), `enabled` (preferences), `address` (id, -1 none) and `taken` (the address is used in this run by another).
    `opted_out`, of that shape too, None for nobody: its owner wants no more there, which spares what a duty requires.
    `duty`: a recorded legal duty is the campaign's basis. `recipient` int64[n]: rows with the same one are the same
    person, written to once a run; for a person written to in an earlier chunk, set `taken` on every channel.
    `order` int8 (n, 3): the indices of CHANNELS, each row's best first; None: app, sms, email for everybody.
    `emergency`: an emergency notice, approved as such, passes the cap (and no other gate).
    """

    door: NDArray[np.int8]
    erased: Mask
    personalised: Mask
    entitled_on: Mask
    minor: Mask
    guardian_consent: Mask
    muted: Mask
    paused: Mask
    told: Mask
    week_count: NDArray[np.int32]
    weekly_max: NDArray[np.int32]
    has_address: Mask
    suppressed: Mask
    consent: Mask
    enabled: Mask
    address: NDArray[np.int64]
    taken: Mask
    mandatory: bool = False
    duty: bool = False
    recipient: NDArray[np.int64] | None = None
    emergency: bool = False
    order: NDArray[np.int8] | None = None
    opted_out: Mask | None = None

    def __len__(self) -> int:
        return len(self.door)

    def take(self, rows: NDArray[Any]) -> GateInput:
        """The same input for these rows, in that order."""
        arrays = {k: v[rows] if isinstance(v, np.ndarray) else v for k, v in vars(self).items()}
        return GateInput(**arrays)


@dataclass(frozen=True)
class GateResult:
    """`channel` int8[n]: index into CHANNELS, -1 where refused. `code` int8[n]: index into CODES, 0 where contacted.
    `blocked` int8[n]: the channel that got furthest before it was refused, of equals the one that comes first in the
    row's order; -1 where none was tried. `open_` bool[n, 3]: the channels that may be used by what is known of this row
    alone, whoever else of the run uses the address: among these a second step finds its channel."""

    channel: NDArray[np.int8]
    code: NDArray[np.int8]
    blocked: NDArray[np.int8]
    open_: Mask

    def names(self) -> list[str]:
        """The refusal code of each row; "" where the person is contacted."""
        return [CODES[code] for code in self.code]


def decide_gates(given: GateInput) -> GateResult:
    """Every row through every gate."""
    n = len(given)
    code = person_gates(given)
    usable = given.has_address & (given.address >= 0) & (given.enabled | given.mandatory)
    reason = _channel_reasons(given, usable)
    mine = usable & np.isin(reason, [0, _CODE["same_address"]]) & (code == 0)[:, None]
    channel = assign((reason == 0) & (code == 0)[:, None], given.address, given.recipient, order=given.order)
    tried = (code == 0) & (channel < 0)
    reason = np.where(usable & (reason == 0), np.int8(_CODE["same_address"]), reason)
    furthest = np.where(usable, reason, 0)
    worst = np.where(usable.any(axis=1), furthest.max(axis=1, initial=0), _CODE["no_address"])
    code = np.where(tried, worst, code)
    blocked = np.where(tried & usable.any(axis=1), best_column(furthest, given.order), -1) if n else np.zeros(0)
    return GateResult(channel, code.astype(np.int8), blocked.astype(np.int8), mine)


def person_gates(given: GateInput) -> NDArray[np.int8]:
    """int8[n]: the first gate of the person that is shut, 0 none."""
    recommended, entitled = given.door == RECOMMENDED, given.door == ENTITLED
    optional = not given.mandatory
    shut = (
        ("erased", given.erased),
        ("entitled_off", entitled & ~given.entitled_on & optional),
        ("personalised_off", recommended & ~given.personalised),
        ("minor", recommended & given.minor),
        ("no_guardian_consent", ~given.guardian_consent),
        ("muted", given.muted & optional),
        ("paused", given.paused & optional),
        ("told", given.told),
        ("cap", recommended & over_cap(given.week_count, given.weekly_max) & (not given.emergency)),
    )
    codes = [np.int8(_CODE[name]) for name, _ in shut]
    return np.select([mask for _, mask in shut], codes, default=np.int8(0)).astype(np.int8)


def over_cap(week_count: NDArray[np.int32], weekly_max: NDArray[np.int32]) -> Mask:
    """bool[n]: no recommended message is left this week; a maximum of 0 is no limit."""
    return np.asarray((weekly_max > 0) & (week_count >= weekly_max))


def _channel_reasons(given: GateInput, usable: Mask) -> NDArray[np.int8]:
    """int8[n, 3]: why a usable channel is shut before anybody else's use of the address is looked at; 0 open."""
    by_duty = (given.door == ENTITLED) & given.duty
    opted_out = np.zeros_like(given.suppressed) if given.opted_out is None else given.opted_out
    conditions = [
        ~usable,
        given.suppressed | (opted_out & ~by_duty[:, None]),
        ~(given.consent | by_duty[:, None]),
        given.taken,
    ]
    names = ("no_address", "suppressed", "no_basis", "same_address")
    return np.select(conditions, [np.int8(_CODE[name]) for name in names], default=np.int8(0)).astype(np.int8)
