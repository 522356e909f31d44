"""Is the model any good here? Train without some policies, then see whom it would have told of them.

The bar is `activity`: telling whoever is most active beats many models, so figures inside groups of equal activity
stand beside it. Epochs are chosen on the validation policies, figures are of the test policies.
`evaluate_dir` does the like for published data sets.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Frame
from recommenders import audience, baselines, judging, metrics
from recommenders.content import PolicyTokens, knows, policy_features
from recommenders.errors import InteractionError
from recommenders.features import profile_features
from recommenders.interactions import Ids, Interactions, activity, positions
from recommenders.judging import Cold, Progress, Scores
from recommenders.learning import Prepared, assemble, prepare
from recommenders.matrix import Csr, from_parts
from recommenders.model import Model
from recommenders.published import evaluate_dir
from recommenders.splits import ColdSplit, cold_split
from recommenders.training import Config, train

__all__ = ["evaluate", "evaluate_dir"]

SNAPSHOTS = (5, 10, 20)
STEPS = 3


def evaluate(
    frame: Frame,
    policies: Sequence[PolicyTokens],
    interactions: Interactions,
    *,
    config: Config = Config(),  # noqa: B008 - frozen
    exposed: Ids | None = None,
    progress: Progress = judging.silent,
) -> dict[str, Any]:
    """Figures of a cold split by policy, ready for JSON; the arguments are those of `learning.learn`.

    Chief figures: `audience_auc_cold` (with `audience_auc_interval`, 95 % over policies) against
    `audience_auc_activity`, `audience_auc_knn`, `audience_auc_random`; `audience_auc_deciles` (activity groups,
    low to high); `feed_auc_cold`; `epochs`, as chosen on val. None where nothing could be judged. Raises
    InteractionError (`no_interactions`, `too_few_policies`), TrainingUnavailable, TrainingFailed.
    """
    known = interactions.within(frame.ids, np.array([policy.id for policy in policies], dtype=np.int64)).distinct()
    if len(known) == 0:
        raise InteractionError("no_interactions", "There is no interaction to learn from.")
    split = cold_split(known.policy_ids, seed=config.seed)
    people = frame if exposed is None else frame.take(np.isin(frame.ids, np.union1d(exposed, known.profile_ids)))
    seen = known.take(np.isin(known.policy_ids, split.train))
    ready = prepare(people, policies, seen, config=config)
    progress(1, STEPS, "split")
    learnt = train(ready.pairs, ready.anchor, ready.ranked, config=config, snapshots=SNAPSHOTS)
    progress(2, STEPS, "training")
    cold = [policy for policy in _of(policies, split.cold) if knows(ready.space, policy.tokens)]
    truth = _truth(cold, split, people, known=known, seen=seen)
    models = {epoch: assemble(ready, arrays, config=config) for epoch, arrays in learnt.items()}
    scored = {epoch: _scores(model, cold, people) for epoch, model in models.items()}
    epochs = max(scored, key=lambda epoch: judging.choice(judging.audience(truth, scored[epoch], test=False)))
    result = _report(truth, scored[epochs], _baselines(ready, cold, people, seed=config.seed))
    progress(3, STEPS, "figures")
    return {"epochs": epochs, "profiles": len(people), "interactions": len(known), "seed": config.seed, **result}


def _of(policies: Sequence[PolicyTokens], ids: Ids) -> list[PolicyTokens]:
    wanted = set(ids.tolist())
    return sorted((policy for policy in policies if policy.id in wanted), key=lambda policy: policy.id)


def _truth(
    cold: Sequence[PolicyTokens], split: ColdSplit, people: Frame, *, known: Interactions, seen: Interactions
) -> Cold:
    ids = np.array([policy.id for policy in cold], dtype=np.int64)
    pairs = known.within(people.ids, ids)
    positive = np.zeros((len(cold), len(people)), dtype=np.bool_)
    positive[positions(pairs.policy_ids, ids), positions(pairs.profile_ids, people.ids)] = True
    return Cold(positive, np.isin(ids, split.test), metrics.deciles(activity(seen, people.ids)))


def _scores(model: Model, cold: Sequence[PolicyTokens], people: Frame) -> Scores:
    """Cold policies × profiles, by the very function that serves."""
    rows = profile_features(people, model.profile_vocab)
    lines = [audience.scores(model, policy.tokens, rows, people.ids) for policy in cold]
    return np.array(lines, dtype=np.float32).reshape(len(cold), len(people))


def _baselines(ready: Prepared, cold: Sequence[PolicyTokens], people: Frame, *, seed: int) -> dict[str, Scores]:
    order = np.argsort(np.argsort(people.ids, kind="stable"), kind="stable")  # `ready` has its profiles by id
    count, width = ready.anchor.shape[0], len(ready.space.vocabulary)
    pairs = ready.pairs
    log = from_parts(pairs.anchor, pairs.ranked, np.ones_like(pairs.weight), (count, len(people)))[:, order]
    warm: Csr = ready.anchor[:, :width]
    rows = policy_features([policy.tokens for policy in cold], ready.space)
    return {
        "activity": baselines.activity(log, len(cold)),
        "knn": baselines.neighbours(rows, warm, log),
        "random": baselines.random((len(cold), len(people)), seed=seed),
    }


def _report(truth: Cold, scores: Scores, others: dict[str, Scores]) -> dict[str, Any]:
    inside = truth.fold(test=True)
    figures: NDArray[np.float64] = metrics.auc(scores[inside], truth.positive[inside])
    low, high = metrics.bootstrap(figures, seed=0)
    groups = metrics.auc_in_groups(scores[inside], truth.positive[inside], truth.groups)
    ours, feeds = judging.audience(truth, scores), judging.feed(truth, scores)
    result: dict[str, Any] = {
        "cold_policies": int((~np.isnan(figures)).sum()),
        "audience_auc_cold": ours["auc"],
        "audience_auc_interval": [judging.plain(low), judging.plain(high)],
        "audience_auc_deciles": [judging.plain(value) for value in groups],
        "audience_ndcg_cold": ours["ndcg@20"],
        "feed_auc_cold": feeds["auc"],
        "feed_ndcg_cold": feeds["ndcg@20"],
    }
    for name, baseline in others.items():
        judged = judging.audience(truth, baseline)
        result |= {f"audience_auc_{name}": judged["auc"], f"audience_ndcg_{name}": judged["ndcg@20"]}
    return result
