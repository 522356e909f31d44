"""Whether one policy fits one person, clause by clause, in words: the same columns and code that choose audiences."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from profiles import criteria as trees
from profiles.columns import Frame
from profiles.criteria.deciding import judge
from profiles.criteria.leaves import Days
from profiles.criteria.missing import missing_masks
from profiles.criteria.proofs import prove_judged
from profiles.facts import fact_words
from pushsvc.pipeline.policy_fields import UNMATCHED
from pushsvc.store.policies import Policy

_NOT_MATCHED = ("此类事项不作资格匹配,供订阅和查阅", "Not matched to people; for subscribers and readers")


@dataclass(frozen=True)
class Said:
    """One clause as it stands for the person. `state`: 1 yes, 0 no, -1 unknown; `missing` are fact names for people;
    `fact` is what the clause asks of, as stored."""

    clause: str
    state: int
    sentence: str
    asked: str
    held: str
    missing: tuple[str, ...] = ()
    fact: str = ""


@dataclass(frozen=True)
class Fit:
    """The whole answer. `state` is None for a policy that is for subscribers and readers only.

    `missing` names the facts (as stored) that would tell, `missing_words` the same for people.
    """

    state: int | None
    summary: str
    clauses: tuple[Said, ...] = ()
    missing: tuple[str, ...] = ()
    missing_words: str = ""


def is_matched(policy: Policy) -> bool:
    """Whether the policy is matched to people at all, and not for subscribers only."""
    return policy.criteria is not None and policy.kind not in UNMATCHED


def criteria_of(policy: Policy) -> trees.Criteria | None:
    """The policy's parsed criteria; None where it is for subscribers only."""
    if not is_matched(policy):
        return None
    return _parsed(json.dumps(policy.criteria, sort_keys=True))


@lru_cache(maxsize=4096)
def _parsed(text: str) -> trees.Criteria:
    return trees.parse(json.loads(text))


def days_of(policy: Policy) -> Mapping[str, Any]:
    """The days that a tree may speak of, besides today."""
    return {"deadline": policy.window_closes, "published": policy.date_published}


def fit(policy: Policy, person: Frame, on: date, locale: str) -> Fit:
    """The policy against the one person of the frame."""
    tree = criteria_of(policy)
    chinese = locale.startswith("zh")
    if tree is None:
        return Fit(None, _NOT_MATCHED[0 if chinese else 1])
    days = Days(on, **days_of(policy))
    judged = judge(tree.root, person, days)
    state, missing = int(judged.state[0]), tuple(sorted(missing_masks(judged, person, days)))
    clauses = prove_judged(judged, person, days)
    summary = trees.say_state(state, len(missing), locale)
    return Fit(state, summary, tuple(_said(one, locale) for one in clauses), missing, fact_words(missing, locale))


def _said(clause: trees.Clause, locale: str) -> Said:
    chinese = locale.startswith("zh")
    return Said(
        clause=clause.clause,
        state=clause.state,
        sentence=trees.say(clause, locale),
        asked=clause.asked_zh if chinese else clause.asked_en,
        held=clause.held_zh if chinese else clause.held_en,
        missing=tuple(fact_words([name], locale) for name in clause.missing),
        fact=clause.fact,
    )
