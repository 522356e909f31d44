"""Is the model any good here? Train without some policies, then see whom it would have told of them.

Two splits are judged: a random fifth of the policies held out, and the latest fifth. The bar is `activity`: telling
whoever is most active beats many models, so figures inside groups of equal activity stand beside it.
`evaluate_dir` does the like for published data sets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from profiles.columns import Frame
from recommenders.content import PolicyTokens, knows, policy_features
from recommenders.declared import documents
from recommenders.errors import InteractionError
from recommenders.evaluation import judging
from recommenders.evaluation.judging import Progress
from recommenders.evaluation.scorers import Vectors
from recommenders.evaluation.splits import ColdSplit, cold_split, time_split
from recommenders.evaluation.summary import summary
from recommenders.evaluation.tasks import ITEM_OWN, Content, Task, truth_of
from recommenders.evaluation.trials import STEPS, Outcome, trial
from recommenders.interactions import Ids, Interactions, positions
from recommenders.learning import LATEST, prepare
from recommenders.matrix import beside, diagonal, from_parts
from recommenders.recipe import Recipe
from recommenders.setting import Setting
from recommenders.training import Config

__all__ = ["Evaluated", "evaluate"]


@dataclass(frozen=True)
class Evaluated:
    """Figures, ready for JSON, and the recipe that val chose on the random split."""

    figures: dict[str, Any]
    recipe: Recipe


@dataclass(frozen=True)
class _Log:
    frame: Frame
    policies: Sequence[PolicyTokens]
    known: Interactions
    setting: Setting


def evaluate(
    frame: Frame,
    policies: Sequence[PolicyTokens],
    interactions: Interactions,
    *,
    config: Config = Config(),  # noqa: B008 - frozen
    setting: Setting = Setting(),  # noqa: B008 - frozen
    progress: Progress = judging.silent,
) -> Evaluated:
    """Figures of both splits of this log; the arguments are those of `learning.learn`.

    At the top stand those of the random split, as `evaluate_dir` gives them, and the chief ones by name:
    `audience_auc_cold` (with `audience_auc_interval`, 95 % over policies) against `audience_auc_activity` and the other
    baselines; `audience_auc_deciles` (activity groups, low to high); `feed_auc_cold`; `epochs`, as chosen on val.
    `splits`: `cold` and `time`, which is None where the policies' days do not give one. None also stands where nothing
    could be judged. Raises InteractionError `no_interactions`, `too_few_policies`; TrainingUnavailable, TrainingFailed.
    """
    known = interactions.within(frame.ids, np.array([policy.id for policy in policies], dtype=np.int64)).distinct()
    if len(known) == 0:
        raise InteractionError("no_interactions", "There is no interaction to learn from.")
    if setting.exposed is not None:
        setting = replace(setting, exposed=np.union1d(setting.exposed, known.profile_ids))
    log = _Log(frame, policies, known, setting)
    splits = {"cold": cold_split(known.policy_ids, seed=config.seed), "time": _by_time(log)}
    told = _stepper(progress, STEPS * sum(split is not None for split in splits.values()))
    found: dict[str, Any] = {"cold": None, "time": None}
    outcomes: dict[str, Outcome] = {}
    for name, split in splits.items():
        task = None if split is None else _task(log, split, config)
        if task is not None:
            outcomes[name] = trial(task, config=config, step=partial(told, name))
            found[name] = summary({name: outcomes[name]}, seed=config.seed)
    if "cold" not in outcomes:
        raise InteractionError("too_few_policies", "The held-out policies have no readers, or no known words.")
    head = {"profiles": len(frame), "interactions": len(known), "seed": config.seed}
    chief = _chief(found["cold"], outcomes["cold"])
    return Evaluated({**found["cold"], **head, **chief, "splits": found}, outcomes["cold"].recipe)


def _stepper(progress: Progress, total: int) -> Callable[[str, str], object]:
    done = iter(range(1, total + 1))
    return lambda split, what: progress(next(done), total, f"{split} split: {what}")


def _by_time(log: _Log) -> ColdSplit | None:
    try:
        return time_split(log.known.policy_ids, log.setting.published)
    except InteractionError:
        return None


def _task(log: _Log, split: ColdSplit, config: Config) -> Task | None:
    """The log without the cold policies, in the very matrices that a model is made of; None if nothing is to judge."""
    seen = log.known.take(np.isin(log.known.policy_ids, split.train))
    ready = prepare(log.frame, log.policies, seen, config=config, setting=log.setting)
    cold = [policy for policy in _of(log.policies, split.cold) if knows(ready.space, policy.tokens)]
    if not cold:
        return None
    rows = policy_features([policy.tokens for policy in cold], ready.space)
    own = diagonal(positions(ready.profile_ids, ready.own_ids), config.own_weight, len(ready.own_ids))
    shape = (ready.policies.shape[0], ready.profiles.shape[0])
    table = from_parts(ready.pairs.anchor, ready.pairs.ranked, ready.pairs.weight, shape)
    met = np.bincount(ready.policies.indices, minlength=ready.policies.shape[1])
    ids = np.array([policy.id for policy in cold], dtype=np.int64)
    held = log.known.within(ready.profile_ids, ids)
    taken = positions(held.policy_ids, ids), positions(held.profile_ids, ready.profile_ids)
    truth = truth_of(from_parts(*taken, held.strength, (len(ids), shape[1])), np.isin(ids, split.test), table)
    if not truth.positive[truth.is_test].any():
        return None
    return Task(
        contents={"idf": Content(ready.policies, rows)},
        users=beside(ready.profiles, own),
        log=table,
        truth=truth,
        declared=Vectors(rows, (ready.profiles @ documents(ready.vocabulary, ready.space)).tocsr()),
        unseen=ready.pairs.unseen,
        filled=lambda values: ready.space.vocabulary.filled(values, met),
        past=LATEST,
        item_own=ITEM_OWN[:1],  # the better one, wherever both were tried; a training must not take all night
    )


def _of(policies: Sequence[PolicyTokens], ids: Ids) -> list[PolicyTokens]:
    wanted = set(ids.tolist())
    return sorted((policy for policy in policies if policy.id in wanted), key=lambda policy: policy.id)


def _chief(found: dict[str, Any], outcome: Outcome) -> dict[str, Any]:
    """What a model is admitted by, by name."""
    audience, feed = found["audience"], found["feed"]
    result = {
        "epochs": outcome.recipe.audience.epochs,
        "cold_policies": int((~np.isnan(outcome.ours["audience"].rows["auc"])).sum()),
        "audience_auc_cold": audience["auc"],
        "audience_auc_interval": found["interval"]["audience"]["auc"],
        "audience_auc_deciles": audience.get("deciles", []),
        "audience_ndcg_cold": audience[f"ndcg@{judging.K}"],
        "feed_auc_cold": feed["auc"],
        "feed_ndcg_cold": feed[f"ndcg@{judging.K}"],
    }
    for name, judged in found["baselines"].items():
        result[f"audience_auc_{name}"] = judged["audience"]["auc"]
        result[f"audience_ndcg_{name}"] = judged["audience"][f"ndcg@{judging.K}"]
    return result
