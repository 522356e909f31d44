"""What becomes a feature of a profile, and what never does."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.building import build_frame
from profiles.columns import Frame
from profiles.facts import SENSITIVE
from profiles.lifecycle import derive
from recommenders.errors import FeatureError
from recommenders.features import WEIGHT, FeatureRows, profile_features, profile_rows, profile_vocabulary
from recommenders.matrix import Csr, from_parts
from recommenders.vocabulary import Vocabulary
from tests.recommenders.city import TODAY


def people(interests: list[tuple[str, ...]] | None = None, **raw: list[object]) -> Frame:
    count = len(next(iter(raw.values())))
    return derive(
        build_frame(np.arange(1, count + 1), {"kind": ["citizen"] * count, **raw}, interests=interests), TODAY
    )


def tokens(frame: Frame, row: int = 0) -> set[str]:
    vocabulary = profile_vocabulary(frame)
    return {vocabulary.levels[column] for column in profile_features(frame, vocabulary)[[row]].indices}


def test_facts_become_tokens() -> None:
    held = tokens(people([("租房",)], region=["990105"], birth_date=[date(1960, 1, 1)]))
    assert {"kind=citizen", "region=990105", "age=60-69", "interest=租房"} <= held


def test_a_firm_has_its_sector_division_and_size() -> None:
    firm = {"kind": ["enterprise"], "industry": ["I6513"], "employees": [20.0], "revenue": [800.0]}
    assert {"section=I", "division=I65", "size=small", "kind=enterprise"} <= tokens(people(**firm))  # type: ignore[arg-type]


def test_an_unknown_fact_is_no_feature() -> None:
    held = tokens(people([()], region=[None], birth_date=[None]))
    assert held == {"kind=citizen"}


@pytest.mark.parametrize(("born", "band"), [("2008-06-25", "0-17"), ("2008-06-24", "18-24"), ("1946-06-24", "80+")])
def test_age_bands_change_on_the_birthday(born: str, band: str) -> None:
    assert f"age={band}" in tokens(people(birth_date=[date.fromisoformat(born)]))


def test_sensitive_facts_are_never_features() -> None:
    flags: dict[str, list[object]] = {name: [True] for name in SENSITIVE}
    interests: list[tuple[str, ...]] = [("残疾人服务", "低保", "租房")]
    private: dict[str, list[object]] = {"sex": ["female"], "dishonest": [True]}
    plain = tokens(people([("租房",)], birth_date=[date(1950, 1, 1)]))
    assert tokens(people(interests, birth_date=[date(1950, 1, 1)], **flags, **private)) == plain


def test_a_need_for_relief_is_no_feature_even_as_a_stage() -> None:
    assert not {"stage=救助", "stage=就医"} & set(tokens(people(birth_date=[date(1950, 1, 1)], hardship=[True])))


def test_a_value_named_twice_counts_once() -> None:
    frame = people([("租房", "租房")], region=["990101"])
    assert set(profile_features(frame, profile_vocabulary(frame)).data) == {np.float32(WEIGHT)}


def test_tokens_that_the_model_does_not_know_are_ignored() -> None:
    row = profile_features(people(region=["990105"]), Vocabulary(("region=990101", "region=990105")))
    assert row.toarray().tolist() == [[0, np.float32(WEIGHT)]]


def test_rows_do_not_depend_on_their_neighbours() -> None:
    frame = people([("租房",), ("养老",)], region=["990101", "990102"])
    vocabulary = profile_vocabulary(frame)
    alone = profile_features(frame.take(np.array([1])), vocabulary)
    assert alone.toarray().tolist() == profile_features(frame, vocabulary)[[1]].toarray().tolist()


def test_a_frame_that_was_not_derived_is_refused() -> None:
    with pytest.raises(FeatureError) as error:
        profile_features(build_frame([1], {"kind": ["citizen"], "birth_date": [date(1990, 1, 1)]}), Vocabulary())
    assert (error.value.code, error.value.place) == ("missing_column", "age")


KNOWN = people([("租房",)] * 4, region=["990101", "990101", "990101", "990102"])
ROOMY = profile_vocabulary(KNOWN, at_least=2, room=True)
regions = st.sampled_from([None, "990101", "990102", "990103", "990104001"])
interests = st.lists(st.sampled_from(["租房", "养老", "研发", "入学", "就业", "?0"]), max_size=5).map(tuple)
crowd = st.lists(st.tuples(regions, interests), min_size=1, max_size=6)


def rows_of(persons: list[tuple[str | None, tuple[str, ...]]]) -> Csr:
    frame = people([tags for _, tags in persons], region=[region for region, _ in persons])
    return profile_features(frame, ROOMY)


def test_a_region_that_few_have_shares_a_bucket_and_so_does_a_new_one() -> None:
    rows = rows_of([("990102", ()), ("990103", ())])
    held = [{ROOMY.levels[column] for column in rows[[row]].indices} for row in (0, 1)]
    assert all(len(one) == 2 and any(name.startswith("region=?") for name in one) for one in held)


@given(crowd)
def test_each_distinct_value_weighs_the_same_in_buckets_too(persons: list[tuple[str | None, tuple[str, ...]]]) -> None:
    """So a fact taken away is one term of the score: two unknown interests in one bucket count there twice."""
    sums = rows_of(persons).toarray().sum(axis=1)
    expected = [WEIGHT * (1 + (region is not None) + len(set(tags))) for region, tags in persons]
    assert np.allclose(sums, expected)


@given(crowd, st.randoms(use_true_random=False))
def test_the_order_of_the_people_does_not_matter(
    persons: list[tuple[str | None, tuple[str, ...]]], draw: object
) -> None:
    order = list(range(len(persons)))
    draw.shuffle(order)  # type: ignore[attr-defined]
    shuffled = rows_of([persons[row] for row in order])
    assert shuffled.toarray().tolist() == rows_of(persons).toarray()[order].tolist()
    frames = [
        people([tags for _, tags in some], region=[region for region, _ in some])
        for some in (persons, [persons[row] for row in order])
    ]
    first, second = (profile_vocabulary(frame, at_least=2, room=True) for frame in frames)
    assert first.version == second.version


@given(crowd, st.tuples(st.just("990199"), interests))
def test_a_person_with_a_new_region_changes_no_other_persons_features(
    persons: list[tuple[str | None, tuple[str, ...]]], newcomer: tuple[str, tuple[str, ...]]
) -> None:
    assert rows_of([*persons, newcomer])[:-1].toarray().tolist() == rows_of(persons).toarray().tolist()


def test_a_vocabulary_counts_what_else_people_have() -> None:
    levels = profile_vocabulary(KNOWN, more={"wish=租房": 2, "wish=养老": 1}, at_least=2, room=True).levels
    assert ("wish=租房" in levels, "wish=养老" in levels, "wish=?0" in levels) == (True, False, True)


def test_rows_of_another_model_are_refused_though_they_be_as_wide() -> None:
    rows = profile_rows(KNOWN, Vocabulary(("region=990101", "region=990102")))
    assert rows.checked(Vocabulary(("region=990101", "region=990102"))) is rows.matrix
    for other in (("region=990102", "region=990101"), ("region=990101",)):
        with pytest.raises(FeatureError) as error:
            rows.checked(Vocabulary(other))
        assert error.value.code == "vocabulary_mismatch"
        assert Vocabulary(other).version in error.value.sentence


def test_a_matrix_of_another_width_than_its_vocabulary_is_refused() -> None:
    rows = profile_rows(KNOWN, Vocabulary(("region=990101",)))
    with pytest.raises(FeatureError) as error:
        FeatureRows(rows.matrix, ROOMY).checked(ROOMY)
    assert error.value.code == "vocabulary_mismatch"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_feature_that_is_no_finite_number_is_refused_with_its_row(bad: float) -> None:
    matrix = from_parts(np.array([0, 2]), np.array([0, 0]), np.array([1, bad], dtype=np.float32), (3, len(ROOMY)))
    with pytest.raises(FeatureError) as error:
        FeatureRows(matrix, ROOMY).checked(ROOMY)
    assert (error.value.code, error.value.place) == ("not_finite", "profiles[2]")


def test_rows_can_be_picked() -> None:
    rows = profile_rows(KNOWN, ROOMY)
    assert (len(rows), len(rows.take(np.array([3, 0])))) == (4, 2)
    assert rows.take(np.array([3])).checked(ROOMY).toarray().tolist() == rows.matrix[[3]].toarray().tolist()


def test_an_empty_vocabulary_gives_rows_without_columns() -> None:
    assert profile_rows(KNOWN, Vocabulary()).checked(Vocabulary()).shape == (4, 0)
