"""The stream of profiles as columns says what `load_frame` says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, insert, text

from profiles.columns import Column, Frame
from profiles.errors import ProfilesError
from profiles.facts import FACTS as ALL_FACTS
from profiles.facts import KINDS, LISTS, YEARLY
from pushsvc.store import tables
from pushsvc.store.changes import reading
from pushsvc.store.frames import FACTS, load_frame
from pushsvc.store.published import Batch, stream_profiles
from pushsvc.store.session import transaction
from tests import databases
from tests.store.loading import EPOCH, fill_profiles

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

# What a text may hold that PostgreSQL or a CSV writes in a way of its own.
ODD = [
    "a",
    "",
    "990105",
    "云湾",
    "a b",
    "a,b",
    'a"b',
    "a\\b",
    "\\",
    '"',
    "(x)",
    "{x}",
    "NULL",
    "null",
    "a\nb",
    "\\N",
    " ",
]
WORDS = st.sampled_from(ODD)
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
VALUES = {
    "number": st.sampled_from([0.0, 0.1, 1e-9, 123456789.123, 7.0, -3.5]),
    "flag": st.booleans(),
    "date": DAYS,
}


def of_fact(name: str) -> st.SearchStrategy[Any]:
    fact = ALL_FACTS[name]
    return st.none() | (VALUES[fact.kind] if fact.kind != "code" else st.sampled_from(fact.levels or ODD))


FIGURES = st.fixed_dictionaries(dict.fromkeys(YEARLY, of_fact("assets")))
LISTED = st.lists(WORDS, max_size=3)
PROFILES = st.fixed_dictionaries(
    {"kind": st.sampled_from(KINDS), "shard": st.integers(0, 63), "erased": st.booleans(), "interests": LISTED},
    optional={
        **{name: of_fact(name) for name in FACTS},
        **{name: st.none() | LISTED for name in LISTS if name != "interests"},
        "years": st.dictionaries(st.integers(2020, 2026), FIGURES),
        "papers": st.dictionaries(st.tuples(WORDS, DAYS), st.none() | DAYS, max_size=3),
        "family": st.dictionaries(WORDS, st.tuples(of_fact("birth_date"), of_fact("household_region")), max_size=3),
        "personalised": st.booleans(),
    },
)  # fmt: skip


@FEW
@given(people=st.lists(PROFILES, max_size=8), rows=st.integers(1, 4), asked=st.none() | st.sets(st.integers(0, 9)))
def test_the_stream_says_what_a_frame_says(
    engine: Engine, people: list[dict[str, Any]], rows: int, asked: set[int] | None
) -> None:
    databases.empty(engine)
    ids = None if asked is None else np.array([*asked, *asked], dtype=np.int64)
    with transaction(engine) as conn:
        add(conn, people)
    with reading(engine) as (conn, _):
        whole = load_frame(conn, profile_ids=ids)
        batches = list(stream_profiles(conn, profile_ids=ids, rows=rows))
    assert facts_of([batch.frame for batch in batches]) == facts_of([whole])
    assert all(0 < len(batch) <= rows for batch in batches)
    numbers = [number for batch in batches for number in batch.frame.ids.tolist()]
    assert [n for batch in batches for n in batch.shard.tolist()] == [people[n - 1]["shard"] for n in numbers]
    told = [bool(flag) for batch in batches for flag in batch.personalised]
    assert told == [people[number - 1].get("personalised", True) for number in numbers]


def add(conn: Connection, people: Sequence[dict[str, Any]]) -> None:
    """Profiles 1 to n with all that belongs to them."""
    for number, person in enumerate(people, start=1):
        held = {name: value for name, value in person.items() if name in (*FACTS, *LISTS, "kind", "shard")}
        erased = EPOCH if person["erased"] else None
        held |= {"ref": str(number), "updated_at": EPOCH, "erased_at": erased}
        conn.execute(insert(tables.profile).values(held))
        for year, values in person.get("years", {}).items():
            conn.execute(insert(tables.yearly_fact).values(profile_id=number, year=year, **values))
        for (key, start), end in person.get("papers", {}).items():
            row = {"profile_id": number, "key": key, "valid_from": start, "valid_until": end}
            conn.execute(insert(tables.qualification).values(**row, source="s", as_of=start))
        for ref, (born, region) in person.get("family", {}).items():
            row = {"profile_id": number, "ref": ref, "birth_date": born, "household_region": region}
            conn.execute(insert(tables.dependant).values(row))
        if "personalised" in person:
            choice = {"profile_id": number, "personalised": person["personalised"], "updated_at": EPOCH}
            conn.execute(insert(tables.preference).values(choice))


def facts_of(frames: Iterable[Frame]) -> dict[int, dict[str, object]]:
    """By profile all that is known of it, decoded; what is missing is left out."""
    found: dict[int, dict[str, object]] = {}
    for frame in frames:
        columns = {name: decoded(column) for name, column in frame.columns.items()}
        papers = frame.certificates()
        nested = {"family": frame.dependants, "papers": papers}
        members = {name: list(zip(*map(decoded, held.columns.values()), strict=True)) for name, held in nested.items()}
        for row, number in enumerate(frame.ids.tolist()):
            facts = {name: values[row] for name, values in columns.items() if values[row] is not None}
            facts["interests"] = frame.tags.words(row)
            for name in ("objectives", "benefits"):
                listing = frame.listing(name)
                facts[name] = listing.sets.words(row) if listing.told[row] else None
            for name, held in nested.items():
                facts[name] = members[name][held.offsets[row] : held.offsets[row + 1]]
            found[number] = facts
    return found


def decoded(column: Column) -> list[object]:
    """Each value as a Python object, None where it is missing."""
    values = column.values.tolist()
    if column.kind == "code":
        return [column.levels[code] if code >= 0 else None for code in values]
    return [value if known else None for value, known in zip(values, column.known().tolist(), strict=True)]


def test_an_empty_register_is_an_empty_stream(engine: Engine) -> None:
    with reading(engine) as (conn, _):
        assert list(stream_profiles(conn)) == []
        assert list(stream_profiles(conn, profile_ids=np.array([], dtype=np.int64))) == []


def test_thousands_of_profiles_come_whole_and_are_counted(engine: Engine) -> None:
    fill_profiles(engine, 3000)
    done: list[int] = []
    with reading(engine) as (conn, _):
        batches = list(stream_profiles(conn, rows=1000, progress=done.append))
        assert done == [1000, 1000, 1000]
        assert facts_of([batch.frame for batch in batches]) == facts_of([load_frame(conn)])
    assert not any("hardship" in batch.frame.columns for batch in batches)


def test_a_stream_that_is_left_early_gives_the_connection_back(engine: Engine) -> None:
    fill_profiles(engine, 300)
    with reading(engine) as (conn, _):
        stream = stream_profiles(conn, rows=50)
        assert len(next(stream)) == 50
        stream.close()
        assert conn.scalar(text("select count(*) from profile")) == 300
        assert conn.scalar(text("show enable_seqscan")) == "on"


def test_what_is_written_meanwhile_is_not_in_the_stream(engine: Engine) -> None:
    fill_profiles(engine, 300)
    with reading(engine) as (conn, _):
        stream = stream_profiles(conn, rows=100)
        found = len(next(stream))
        fill_profiles(engine, 500, after=300)
        assert found + sum(map(len, stream)) == 300


def test_a_level_nobody_knows_is_refused_with_its_fact(engine: Engine) -> None:
    fill_profiles(engine, 3)
    with transaction(engine) as conn:
        conn.execute(text("update profile set sex = 'x' where id = 2"))
    with reading(engine) as (conn, _), pytest.raises(ProfilesError) as caught:
        list(stream_profiles(conn))
    assert (caught.value.code, caught.value.place) == ("unknown_level", "sex")


def test_a_batch_says_how_many_it_holds(engine: Engine) -> None:
    fill_profiles(engine, 7)
    with reading(engine) as (conn, _):
        (batch,) = stream_profiles(conn)
    assert isinstance(batch, Batch)
    assert len(batch) == len(batch.frame) == len(batch.shard) == len(batch.personalised) == 7
