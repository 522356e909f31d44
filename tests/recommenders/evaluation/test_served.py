"""What is judged is what is served: a model of the train fold, scored as it would serve, has those figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from recommenders.audience import scores
from recommenders.behaviour import Behaviour, behaviour
from recommenders.evaluation import evaluate, metrics
from recommenders.evaluation.splits import cold_split
from recommenders.features import profile_rows
from recommenders.feed import offered, rank_offered
from recommenders.interactions import Interactions
from recommenders.learning import learn
from recommenders.model import Model
from recommenders.recipe import PARTS
from recommenders.setting import Setting
from recommenders.subscribed import Wishes, wish_features
from tests.recommenders.city import QUICK, can_train, city

PEOPLE, OFFERED, PAIRS = city()
DRAW = np.random.default_rng(3)
STRENGTHS = np.array([0.4, 0.7, 1.0], dtype=np.float32)
LOG = replace(PAIRS, weights=DRAW.choice(STRENGTHS, len(PAIRS)))
WISHES = Wishes(
    DRAW.choice(PEOPLE.ids, 90),
    [(str(theme),) for theme in DRAW.choice(["租房", "养老", *(f"rare-{n}" for n in range(9))], 90)],
    [()] * 90,
    [None] * 90,
)
SETTING = Setting(wishes=WISHES)


def serve(model: Model, readers: Behaviour, cold: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Scores of these policies (rising) and all people, in audiences and in feeds: policies × people each."""
    wanted = [one for one in OFFERED if one.id in set(cold.tolist())]
    rows = profile_rows(PEOPLE, model.profile_vocab)
    audiences = [scores(model, one.tokens, rows, PEOPLE.ids, readers) for one in wanted]
    offer, feeds = offered(model, wanted), []
    for row, number in enumerate(PEOPLE.ids.tolist()):
        one = rows.take(np.array([row]))
        feeds.append(rank_offered(model, one, offer, profile_id=number, readers=readers))
    return np.stack(audiences), np.stack(feeds, axis=1)


def test_the_figures_of_an_evaluation_are_those_of_the_functions_that_serve() -> None:
    if not can_train():
        return
    found = evaluate(PEOPLE, OFFERED, LOG, config=QUICK, setting=SETTING)
    split = cold_split(LOG.policy_ids, seed=QUICK.seed)
    seen = LOG.take(np.isin(LOG.policy_ids, split.train))
    model = learn(PEOPLE, OFFERED, seen, recipe=found.recipe, config=QUICK, setting=SETTING)
    log = Interactions(seen.profile_ids, seen.policy_ids)
    readers = behaviour(log, model.past.ids, wished=wish_features(WISHES, model.profile_vocab))
    cold = np.sort(split.cold)
    audiences, feeds = serve(model, readers, cold)
    taken = np.isin(cold[:, None] * 10_000 + PEOPLE.ids, LOG.policy_ids * 10_000 + LOG.profile_ids)
    test = np.isin(cold, split.test)
    mine = metrics.auc(audiences[test], taken[test])
    assert metrics.mean(mine) == pytest.approx(found.figures["audience"]["auc"], abs=1e-4)
    allowed = ~(taken & ~test[:, None]).T
    mine = metrics.auc(feeds.T, (taken & test[:, None]).T, allowed)
    assert metrics.mean(mine) == pytest.approx(found.figures["feed"]["auc"], abs=1e-4)


def test_where_nobody_can_be_told_from_another_what_people_declared_serves() -> None:
    """The log of a single reader."""
    if not can_train():
        return
    one = Interactions(np.ones(8, dtype=np.int64), np.arange(1, 9))
    found = evaluate(PEOPLE.take(np.array([0])), OFFERED[:8], one, config=QUICK)
    assert {part: getattr(found.recipe.audience, part) for part in PARTS} == dict.fromkeys(PARTS, 0.0) | {
        "declared": 1.0
    }
