"""Subscriptions as features."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommenders.errors import FeatureError
from recommenders.features import WEIGHT
from recommenders.subscribed import Wishes, wish_counts, wish_features, wish_tokens
from recommenders.vocabulary import Vocabulary, with_room

One = tuple[int, tuple[str, ...], tuple[str, ...], str | None]
themes = st.lists(st.sampled_from(["elder", "租房", "低保"]), max_size=3).map(tuple)
industries = st.lists(st.sampled_from(["I6513", "I64", "C"]), max_size=2).map(tuple)
wishes = st.lists(
    st.tuples(st.integers(1, 5), themes, industries, st.sampled_from([None, "租房 补贴|公租房"])), max_size=8
)


def columns(some: list[One]) -> Wishes:
    owners = np.array([one[0] for one in some], dtype=np.int64)
    return Wishes(owners, [one[1] for one in some], [one[2] for one in some], [one[3] for one in some])


def test_a_wish_is_its_themes_its_words_and_its_sections() -> None:
    named = ("wish-section=I", "wish=elder", "wish=公租房", "wish=租房", "wish=补贴")
    assert wish_tokens(("elder", "租房"), ("I6513", "I64"), "租房 补贴|公租房") == named


def test_a_wish_that_names_a_sensitive_fact_is_no_feature() -> None:
    assert wish_tokens(("低保", "残疾人服务"), (), "大病 医保") == ("wish=医保",)


def test_wishes_of_one_profile_are_one_row_and_each_token_weighs_once() -> None:
    some: list[One] = [(7, ("租房",), (), None), (2, ("其他",), (), None), (7, (), ("I65",), "租房"), (9, (), (), None)]
    ids, rows = wish_features(columns(some), Vocabulary(("wish-section=I", "wish=租房")))
    assert ids.tolist() == [7]
    assert rows.toarray().tolist() == [[np.float32(WEIGHT)] * 2]


def test_counts_are_of_profiles_not_of_wishes() -> None:
    some: list[One] = [(1, ("租房",), (), None), (1, ("租房",), (), "租房"), (2, ("租房",), (), None)]
    assert wish_counts(columns(some)) == {"wish=租房": 2}


def test_new_themes_share_the_buckets_and_each_counts() -> None:
    vocabulary = with_room({"wish=租房": 9}, groups=["wish"])
    new = tuple(f"新{number}" for number in range(9))
    _, rows = wish_features(columns([(1, new, (), None)]), vocabulary)
    assert rows.toarray().sum() == pytest.approx(9 * WEIGHT)
    assert all(vocabulary.is_bucket(column) for column in rows.indices.tolist())


@given(wishes, st.randoms(use_true_random=False))
def test_neither_the_order_of_the_wishes_matters_nor_how_they_are_split(some: list[One], draw: object) -> None:
    vocabulary = with_room({"wish=租房": 3, "wish-section=I": 3}, groups=["wish"])
    split: list[One] = [(who, (value,), (), None) for who, values, _, _ in some for value in values]
    split += [(who, (), given, keyword) for who, _, given, keyword in some]
    draw.shuffle(split)  # type: ignore[attr-defined]
    first, second = (wish_features(columns(one), vocabulary) for one in (some, split))
    assert first[0].tolist() == second[0].tolist()
    assert first[1].toarray().tolist() == second[1].toarray().tolist()


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(FeatureError) as error:
        Wishes(np.array([1, 2]), [()], [()], [None])
    assert error.value.code == "lengths_differ"
