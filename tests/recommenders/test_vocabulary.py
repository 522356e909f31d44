"""Tokens and their columns, and the room for tokens that come later."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommenders.errors import FeatureError
from recommenders.vocabulary import BUCKETS, Vocabulary, build, with_room

ROOM = tuple(f"region=?{number}" for number in range(BUCKETS))
CITY = with_room(
    {"region=990101": 9, "region=990102": 1, "age=18-24": 1, "kind=other": 9}, at_least=3, groups=["region"]
)
tokens = st.builds("{}={}".format, st.sampled_from(["region", "interest", "kind", "word"]), st.text(max_size=3))
counted = st.dictionaries(tokens, st.integers(0, 5), max_size=12)


def test_a_vocabulary_names_a_token_once_and_in_order() -> None:
    assert build(["b", "a", "b"]).levels == ("a", "b")
    assert build(["b", "a", "b"], at_least=2).levels == ("b",)
    with pytest.raises(FeatureError, match="twice"):
        Vocabulary(("a", "a"))


def test_open_groups_have_room_and_rare_values_share_it() -> None:
    assert CITY.levels == ("kind=other", "region=990101", *ROOM)
    assert CITY.columns(["region=990101", "region=990102", "age=18-24", ""]).tolist()[::2] == [1, -1]
    assert CITY.is_bucket(int(CITY.columns(["region=990102"])[0]))
    assert CITY.known(["region=990101", "region=990102", "region=?0"]).tolist() == [True, False, False]


def test_a_group_that_nobody_has_needs_no_room() -> None:
    assert with_room({"kind=citizen": 1, "zone=990191": 0}, groups=["zone"]).levels == ("kind=citizen",)


def test_a_rare_interest_keeps_its_own_column() -> None:
    assert "interest=租房" in with_room({"interest=租房": 1}, at_least=3, groups=["interest"]).levels


def test_a_rare_kind_of_profile_keeps_its_own_column() -> None:
    """It has no bucket; of a profile that nobody described it is all that is known."""
    assert "kind=other" in with_room({"kind=other": 1}, at_least=3, groups=["region"]).levels


def test_unknown_tokens_have_the_same_bucket_in_every_process() -> None:
    """Written down, so that neither a run's random hashes nor a new version of Python may move them."""
    asked = [f"region=9902{number:02}" for number in range(8)]
    assert (CITY.columns(asked) - 2).tolist() == [0, 2, 0, 2, 1, 3, 1, 3]


@given(counted, st.integers(1, 4), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(counts: dict[str, int], least: int, draw: object) -> None:
    items = list(counts.items())
    draw.shuffle(items)  # type: ignore[attr-defined]
    made, again = (with_room(dict(one), at_least=least, groups=["region", "word"]) for one in (counts, items))
    assert (made, made.version) == (again, again.version)


@given(counted, st.lists(tokens, max_size=6))
def test_a_token_has_its_own_column_or_a_bucket_of_its_own_group(counts: dict[str, int], asked: list[str]) -> None:
    vocabulary = with_room(counts, at_least=2, groups=["region", "interest"])
    for name, column in zip(asked, vocabulary.columns(asked).tolist(), strict=True):
        level = vocabulary.levels[column] if column >= 0 else None
        group = name.split("=")[0]
        assert level in (name, None) or level in {f"{group}=?{number}" for number in range(BUCKETS)}
        assert vocabulary.known([name])[0] == (level == name and not vocabulary.is_bucket(column))


@given(counted, st.lists(tokens, max_size=6))
def test_a_value_that_looks_like_a_bucket_is_never_learnt(counts: dict[str, int], asked: list[str]) -> None:
    made = with_room({**counts, "word=?1": 9, "region=?7": 9}, groups=["region"])
    assert [level for level in made.levels if "=?" in level and made.is_bucket(made.index[level])] == list(ROOM)


def test_other_columns_have_another_version() -> None:
    versions = {Vocabulary(levels).version for levels in ((), ("a",), ("a", "b"), ("b", "a"), ("ab",))}
    assert len(versions) == 5
    assert Vocabulary(("a", "b")).version == build(["b", "a"]).version


def test_a_column_that_nothing_taught_has_the_average_of_its_group() -> None:
    vocabulary = Vocabulary(("kind=other", "region=1", "region=2", "region=?0", "region=?1"))
    seen = np.array([5, 1, 3, 0, 2])
    found = vocabulary.filled(np.array([[9], [1], [2], [7], [4]], dtype=np.float32), seen)
    assert found.ravel().tolist() == [9, 1, 2, np.float32((1 + 6 + 8) / 6), 4]
    assert vocabulary.filled(np.arange(5, dtype=np.float32), np.zeros(5, dtype=np.int64)).tolist() == [0] * 5
