"""Whom we would write to for a profile, and all that person decided about it, as columns for the gates."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from profiles.consent import holds, latest, ledger
from profiles.gates import CHANNELS
from profiles.preference import (
    DEFAULT,
    Preference,
    enabled_matrix,
    muted_mask,
    parse_preference,
    paused_mask,
    quiet_minutes,
)
from pushsvc.store.session import Connection

PERSONS = ("citizen", "self_employed")  # these are their own recipients; all others are written to through members
ADULT, OWN_CONSENT = 18, 14  # years: below 18 nothing is recommended; below 14 a guardian's consent is needed

_RECIPIENTS = text("""
    with given as (select id, ord from unnest(cast(:ids as bigint[])) with ordinality as t(id, ord)),
    pair as (
        select g.ord, p.id as profile_id, p.erased_at is not null as erased,
               case when p.kind = any(:persons) then p.id else m.person_id end as recipient_id
        from given g join profile p on p.id = g.id
        left join member m on m.profile_id = p.id and m.wants and m.left_at is null and p.kind <> all(:persons)
    )
    select pair.profile_id, coalesce(pair.recipient_id, 0), pair.erased or coalesce(r.erased_at is not null, false),
           r.birth_date, coalesce(r.zone, 'Asia/Shanghai'), coalesce(r.locale, 'zh'), f.profile_id is not null,
           f.personalised, f.entitled, f.cadence, f.weekly_max, f.quiet_from, f.quiet_to, f.paused_until, f.muted,
           f.app, f.sms, f.email, f.channels
    from pair left join profile r on r.id = pair.recipient_id
    left join preference f on f.profile_id = pair.recipient_id
    order by pair.ord, pair.recipient_id
""")

# One address a channel: one that may be used before one that may not, a verified one before another, then the newest.
_ADDRESSES = text("""
    select distinct on (pa.profile_id, a.channel) pa.profile_id, a.channel, a.id, s.channel is not null as suppressed
    from profile_address pa join address a on a.id = pa.address_id
    left join suppression s on s.channel = a.channel and s.lookup = a.lookup
    where pa.profile_id = any(:ids)
    order by pa.profile_id, a.channel, suppressed, a.verified_at is null, a.id desc
""")

_CONSENTS = text("""
    select profile_id, purpose, channel, given from (
        select distinct on (profile_id, purpose, channel) * from consent
        where profile_id = any(:ids) and purpose in ('notify', 'recommend', 'guardian')
        order by profile_id, purpose, channel, id desc
    ) latest order by id
""")


@dataclass(frozen=True)
class Contacts:
    """One row for each (profile, recipient); matrices are n × 3 in the order app, sms, email.

    `recipient_id` is 0 where the profile has nobody to write to; `address` is -1 where there is none; quiet hours are
    minutes of the day in the recipient's zone, -1 for none; `weekly_max` 0 means no limit.
    """

    profile_id: NDArray[np.int64]
    recipient_id: NDArray[np.int64]
    erased: NDArray[np.bool_]
    personalised: NDArray[np.bool_]
    entitled_on: NDArray[np.bool_]
    minor: NDArray[np.bool_]
    guardian_consent: NDArray[np.bool_]
    muted: NDArray[np.bool_]
    paused: NDArray[np.bool_]
    weekly_max: NDArray[np.int32]
    address: NDArray[np.int64]
    suppressed: NDArray[np.bool_]
    consent_notify: NDArray[np.bool_]
    consent_recommend: NDArray[np.bool_]
    enabled: NDArray[np.bool_]
    zone: list[str]
    quiet_from: NDArray[np.int16]
    quiet_to: NDArray[np.int16]
    locale: list[str]
    cadence: list[str]

    def __len__(self) -> int:
        return len(self.profile_id)


def load_contacts(conn: Connection, profile_ids: NDArray[np.int64], *, topic: str, today: date) -> Contacts:
    """The recipients of the given profiles, in the given order, then by recipient id: three statements for any number.

    `topic` decides muting and channel choices; `today` (in the city's zone) decides ages and pauses.
    """
    rows = conn.execute(_RECIPIENTS, {"ids": profile_ids.tolist(), "persons": list(PERSONS)}).all()
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * _WIDTH
    chosen = [_preference(row) for row in rows]
    recipients = np.array(columns[1], dtype=np.int64)
    address, suppressed = _addresses(conn, recipients)
    notify, recommend, guardian = _consents(conn, recipients)
    quiet_from, quiet_to = quiet_minutes(chosen)
    return Contacts(
        profile_id=np.array(columns[0], dtype=np.int64),
        recipient_id=recipients,
        erased=np.array(columns[2], dtype=bool),
        personalised=np.array([one.personalised for one in chosen], dtype=bool),
        entitled_on=np.array([one.entitled for one in chosen], dtype=bool),
        minor=_younger(columns[3], ADULT, today),
        guardian_consent=~_younger(columns[3], OWN_CONSENT, today) | guardian,
        muted=muted_mask(chosen, topic),
        paused=paused_mask(chosen, today),
        weekly_max=np.array([one.weekly_max for one in chosen], dtype=np.int32),
        address=address,
        suppressed=suppressed,
        consent_notify=notify,
        consent_recommend=recommend,
        enabled=enabled_matrix(chosen, topic),
        zone=list(columns[4]),
        quiet_from=quiet_from,
        quiet_to=quiet_to,
        locale=list(columns[5]),
        cadence=[one.cadence for one in chosen],
    )


_PREFERENCE = 6  # where the preference's own columns begin: whether there is one, then its fields in this order
_NAMES = (
    *("personalised", "entitled", "cadence", "weekly_max", "quiet_from", "quiet_to", "paused_until", "muted"),
    *("app", "sms", "email", "channels"),
)
_WIDTH = _PREFERENCE + 1 + len(_NAMES)


def _preference(row: Sequence[Any]) -> Preference:
    if not row[_PREFERENCE]:
        return DEFAULT
    return parse_preference(dict(zip(_NAMES, row[_PREFERENCE + 1 :], strict=True)))


def _younger(births: Sequence[date | None], years: int, today: date) -> NDArray[np.bool_]:
    """bool[n]: who is surely below that age today."""
    limit = _years_before(today, years)
    return np.array([born is not None and born > limit for born in births], dtype=bool)


def _years_before(day: date, years: int) -> date:
    """A person born after this day is younger than `years` on `day`; 28 February counts for the 29th."""
    year, last = day.year - years, monthrange(day.year, day.month)[1]
    return day.replace(year=year, day=monthrange(year, day.month)[1] if day.day == last else day.day)


def _addresses(conn: Connection, recipients: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    people, places = np.unique(recipients, return_inverse=True)
    row_of = {person: row for row, person in enumerate(people.tolist())}
    ids = np.full((len(people), len(CHANNELS)), -1, dtype=np.int64)
    suppressed = np.zeros((len(people), len(CHANNELS)), dtype=bool)
    for person, channel, address_id, bad in conn.execute(_ADDRESSES, {"ids": list(row_of)}):
        cell = row_of[person], CHANNELS.index(channel)
        ids[cell], suppressed[cell] = address_id, bad
    return ids[places], suppressed[places]


def _consents(conn: Connection, recipients: NDArray[np.int64]) -> tuple[NDArray[np.bool_], ...]:
    """Live consent to be notified and to be recommended to (n × 3), and the guardian's (n)."""
    people, places = np.unique(recipients, return_inverse=True)
    row_of = {person: row for row, person in enumerate(people.tolist())}
    rows = conn.execute(_CONSENTS, {"ids": list(row_of)})
    entries = ledger((row_of[person], purpose, channel, given) for person, purpose, channel, given in rows)
    n = len(people)
    notify, recommend = latest(entries, n=n, purpose="notify"), latest(entries, n=n, purpose="recommend")
    return notify[places], recommend[places], holds(entries, n=n, purpose="guardian")[places]
