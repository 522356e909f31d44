"""Shares by token as a model sees them: values it knows, buckets that rare ones share, and new ones."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders.content import PolicyTokens
from recommenders.features import profile_vocabulary
from recommenders.shares import policy_shares, profile_shares
from recommenders.vocabulary import Vocabulary, with_room
from tests.recommenders import city


def test_all_that_is_known_is_a_share_of_the_rows_and_nothing_is_unknown() -> None:
    people = city.frame(60)
    found = profile_shares(people, profile_vocabulary(people))
    assert (found.rows, found.unknown) == (60, 0.0)
    assert found.shares["kind=citizen"] == 1.0
    assert sum(share for name, share in found.shares.items() if name.startswith("interest=")) == pytest.approx(1)


def test_what_the_model_has_no_column_for_is_new() -> None:
    people = city.frame(60)
    some = Vocabulary(tuple(name for name in profile_vocabulary(people).levels if not name.startswith("region=")))
    found = profile_shares(people, some)
    assert found.unknown == 1.0
    assert found.shares["region=(new)"] == pytest.approx(1)


def test_rare_values_share_a_bucket_and_are_not_known() -> None:
    space = with_room({"kind=fund": 9, "topic=talent": 9, "agency=甲": 1}, at_least=3, groups=("agency",))
    offered = [PolicyTokens(1, ("agency=甲", "kind=fund", "word=补贴")), PolicyTokens(2, ("kind=fund",))]
    found = policy_shares(offered, space)
    assert (found.rows, found.unknown, found.shares["kind=fund"]) == (2, 0.5, 1.0)
    (bucket,) = (name for name in found.shares if name.startswith("agency="))
    assert (bucket in space.levels, found.shares[bucket]) == (True, 0.5)
    assert not any(name.startswith("word=") for name in found.shares)


def test_of_nobody_nothing_is_told() -> None:
    assert policy_shares([], Vocabulary(("kind=fund",))).unknown is None
    assert profile_shares(city.frame(3).take(np.zeros(0, dtype=np.int64)), Vocabulary()).rows == 0
