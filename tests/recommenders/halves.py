"""The made-up city cut in two, as matrices: earlier policies to train from, later ones that nobody has seen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommenders.content import fit_space, policy_features
from recommenders.evaluation import metrics
from recommenders.features import profile_features, profile_vocabulary
from recommenders.interactions import Interactions, activity, positions
from recommenders.matrix import Csr, beside, diagonal
from recommenders.training import Arrays, Pairs
from tests.recommenders.city import QUICK, city

COLD = 8  # the last policies of the city


@dataclass(frozen=True)
class Half:
    """Training matrices with own columns; the cold policies in the same columns; who took the cold ones up."""

    policies: Csr
    profiles: Csr
    pairs: Pairs
    cold: Csr
    taken: NDArray[np.bool_]  # COLD × profiles
    active: NDArray[np.float64]  # pairs of each profile


def habits() -> Interactions:
    """Another log of the city: some read nearly everything and most read little, of whatever district or theme."""
    people, offered, _ = city()
    draw = np.random.default_rng(11)
    eager = draw.uniform(0.05, 0.95, len(people)) ** 1.5
    pairs = [(who, one.id) for one in offered for who in people.ids[draw.random(len(people)) < eager].tolist()]
    table = np.array(pairs, dtype=np.int64)
    return Interactions(table[:, 0], table[:, 1])


@cache
def half(*, by_habit: bool = False) -> Half:
    """The city's halves, made once; `by_habit`: of the log in which only activity counts."""
    people, offered, log = city()
    log = habits() if by_habit else log
    warm, late = offered[:-COLD], log.take(log.policy_ids > len(offered) - COLD)
    seen = log.take(log.policy_ids <= len(warm)).distinct()
    space, vocabulary = fit_space(warm), profile_vocabulary(people)
    own, count = people.ids[activity(seen, people.ids) >= QUICK.warm], len(warm)
    taken = np.zeros((COLD, len(people)), dtype=np.bool_)
    taken[late.policy_ids - count - 1, positions(late.profile_ids, people.ids)] = True

    def with_own(rows: Csr, columns: NDArray[np.int64], width: int) -> Csr:
        return beside(rows, diagonal(columns, QUICK.own_weight, width))

    features = profile_features(people, vocabulary)
    return Half(
        policies=with_own(policy_features([one.tokens for one in warm], space), np.arange(count), count),
        profiles=with_own(features, positions(people.ids, own), len(own)),
        pairs=Pairs(seen.policy_ids - 1, positions(seen.profile_ids, people.ids), seen.strength),
        cold=with_own(policy_features([one.tokens for one in offered[-COLD:]], space), np.full(COLD, -1), count),
        taken=taken,
        active=activity(seen, people.ids),
    )


def scores(learnt: Arrays, anchors: Csr, ranked: Csr) -> NDArray[np.float32]:
    """Anchors × ranked, without the anchors' bias."""
    found: Any = (anchors @ learnt.anchor) @ (ranked @ learnt.ranked).T + ranked @ learnt.bias
    return np.asarray(found)


def cold_auc(found: NDArray[Any], given: Half | None = None) -> float:
    """Mean audience AUC of the cold policies; `found` is cold policies × profiles."""
    return metrics.mean(metrics.auc(found, (given or half()).taken))
