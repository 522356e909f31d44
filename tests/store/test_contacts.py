"""Contacts: who is written to for a profile, and everything they decided, as columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, text

from profiles.columns import Column, day
from profiles.derived import months_between
from profiles.preference import CADENCES
from pushsvc.keyring import Keyring
from pushsvc.store.addresses import NewAddress, replace_addresses
from pushsvc.store.contacts import Contacts, load_contacts, years_before
from pushsvc.store.session import Connection, Engine, transaction
from pushsvc.store.tables import consent, member, preference, profile
from tests.clock import Clock

TODAY = date(2026, 6, 24)
DAILY = CADENCES.index("daily")
Make = Callable[..., int]


@pytest.fixture
def conn(engine: Engine) -> Iterator[Connection]:
    with transaction(engine) as connection:
        yield connection


@pytest.fixture
def make(conn: Connection, clock: Clock) -> Make:
    """A profile with these columns; its number."""
    made: list[int] = []

    def make_profile(kind: str = "citizen", **columns: object) -> int:
        values = {"ref": f"r{len(made)}", "kind": kind, "updated_at": clock(), **columns}
        made.append(conn.execute(insert(profile).values(values).returning(profile.c.id)).scalar_one())
        return made[-1]

    return make_profile


def load(conn: Connection, *ids: int, topic: str = "city") -> Contacts:
    return load_contacts(conn, np.array(ids, dtype=np.int64), topic=topic, today=TODAY)


def zones(found: Contacts) -> list[str]:
    return [found.zones[code] for code in found.zone]


def join(conn: Connection, firm: int, person: int, **columns: object) -> None:
    conn.execute(insert(member).values(profile_id=firm, person_id=person, **columns))


def say(conn: Connection, person: int, purpose: str, channel: str, *, given: bool = True) -> None:
    values = {"profile_id": person, "purpose": purpose, "channel": channel, "given": given}
    conn.execute(insert(consent).values(**values, wording="1", source="test", at=text("now()")))


def prefer(conn: Connection, person: int, **columns: object) -> None:
    conn.execute(insert(preference).values(profile_id=person, updated_at=text("now()"), **columns))


def test_a_citizen_is_their_own_recipient_with_the_defaults(conn: Connection, make: Make) -> None:
    person = make()
    found = load(conn, person)
    assert (found.recipient_id.tolist(), found.weekly_max.tolist(), zones(found)) == ([person], [3], ["Asia/Shanghai"])
    assert found.personalised.all()
    assert found.enabled.all()
    assert found.guardian_consent.all()
    assert not (found.erased | found.minor | found.muted | found.paused).any()
    assert found.address.tolist() == [[-1, -1, -1]]


def test_a_firm_is_written_to_through_the_members_who_want_it(conn: Connection, make: Make, clock: Clock) -> None:
    a, b, c, firm, alone = make(), make(), make(), make("enterprise"), make("cooperative")
    join(conn, firm, b)
    join(conn, firm, a)
    join(conn, firm, c, wants=False)
    join(conn, alone, c, left_at=clock())
    found = load(conn, alone, firm, a)
    assert found.profile_id.tolist() == [alone, firm, firm, a]
    assert found.recipient_id.tolist() == [0, a, b, a]


def test_the_newest_word_on_a_channel_counts(conn: Connection, make: Make) -> None:
    person = make()
    say(conn, person, "notify", "any")
    say(conn, person, "notify", "sms", given=False)
    say(conn, person, "recommend", "email")
    found = load(conn, person)
    assert found.consent_notify.tolist() == [[True, False, True]]
    assert found.consent_recommend.tolist() == [[False, False, True]]
    say(conn, person, "notify", "any", given=False)
    assert not load(conn, person).consent_notify.any()


def test_minors_need_a_guardian_until_fourteen(conn: Connection, make: Make) -> None:
    births = [date(2008, 6, 24), date(2008, 6, 25), date(2012, 6, 24), date(2012, 6, 25), None]
    people = [make(birth_date=born) for born in births]
    found = load(conn, *people)
    assert found.minor.tolist() == [False, True, True, True, False]
    assert found.guardian_consent.tolist() == [True, True, True, False, True]
    say(conn, people[3], "guardian", "any")
    assert load(conn, people[3]).guardian_consent.all()


def test_preferences_are_the_recipients(conn: Connection, make: Make) -> None:
    person, firm = make(locale="en", zone="Asia/Urumqi"), make("enterprise")
    join(conn, firm, person)
    hours = {"quiet_from": "22:00", "quiet_to": "07:30", "paused_until": date(2026, 6, 25)}
    prefer(conn, person, muted=["city"], cadence="daily", channels={"city": {"sms": False}}, email=False, **hours)
    found = load(conn, firm)
    assert (found.muted.tolist(), found.paused.tolist(), found.cadence.tolist()) == ([True], [True], [DAILY])
    assert found.enabled.tolist() == [[True, False, False]]
    assert (found.quiet_from.tolist(), found.quiet_to.tolist()) == ([1320], [450])
    assert zones(found) == ["Asia/Urumqi"]
    assert load(conn, firm, topic="elder").enabled.tolist() == [[True, True, False]]


def test_a_usable_address_goes_before_a_suppressed_one(
    conn: Connection, make: Make, keyring: Keyring, clock: Clock
) -> None:
    person = make()
    replace_addresses(
        conn, keyring, [NewAddress(person, "sms", "+8613800130217", "m"), NewAddress(person, "app", "t", "m")]
    )
    other = make()
    replace_addresses(conn, keyring, [NewAddress(other, "sms", "+8613800130218", "m")])
    conn.execute(text("insert into profile_address select :p, id from address where id = 3"), {"p": person})
    assert load(conn, person).address.tolist() == [[2, 3, -1]]
    conn.execute(text("insert into suppression select channel, lookup, 'bounce', 'x', now() from address where id = 3"))
    found = load(conn, person, other)
    assert found.address.tolist() == [[2, 1, -1], [-1, 3, -1]]
    assert found.suppressed.tolist() == [[False] * 3, [False, True, False]]


def test_an_erased_firm_or_member_is_erased(conn: Connection, make: Make, clock: Clock) -> None:
    person, firm, gone = make(), make("enterprise", erased_at=clock()), make(erased_at=clock())
    join(conn, firm, person)
    assert load(conn, firm, person, gone).erased.tolist() == [True, False, True]


def test_nobody_asked_for_is_nobody_found(conn: Connection) -> None:
    assert len(load(conn)) == 0
    assert load(conn).enabled.shape == (0, 3)


@given(
    st.dates(date(1980, 1, 1), date(2026, 6, 1)),
    st.dates(date(2026, 6, 24), date(2060, 1, 1)),
    st.sampled_from([14, 18]),
)
def test_ages_agree_with_those_that_criteria_are_decided_by(born: date, today: date, years: int) -> None:
    months = months_between(Column("date", np.array([day(born)], dtype=np.int32)), today)[0]
    assert (born > years_before(today, years)) == (months < 12 * years)
