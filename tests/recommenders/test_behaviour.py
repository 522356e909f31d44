"""What people read and wished, and a city in which nobody did either."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders.audience import scores
from recommenders.behaviour import Behaviour, behaviour
from recommenders.declared import documents
from recommenders.errors import ArtifactError, InteractionError
from recommenders.features import profile_rows
from recommenders.interactions import Interactions
from recommenders.learning import declared_only
from recommenders.recipe import Blend
from tests.recommenders.city import frame, policies
from tests.recommenders.crowds import csr

PAST = np.array([3, 5, 9])


def log(*pairs: tuple[int, int]) -> Interactions:
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return Interactions(table[:, 0], table[:, 1])


def test_a_policy_counts_once_however_often_it_was_read() -> None:
    found = behaviour(log((7, 5), (7, 5), (2, 9), (7, 4)), PAST)
    assert found.ids.tolist() == [2, 7]
    assert found.table.toarray().tolist() == [[0, 0, 1], [0, 1, 0]]
    assert found.read_by(7).toarray().tolist() == [[0, 1, 0]]


def test_who_read_nothing_has_an_empty_row() -> None:
    found = behaviour(log(), PAST)
    assert found.read_by(7).shape == (1, 3)
    assert found.with_wishes(csr(np.ones((1, 2), dtype=np.float32)), 7).toarray().tolist() == [[1, 1]]


@pytest.mark.parametrize(
    ("ids", "rows", "code"), [([1], 2, "lengths_differ"), ([2, 1], 2, "not_rising"), ([1, 1], 2, "not_rising")]
)
def test_readers_are_named_once_in_rising_order(ids: list[int], rows: int, code: str) -> None:
    with pytest.raises(InteractionError) as error:
        Behaviour(np.array(ids), csr(np.ones((rows, 3), dtype=np.float32)))
    assert error.value.code == code


def test_without_a_log_a_policy_finds_those_who_declared_its_theme() -> None:
    people, offered = frame(60), policies()
    model = declared_only(people, offered)
    rent = next(one for one in offered if "theme=租房" in one.tokens)
    found = scores(model, rent.tokens, profile_rows(people, model.profile_vocab))
    told = people.tags.any_of(np.array([level == "租房" for level in people.tags.levels]))
    assert found[told].mean() > 2 * found[~told].mean()
    assert told[np.argmax(found)]
    assert not model.recipe.trained


def test_a_feature_that_is_no_interest_has_no_document() -> None:
    model = declared_only(frame(60), policies())
    rows = documents(model.profile_vocab, model.policies)
    held = dict(zip(model.profile_vocab.levels, np.diff(rows.indptr).tolist(), strict=True))
    assert held["kind=citizen"] == 0
    assert held["interest=租房"] > 0


@pytest.mark.parametrize("wrong", [{"lightfm": float("nan")}, {"k": 0}, {"penalty": 0.0}, {"rate": -1.0}])
def test_a_recipe_of_no_numbers_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ArtifactError) as error:
        Blend(**wrong)  # type: ignore[arg-type]  # on purpose
    assert error.value.code == "bad_recipe"
