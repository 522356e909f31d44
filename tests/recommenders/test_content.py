"""Policies as tokens and as rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommenders.content import PolicyText, PolicyTokens, document, fit_space, knows, policy_features, policy_tokens
from recommenders.errors import FeatureError
from tests.recommenders.city import policies


def test_a_policy_is_its_metadata_and_its_words() -> None:
    text = PolicyText(1, "fund", "关于人才补贴的通知", "住建局", "talent", "990105", ("住房",), ("租房券",), ("I6513",))
    named = {"kind=fund", "agency=住建局", "topic=talent", "region=990105", "theme=住房", "tag=租房券"}
    named |= {"industry=I", "industry=I65", "word=人才", "word=补贴", "word=住房", "word=租房"}
    assert set(policy_tokens(text).tokens) == named


def test_rows_have_length_one_and_rare_tokens_weigh_more() -> None:
    offered = [PolicyTokens(n, ("kind=fund", f"region={n % 2}", f"theme={n}")) for n in range(4)]
    space = fit_space(offered)
    matrix = policy_features([offered[0].tokens], space)
    weight = dict(zip(space.vocabulary.levels, space.weight, strict=True))
    assert weight["theme=0"] > weight["region=0"] > weight["kind=fund"]
    assert np.isclose((matrix.data**2).sum(), 1)


def test_a_word_of_one_policy_only_is_not_learnt() -> None:
    levels = fit_space([PolicyTokens(1, ("word=甲乙", "word=丙丁")), PolicyTokens(2, ("word=丙丁",))]).vocabulary.levels
    assert levels == ("word=丙丁",)


def test_without_room_unknown_tokens_change_nothing() -> None:
    space, one = fit_space(policies()), policies()[0].tokens
    two = policy_features([one, (*one, "tag=never seen")], space).toarray()
    assert two[0].tolist() == two[1].tolist()


def test_with_room_an_unknown_tag_stands_in_a_bucket_and_an_unknown_word_nowhere() -> None:
    space, one = fit_space(policies(), room=True), policies()[0].tokens
    row, same, none = (
        policy_features([(*one, *more)], space) for more in (("tag=新",), ("tag=新", "tag=新"), ("word=新",))
    )
    assert not space.vocabulary.room.get("tag"), "nobody had a tag"
    themed = policy_features([(*one, "theme=新")], space)
    assert [space.vocabulary.is_bucket(column) for column in themed.indices].count(True) == 1
    assert row.toarray().tolist() == same.toarray().tolist() == none.toarray().tolist()


def test_a_bucket_weighs_what_a_usual_token_of_its_group_weighs() -> None:
    space = fit_space([PolicyTokens(n, (f"theme={n % 3}",)) for n in range(9)], room=True)
    assert space.weight.tolist() == [space.weight[0]] * len(space.vocabulary)


def test_past_policies_are_as_near_with_room_as_without() -> None:
    """Room is for what is new: it moves no policy that the model learnt from."""
    plain, roomy = (fit_space(policies(), room=room) for room in (False, True))
    rows = [policy_features([one.tokens for one in policies()], space) for space in (plain, roomy)]
    assert np.allclose((rows[0] @ rows[0].T).toarray(), (rows[1] @ rows[1].T).toarray())


@pytest.mark.parametrize("room", [False, True])
@pytest.mark.parametrize("offered", [policies(), []])
def test_a_policy_without_a_known_token_is_an_error_with_its_place(offered: list[PolicyTokens], room: bool) -> None:
    space, unknown = fit_space(offered, room=room), ("tag=never seen", "theme=never seen", "theme=?0")
    assert not knows(space, unknown)
    with pytest.raises(FeatureError) as error:
        policy_features([*(one.tokens for one in offered[:1]), unknown], space)
    assert (error.value.code, error.value.place) == ("policy_without_features", f"policies[{len(offered[:1])}]")


def test_no_policies_are_a_matrix_without_rows() -> None:
    space = fit_space([])
    assert policy_features([], space).shape == (0, 0)
    assert not knows(space, ("kind=fund",))


@given(st.permutations(policies(8)))
def test_the_order_of_the_policies_does_not_matter(offered: list[PolicyTokens]) -> None:
    found, space = fit_space(offered, room=True), fit_space(policies(8), room=True)
    assert found.vocabulary == space.vocabulary
    assert found.weight.tolist() == space.weight.tolist()


@pytest.mark.parametrize(
    ("token", "speaks_of"),
    [
        ("interest=租房补贴", {"tag=租房补贴", "theme=租房补贴", "word=租房", "word=补贴"}),
        ("wish=养老", {"tag=养老", "theme=养老", "word=养老", "topic=elder"}),
        ("wish=elder", {"topic=elder", "word=养老", "word=医保"}),
        ("section=I", {"industry=I"}),
        ("wish-section=I", {"industry=I"}),
        ("division=I65", {"industry=I", "industry=I65"}),
        ("region=990105", {"region=990105"}),
        ("zone=990191", {"region=990191"}),
    ],
)
def test_what_a_person_declared_speaks_of_policies(token: str, speaks_of: set[str]) -> None:
    assert set(document(token)) == speaks_of


def test_a_stage_of_life_speaks_of_what_policies_call_it() -> None:
    assert {"topic=elder", "word=长者", "tag=养老"} <= set(document("stage=养老"))
    assert set(document("stage=注销退出")) == {"tag=注销退出", "theme=注销退出", "word=注销", "word=退出"}


@pytest.mark.parametrize(
    "token", ["age=60-69", "kind=citizen", "size=small", "interest=?0", "region=?3", "interest=", ""]
)
def test_what_is_no_wish_and_what_is_unknown_speaks_of_nothing(token: str) -> None:
    assert document(token) == ()
