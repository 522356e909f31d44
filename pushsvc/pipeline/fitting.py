"""Whether one policy fits one person, clause by clause, in words: the same columns and code that choose audiences."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from profiles import criteria as trees
from profiles.columns import Frame
from profiles.criteria.table import ClauseTable, Entry, compile_table, states
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


def state_of(policy: Policy, person: Frame, on: date) -> int | None:
    """1 yes, 0 no, -1 unknown for the one person of the frame; None for a policy that is not matched."""
    tree = criteria_of(policy)
    return None if tree is None else int(trees.decide(tree, person, on=on, **days_of(policy)).state[0])


def states_of(policies: Sequence[Policy], person: Frame, on: date) -> list[int | None]:
    """`state_of` for many policies at once."""
    table = _table(tuple(_Key(policy) for policy in policies))
    found = states(table, person, on).tolist()
    return [state if is_matched(one) else None for one, state in zip(policies, found, strict=True)]


class _Key:
    """A policy as a key: its number and the checksum of its content, which any change to its criteria changes."""

    def __init__(self, policy: Policy) -> None:
        self.policy, self.key = policy, (policy.id, policy.checksum)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=4)
def _table(keys: tuple[_Key, ...]) -> ClauseTable:
    return compile_table([Entry(criteria_of(key.policy), **days_of(key.policy)) for key in keys])


def fit(policy: Policy, person: Frame, on: date, locale: str) -> Fit:
    """The policy against the one person of the frame."""
    tree = criteria_of(policy)
    chinese = locale.startswith("zh")
    if tree is None:
        return Fit(None, _NOT_MATCHED[0 if chinese else 1])
    decision = trees.decide(tree, person, on=on, **days_of(policy))
    state, missing = int(decision.state[0]), tuple(decision.missing)
    clauses = trees.prove(tree, person, 0, on=on, **days_of(policy))
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
