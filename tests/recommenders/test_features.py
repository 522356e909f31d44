"""What becomes a feature of a profile, and what never does."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from profiles.building import build_frame
from profiles.columns import Frame
from profiles.facts import SENSITIVE
from profiles.lifecycle import derive
from recommenders.errors import FeatureError
from recommenders.features import WEIGHT, profile_features, profile_vocabulary
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
