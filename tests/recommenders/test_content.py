"""Policies as tokens and as rows."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders.content import PolicyText, PolicyTokens, fit_space, policy_features, policy_tokens, words
from recommenders.errors import FeatureError
from recommenders.vocabulary import Vocabulary, build
from tests.recommenders.city import policies


def test_titles_are_cut_into_pairs_of_characters() -> None:
    assert list(words("2026年 SME 研发补助(试行)")) == ["年", "sme", "研发", "发补", "补助", "试行"]


def test_a_policy_is_its_metadata_and_its_title() -> None:
    text = PolicyText(1, "fund", "人才补贴", "住建局", "talent", "990105", ("住房",), ("租房",), ("I6513",))
    named = {"kind=fund", "agency=住建局", "topic=talent", "region=990105", "theme=住房", "tag=租房"}
    named |= {"industry=I", "industry=I65", "word=人才", "word=才补", "word=补贴"}
    assert set(policy_tokens(text).tokens) == named


def test_rows_have_length_one_and_rare_tokens_weigh_more() -> None:
    offered = [PolicyTokens(n, ("kind=fund", f"region={n % 2}", f"theme={n}")) for n in range(4)]
    space = fit_space(offered)
    matrix = policy_features([offered[0].tokens], space)
    weight = dict(zip(space.vocabulary.levels, space.weight, strict=True))
    assert weight["theme=0"] > weight["region=0"] > weight["kind=fund"]
    assert np.isclose((matrix.data**2).sum(), 1)


def test_a_word_of_one_title_only_is_not_learnt() -> None:
    levels = fit_space([PolicyTokens(1, ("word=甲乙", "word=丙丁")), PolicyTokens(2, ("word=丙丁",))]).vocabulary.levels
    assert levels == ("word=丙丁",)


def test_unknown_tokens_change_nothing() -> None:
    space, one = fit_space(policies()), policies()[0].tokens
    two = policy_features([one, (*one, "tag=never seen")], space).toarray()
    assert two[0].tolist() == two[1].tolist()


def test_a_policy_without_a_known_token_is_an_error_with_its_place() -> None:
    with pytest.raises(FeatureError) as error:
        policy_features([policies()[0].tokens, ("tag=never seen",)], fit_space(policies()))
    assert (error.value.code, error.value.place) == ("policy_without_features", "policies[1]")


def test_a_vocabulary_names_a_token_once_and_in_order() -> None:
    assert build(["b", "a", "b"]).levels == ("a", "b")
    assert build(["b", "a", "b"], at_least=2).levels == ("b",)
    with pytest.raises(FeatureError, match="twice"):
        Vocabulary(("a", "a"))
