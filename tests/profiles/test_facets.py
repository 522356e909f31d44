"""A breakdown counts every chosen profile under the values of its own facts."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.facets import AGE_BANDS, MISSING, breakdown, memberships
from profiles.facts import KINDS
from profiles.lifecycle import derive
from profiles.snapshot.segments import Snapshot
from profiles.snapshot.views import decoded
from tests.profiles.criteria.strategies import people
from tests.profiles.encoding import snapshot_of
from tests.profiles.making import TODAY


def everybody(snapshot: Snapshot) -> list[Any]:
    return [np.arange(len(one)) for one in snapshot.segments]


def test_districts_take_their_streets_in_and_the_most_come_first() -> None:
    city = snapshot_of([{"region": "330106002"}, {"region": "330106"}, {"region": "330105"}, {}])
    assert breakdown(city, everybody(city), on=TODAY)["district"] == {"330106": 2, "330105": 1, MISSING: 1}


def test_ages_stand_in_their_order_and_those_not_born_yet_are_missing() -> None:
    born = [TODAY.replace(year=TODAY.year - years) for years in (0, 2, 3, 17, 18, 59, 60, 80, 101)]
    city = snapshot_of([{"birth_date": one} for one in (*born, TODAY.replace(year=2030))])
    ages = breakdown(city, everybody(city), on=TODAY)["age"]
    assert list(ages.items()) == [*zip(AGE_BANDS, [2, 1, 1, 1, 1, 1, 2], strict=True), (MISSING, 1)]


def test_firms_have_sections_and_sizes_and_residents_have_none() -> None:
    firm = {"kind": "enterprise", "industry": "I6513", "employees": 5, "revenue": 20, "assets": 9}
    city = snapshot_of([firm, {"kind": "enterprise"}, {}])
    found = breakdown(city, everybody(city), on=TODAY)
    assert found["section"] == {"I": 1, MISSING: 1}
    assert found["size"] == {"micro": 1, MISSING: 1}
    assert found["kind"] == {"citizen": 1, "enterprise": 2}


def test_a_kind_of_which_nobody_told_the_fact_is_missing_it() -> None:
    city = snapshot_of([{"kind": "enterprise"}, {"kind": "enterprise"}])
    assert breakdown(city, everybody(city), on=TODAY)["section"] == {MISSING: 2}


def test_nobody_chosen_is_nobody_counted() -> None:
    city = snapshot_of([{"region": "330106"}])
    found = breakdown(city, [np.zeros(0, dtype=np.int64) for _ in city.segments], on=TODAY)
    assert not any(found.values())


@settings(max_examples=100, deadline=None)
@given(crowd=st.lists(people, min_size=1, max_size=12), data=st.data())
def test_a_breakdown_is_what_counting_one_by_one_gives(crowd: list[Any], data: st.DataObject) -> None:
    city = snapshot_of(crowd, shards=3)
    masks = [np.array([data.draw(st.booleans()) for _ in range(len(one))], dtype=bool) for one in city.segments]
    found = breakdown(city, [np.flatnonzero(mask) for mask in masks], on=TODAY)
    stages, kinds, districts = Counter[str](), Counter[str](), Counter[str]()
    for frame, mask in zip(decoded(city), masks, strict=True):
        chosen = derive(frame, TODAY).take(mask)
        region, kind = chosen.column("region"), chosen.columns["kind"]
        for row in range(len(chosen)):
            stages.update(chosen.stages.words(row))
            kinds[KINDS[kind.values[row]]] += 1
            code = region.values[row]
            districts[region.levels[code][:6] if code >= 0 else MISSING] += 1
    assert (found["stage"], found["kind"], found["district"]) == (dict(stages), dict(kinds), dict(districts))


@settings(max_examples=60, deadline=None)
@given(crowd=st.lists(people, min_size=1, max_size=12), data=st.data())
def test_memberships_counted_are_the_breakdown(crowd: list[Any], data: st.DataObject) -> None:
    city = snapshot_of(crowd, shards=3)
    rows = [np.flatnonzero([data.draw(st.booleans()) for _ in range(len(one))]) for one in city.segments]
    found = memberships(list(zip(city.segments, rows, strict=True)), ("district", "size", "stage", "age"), on=TODAY)
    counts: dict[str, dict[str, int]] = {name: {} for name in ("district", "size", "stage", "age")}
    for (name, value), n in zip(found.groups, np.bincount(found.codes, minlength=len(found.groups)), strict=True):
        counts[name] |= {value: int(n)} if n else {}
    expected = breakdown(city, rows, on=TODAY)
    assert counts == {name: expected[name] for name in counts}
    assert len(set(zip(found.owners.tolist(), found.codes.tolist(), strict=True))) == len(found.owners)
    assert not len(found.owners) or 0 <= found.owners.min() <= found.owners.max() < sum(map(len, rows))
