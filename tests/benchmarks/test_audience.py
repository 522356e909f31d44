"""The audience benchmark on a small city: every way it measures gives the same answer; nothing is timed here."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import numpy as np
import pytest

from benchmarks.audience import TOKENS, TOP, live_count, measure, model_of, same_as, select, sizes
from benchmarks.audience_questions import questions
from benchmarks.audience_rivals import POLICY, by_pandas, floor_of, limit_of, table_of
from benchmarks.city import SHARES, city, mapped_city
from benchmarks.city_people import ON
from benchmarks.engines import ENGINES, blocks, in_numpy, needed
from benchmarks.engines_question import Counts, question_of
from benchmarks.growth import measure as measure_growth
from profiles.criteria import decide, parse
from profiles.lifecycle import derive
from profiles.snapshot.segments import Snapshot
from profiles.snapshot.views import decoded
from recommenders.audience import scores
from recommenders.features import profile_rows
from recommenders.linear import plan_scores

PROFILES = 20_000


@pytest.fixture(scope="module")
def snapshot() -> Iterator[Snapshot]:
    with mapped_city(PROFILES) as made:
        yield made


@pytest.mark.parametrize("top", [1, 300, TOP])
def test_ours_pandas_and_one_profile_after_another_choose_the_same(snapshot: Snapshot, top: int) -> None:
    model = model_of(snapshot)
    ours = select(snapshot, parse(POLICY), model, top)
    same_as(ours, by_pandas(table_of(snapshot, model.own_ids), plan_scores(model, TOKENS, snapshot, on=ON), top))
    ids, values = [], []
    for frame in decoded(snapshot):
        fit = frame.take(decide(parse(POLICY), frame, on=ON).state == 1)
        rows = profile_rows(derive(fit, ON), model.profile_vocab)
        ids.append(fit.ids)
        values.append(scores(model, TOKENS, rows, fit.ids))
    everybody, marks = np.concatenate(ids), np.concatenate(values)
    assert len(everybody) == ours.eligible
    assert len(ours.ids) == min(top, ours.eligible) == len(set(ours.ids.tolist()))
    by_id = dict(zip(everybody.tolist(), marks.tolist(), strict=True))
    held = np.array([by_id[one] for one in ours.ids.tolist()])
    assert np.allclose(held, ours.scores, atol=1e-4)
    assert held.min() >= np.sort(marks)[-len(held)] - 1e-4  # nobody better was left out


def test_one_profile_in_ten_meets_the_five_conditions(snapshot: Snapshot) -> None:
    eligible = select(snapshot, parse(POLICY), model_of(snapshot)).eligible
    assert len(POLICY["all"]) == 5
    assert 0.09 <= eligible / PROFILES <= 0.11


def test_the_live_count_is_what_frames_say(snapshot: Snapshot) -> None:
    frames = list(decoded(snapshot))
    asked = list(questions())
    assert len({str(tree) for tree in asked}) >= 40
    for tree in asked[:4]:
        found = live_count(snapshot, tree)
        decisions = [decide(parse(tree), frame, on=ON) for frame in frames]
        assert found["yes"] == sum(int((one.state == 1).sum()) for one in decisions) > 0
        assert found["unknown"] == sum(int((one.state == -1).sum()) for one in decisions)
        for fact in {name for one in decisions for name in one.missing}:
            assert found["missing"][fact] == sum(one.missing.get(fact, 0) for one in decisions)
        assert sum(found["facets"]["kind"].values()) == found["yes"]


def test_every_engine_counts_the_same(snapshot: Snapshot) -> None:
    question = question_of(snapshot)
    decisions = [decide(parse(POLICY), frame, on=ON).state for frame in decoded(snapshot)]
    told = Counts(*(sum(int((states == state).sum()) for states in decisions) for state in (1, 0, -1)))
    assert blocks(snapshot)() == in_numpy(question) == told
    absent = {"bitmaps": "pyroaring"}
    for name, prepare in ENGINES.items():
        if importlib.util.find_spec(absent.get(name, name)):
            assert prepare(question)() == told, name
        else:
            with pytest.raises(SystemExit, match="bench"):
                prepare(question)


def test_what_is_not_installed_says_how_to_get_it() -> None:
    with pytest.raises(SystemExit, match=r"no_such_engine is not installed.*\.\[bench\]"):
        needed("no_such_engine")


def test_the_object_has_what_is_promised() -> None:
    result = measure(PROFILES, 1)
    promised = {"name", "n", "unit", "ours", "baseline", "limit", "to_baseline", "to_limit", "spread", "seconds"}
    promised |= {"peak_mb", "p50_ms", "p95_ms", "limit_ms", "baseline_ms", "eligible"}
    promised |= {"count_p50_ms", "count_p95_ms", "questions", "bytes_per_profile", "bytes_by_column"}
    assert promised <= set(result)
    assert (result["name"], result["n"], result["questions"]) == ("audience", PROFILES, 40)
    assert {"growth", "count_growth", "ms", "count_ms"} <= set(measure_growth(PROFILES, 1, of=["audience"]))


def test_the_city_is_the_same_each_time_and_of_the_kinds_it_says(snapshot: Snapshot) -> None:
    made = city(PROFILES)
    for one, other in zip(made.segments, snapshot.segments, strict=True):
        assert np.array_equal(one.ids, other.ids)
        for name, held in one.columns.items():
            assert np.array_equal(held.values, other.columns[name].values, equal_nan=True)
    counts = {kind: sum(len(one) for one in made.segments if one.kind == kind) for kind in SHARES}
    assert sum(counts.values()) == len(made) == PROFILES
    for kind, share in SHARES.items():
        assert abs(counts[kind] / PROFILES - share) < 0.01
    assert sorted(np.concatenate([one.ids for one in made.segments]).tolist()) == list(range(1, PROFILES + 1))


def test_derived_columns_of_the_city_are_what_its_facts_say(snapshot: Snapshot) -> None:
    for frame in decoded(snapshot):
        anew = derive(frame, ON)
        assert [anew.stages.words(row) for row in range(200 if len(anew) > 200 else len(anew))] == [
            tuple(frame.stages.words(row)) for row in range(min(len(frame), 200))
        ]
        for name in ("size", "rd_ratio"):
            if name in frame.columns:
                assert np.array_equal(anew.columns[name].values, frame.columns[name].values, equal_nan=True)


def test_bytes_of_columns_add_up(snapshot: Snapshot) -> None:
    found = sizes(snapshot)
    assert found["bytes_per_profile"] == pytest.approx(sum(found["bytes_by_column"].values()), abs=0.5)
    assert found["bytes_per_profile"] < 120


def test_the_limit_touches_the_columns_and_the_product(snapshot: Snapshot) -> None:
    rows = [np.arange(min(9, len(one))) for one in snapshot.segments]
    limit_of(snapshot, rows, 32)()
    floor_of(snapshot, 100, 32)()
