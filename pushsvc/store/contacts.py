"""Whom we would write to for a profile, and all that person decided about it, as columns for the gates."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.consent import LEDGER_CHANNELS, PURPOSES, Ledger, holds, latest
from profiles.escalation import ELDER_AGE
from profiles.gates import CHANNELS
from pushsvc.store.columns_out import read_columns
from pushsvc.store.session import Connection
from pushsvc.store.wish_columns import load_wishes

PERSONS = ("citizen", "self_employed")  # these are their own recipients; all others are written to through members
ADULT, OWN_CONSENT = 18, 14  # years: below 18 nothing is recommended; below 14 a guardian's consent is needed
CITY = "Asia/Shanghai"  # the zone of whoever has told none
_NO_BIRTH = -(2**31)  # nobody is younger by it

Mask = NDArray[np.bool_]
Ids = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Contacts:
    """One row for each (profile, recipient); matrices are n × 3 in the order app, sms, email.

    `recipient_id` is 0 where the profile has nobody to write to; `address` is -1 where there is none; quiet hours are
    minutes of the day in the recipient's zone, -1 for none; `weekly_max` 0 means no limit. `zone`, `order` int32[n]:
    codes into `zones` and `orders` ("" or channels by space, best first); `cadence` int8[n]: into CADENCES; `english`:
    wants English, all others read Chinese. `opted_out`: an address's owner wants no more there, which spares what a
    duty requires; `suppressed` spares nothing.
    `escalate`: the channels that may follow an app message not opened within `escalate_hours`.
    """

    profile_id: Ids
    recipient_id: Ids
    erased: Mask
    personalised: Mask
    entitled_on: Mask
    minor: Mask
    guardian_consent: Mask
    elder: Mask
    muted: Mask
    paused: Mask
    weekly_max: NDArray[np.int32]
    address: Ids
    suppressed: Mask
    opted_out: Mask
    consent_notify: Mask
    consent_recommend: Mask
    enabled: Mask
    english: Mask
    zone: NDArray[np.int32]
    zones: tuple[str, ...]
    quiet_from: NDArray[np.int16]
    quiet_to: NDArray[np.int16]
    cadence: NDArray[np.int8]
    escalate: Mask
    escalate_hours: NDArray[np.int16]
    order: NDArray[np.int32]
    orders: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.profile_id)

    def take(self, rows: NDArray[Any]) -> Contacts:
        """Some of the rows (indices), in the given order."""
        return Contacts(**{k: v[rows] if isinstance(v, np.ndarray) else v for k, v in vars(self).items()})


def load_contacts(conn: Connection, profile_ids: Ids, *, topic: str, today: date) -> Contacts:
    """The recipients of the given profiles, in the given order, then by recipient id: four statements for any number.

    `topic` decides muting and channel choices; `today` (in the city's zone) decides ages and pauses.
    """
    found = _recipients(conn, profile_ids)
    people, places = np.unique(found["recipient_id"], return_inverse=True)
    wishes = load_wishes(conn, people, topic=topic, today=today)
    address, stopped = _addresses(conn, people)
    entries = _consents(conn, people)
    guardian = holds(entries, n=len(people), purpose="guardian")[places]
    born, (zone, zones) = found["born"], found["zone"]
    return Contacts(
        profile_id=found["profile_id"],
        recipient_id=found["recipient_id"],
        erased=found["erased"] > 0,
        minor=born > _days(years_before(today, ADULT)),
        guardian_consent=~(born > _days(years_before(today, OWN_CONSENT))) | guardian,
        elder=(born != _NO_BIRTH) & (born <= _days(years_before(today, ELDER_AGE))),
        address=address[places],
        suppressed=(stopped == STOPPED)[places],
        opted_out=(stopped == OPTED_OUT)[places],
        consent_notify=latest(entries, n=len(people), purpose="notify")[places],
        consent_recommend=latest(entries, n=len(people), purpose="recommend")[places],
        english=found["english"] > 0,
        zone=zone,
        zones=zones,
        orders=wishes.orders,
        **{name: column[places] for name, column in vars(wishes).items() if name != "orders"},
    )


def may_be_looked_at(conn: Connection, profile_id: int, today: date) -> bool | None:
    """Whether a list may look at the profile: nobody who is written to for it is a minor, or wishes no such list.

    None: there is no such profile, or it is erased.
    """
    found = _recipients(conn, np.array([profile_id], dtype=np.int64))
    if not len(found["profile_id"]) or bool((found["erased"] > 0).all()):
        return None
    people, places = np.unique(found["recipient_id"], return_inverse=True)
    wishes = load_wishes(conn, people, topic="", today=today)
    minor = found["born"] > _days(years_before(today, ADULT))
    return bool((wishes.personalised[places] & ~minor).all())


# A firm's recipients are its members who want to be; everybody else is their own. (Comparing with null costs nothing,
# so no member is looked up for a person.)
_FIRST_DAY = "date '1970-01-01'"
_READ = {
    "profile_id": "p.id",
    "recipient_id": f"case when p.kind in {PERSONS} then p.id else coalesce(r.id, 0) end",
    "erased": "(p.erased_at is not null or r.erased_at is not null)::int",
    "born": f"coalesce((case when r.id is null then p.birth_date else r.birth_date end) - {_FIRST_DAY}, {_NO_BIRTH})",
    "english": "coalesce(coalesce(r.locale, p.locale) like 'en%', false)::int",
    "zone": f"coalesce(r.zone, p.zone, '{CITY}')",
}
_RECIPIENTS = f"""
    select {", ".join(_READ.values())} from profile p
    left join member m on m.profile_id = case when p.kind in {PERSONS} then null else p.id end
        and m.wants and m.left_at is null
    left join profile r on r.id = m.person_id
    where p.id = any(cast({{ids}} as bigint[]))
"""
_COLUMNS = {name: "word" if name == "zone" else "int" for name in _READ}


def _recipients(conn: Connection, profile_ids: Ids) -> dict[str, Any]:
    """The columns of _READ in the order of `profile_ids`, then by recipient."""
    found = read_columns(conn, _RECIPIENTS, _COLUMNS, ids=profile_ids)
    order = np.argsort(profile_ids, kind="stable")
    place = order[np.searchsorted(profile_ids, found["profile_id"], sorter=order)]
    rows = np.lexsort((found["recipient_id"], place))
    zone, zones = found.pop("zone")
    return {name: column[rows] for name, column in found.items()} | {"zone": (zone[rows], zones)}


# One address a channel: one that may be used before one that may not, a verified one before another, then the newest.
OPTED_OUT, STOPPED = 1, 2  # how far an address may be used: 0 for anything, then for what a duty requires, for nothing
_STOPPED = f"case when s.channel is null then 0 when s.reason = 'opt_out' then {OPTED_OUT} else {STOPPED} end"
_ADDRESSES = f"""
    select distinct on (pa.profile_id, a.channel) pa.profile_id, array_position(array{list(CHANNELS)}, a.channel) - 1,
        a.id, {_STOPPED}
    from profile_address pa join address a on a.id = pa.address_id
    left join suppression s on s.channel = a.channel and s.lookup = a.lookup
    where pa.profile_id = any(cast({{ids}} as bigint[]))
    order by pa.profile_id, a.channel, {_STOPPED}, a.verified_at is null, a.id desc
"""
# An entry is one number, so that the latest is the largest and nothing is sorted there: id, purpose, channel, given.
_CONSENTS = f"""
    select profile_id, id * 128 + (array_position(array{list(PURPOSES)}, purpose) - 1) * 16
        + (array_position(array{list(LEDGER_CHANNELS)}, channel) - 1) * 2 + given::int
    from consent where profile_id = any(cast({{ids}} as bigint[])) and purpose in ('notify', 'recommend', 'guardian')
"""


def _addresses(conn: Connection, people: Ids) -> tuple[Ids, NDArray[np.int8]]:
    """The address of each of `people` (rising) by channel, and how far it may be used."""
    names = dict.fromkeys(("profile_id", "channel", "id", "stopped"), "int")
    found = read_columns(conn, _ADDRESSES, names, ids=people)
    ids = np.full((len(people), len(CHANNELS)), -1, dtype=np.int64)
    stopped = np.zeros((len(people), len(CHANNELS)), dtype=np.int8)
    cells = np.searchsorted(people, found["profile_id"]), found["channel"]
    ids[cells], stopped[cells] = found["id"], found["stopped"]
    return ids, stopped


def _consents(conn: Connection, people: Ids) -> Ledger:
    """What each of `people` (rising) said of each purpose and channel, the latest last."""
    found = read_columns(conn, _CONSENTS, dict.fromkeys(("profile_id", "entry"), "int"), ids=people)
    order = np.argsort(found["entry"])
    entry, whose = found["entry"][order], np.searchsorted(people, found["profile_id"][order])
    return Ledger(whose, (entry >> 4 & 7).astype(np.int8), (entry >> 1 & 7).astype(np.int8), entry & 1 > 0)


def years_before(day: date, years: int) -> date:
    """A person born after this day is younger than `years` on `day`; 28 February counts for the 29th."""
    year, last = day.year - years, monthrange(day.year, day.month)[1]
    return day.replace(year=year, day=monthrange(year, day.month)[1] if day.day == last else day.day)


def _days(day: date) -> int:
    return (day - date(1970, 1, 1)).days
