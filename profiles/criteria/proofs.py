"""Clause by clause for one person, by the same columns that decided: what is asked, what is held, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from profiles.columns import Frame
from profiles.criteria.clauses import Clause
from profiles.criteria.deciding import judge
from profiles.criteria.holdings import held_words
from profiles.criteria.leaves import Days, facts_of
from profiles.criteria.measure_words import measure_words
from profiles.criteria.missing import Judged, missing_masks
from profiles.criteria.pairs import Pair, figure, joined
from profiles.criteria.phrases import asked, compared_words, qualification_words
from profiles.criteria.trees import (
    LEAF_NODES,
    AnyDependant,
    CountDependants,
    Criteria,
    During,
    Group,
    HasQualification,
    Leaf,
    LeafNode,
    Measured,
    Negation,
    Receives,
    Stage,
    Tiers,
)


def prove(
    criteria: Criteria | None,
    frame: Frame,
    row: int,
    *,
    on: date,
    deadline: date | None = None,
    published: date | None = None,
) -> list[Clause]:
    """The conditions all of which must hold, for the profile at `row`; alternatives stand in one clause.

    The criteria say yes exactly when every clause does, and no when any does. None has no clauses.
    """
    if criteria is None:
        return []
    one = frame if len(frame) == 1 else frame.take(np.array([row]))
    days = Days(on, deadline, published)
    return prove_judged(judge(criteria.root, one, days), one, days)


def prove_judged(judged: Judged, one: Frame, days: Days) -> list[Clause]:
    """`prove` of a tree that was judged already for the one profile of the frame."""
    return _clauses(judged, one, days, negated=False)


def _clauses(judged: Judged, frame: Frame, days: Days, *, negated: bool) -> list[Clause]:
    node = judged.node
    if isinstance(node, Negation):
        return _clauses(judged.children[0], frame, days, negated=not negated)
    if not isinstance(node, Group):
        return [_clause(judged, frame, days, negated=negated)]
    if node.every != negated:  # not(any of) is all of the nots
        return [one for child in judged.children for one in _clauses(child, frame, days, negated=negated)]
    if len(judged.children) == 1:
        return _clauses(judged.children[0], frame, days, negated=negated)
    return [_alternatives(judged, frame, days, negated=negated)]


def _clause(judged: Judged, frame: Frame, days: Days, *, negated: bool) -> Clause:
    node, missing = judged.node, _missing(judged, frame, days)
    state = _state(judged, negated)
    if isinstance(node, LEAF_NODES):
        (fact, words), own = _subject(node), held_words(node, frame, days)
        return Clause(node.clause, fact, state, *asked(node, negated=negated), *own, missing, *words)
    assert isinstance(node, (AnyDependant, CountDependants, Stage))
    ask = _of_stage(node, negated) if isinstance(node, Stage) else _of_members(judged, negated)
    if isinstance(node, Stage):
        fact, own = "stage", ("是", "yes") if _state(judged, False) == 1 else ("否", "no")
    else:
        n = int(frame.dependants.offsets[-1])
        fact, own = "dependants", (f"{n}位家庭成员", f"{n} family members")
    return Clause(node.clause, fact, state, *ask, *own, missing)


def _subject(leaf: LeafNode) -> tuple[str, Pair]:
    """The fact a leaf is about, and the words for it where it is more than that fact."""
    match leaf:
        case Leaf():
            return leaf.fact, ("", "")
        case Measured():
            return facts_of(leaf)[0], measure_words(leaf.measure)
        case Tiers():
            return facts_of(leaf)[-1], measure_words(leaf.of)
        case HasQualification():
            return "qualifications", qualification_words(leaf.key)
        case Receives():
            return "benefits", ("", "")
        case During():
            return "kind", ("办理日期", "date of applying")


def _alternatives(judged: Judged, frame: Frame, days: Days, *, negated: bool) -> Clause:
    """Any of several: one clause whose words are joined by "or". No alternative at all can never hold."""
    parts = [part for child in judged.children for part in [_joint(_clauses(child, frame, days, negated=negated))]]
    state = _state(judged, negated)
    if not parts:
        never = ("无人适用", "nobody") if state == 0 else ("所有人", "everybody")
        return Clause("", "kind", state, *never, "", "")
    ask = joined([(part.asked_zh, part.asked_en) for part in parts], ("或", " or "))
    own = joined([(part.held_zh, part.held_en) for part in parts], (";", "; "))
    first = next((part for part in parts if part.state == state), parts[0])
    return Clause(first.clause, first.fact, state, *ask, *own, _missing(judged, frame, days))


def _joint(parts: Sequence[Clause]) -> Clause:
    """Conditions that hold together, as one alternative."""
    if not parts:
        return Clause("", "kind", 1, "所有人", "everybody", "", "")
    if len(parts) == 1:
        return parts[0]
    worst = min(parts, key=lambda part: {0: 0, -1: 1, 1: 2}[part.state])
    ask = joined([(part.asked_zh, part.asked_en) for part in parts], ("且", " and "))
    own = joined([(part.held_zh, part.held_en) for part in parts], (",", ", "))
    return replace(worst, asked_zh=f"({ask[0]})", asked_en=f"({ask[1]})", held_zh=own[0], held_en=own[1])


def _of_stage(node: Stage, negated: bool) -> Pair:
    no_zh, no_en = ("不", "not ") if negated else ("", "")
    return f"{no_zh}处于{node.name}阶段", f"{no_en}in the stage {node.name}"


def _of_members(judged: Judged, negated: bool) -> Pair:
    """The words of a condition on family members; their own values stay off the page."""
    zh, en = _ask_only(judged.children[0], negated=False)
    if isinstance(judged.node, CountDependants):
        many_zh, many_en = compared_words(judged.node.op, figure(judged.node.value, ("位", "")), negated=negated)
        return f"{zh or '登记'}的家庭成员{many_zh}", f"family members{' with ' if en else ''}{en}: {many_en}"
    have_zh, have_en = ("没有", "no") if negated else ("有", "a")
    return f"{have_zh}{zh or '登记'}的家庭成员", f"{have_en} family member{' with ' if en else ''}{en}"


def _ask_only(judged: Judged, *, negated: bool) -> Pair:
    node = judged.node
    if isinstance(node, LEAF_NODES):
        return asked(node, negated=negated)
    if isinstance(node, Negation):
        return _ask_only(judged.children[0], negated=not negated)
    assert isinstance(node, Group)
    glue = ("且", " and ") if node.every != negated else ("或", " or ")
    return joined([_ask_only(child, negated=negated) for child in judged.children], glue)


def _state(judged: Judged, negated: bool) -> int:
    state = int(judged.state[0])
    return {1: 0, 0: 1, -1: -1}[state] if negated else state


def _missing(judged: Judged, frame: Frame, days: Days) -> tuple[str, ...]:
    return tuple(sorted(fact for fact, mask in missing_masks(judged, frame, days).items() if mask.any()))
