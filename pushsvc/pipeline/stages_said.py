"""Stages of life for the person they are about: which hold, by which facts, and what would tell where nobody knows.

A stage is nowhere held as such: it follows from facts. So who says that one is wrong is led to the facts behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from profiles.columns import Frame
from profiles.criteria.deciding import judge
from profiles.criteria.leaves import Days
from profiles.criteria.missing import Judged, missing_masks
from profiles.criteria.parsing import stage_rule
from profiles.criteria.phrases import asked
from profiles.criteria.trees import AnyDependant, Group, Leaf, Negation
from profiles.derived import PARTS
from profiles.lifecycle import derive
from profiles.stages import stages_of
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.held import Told, held_of
from pushsvc.pipeline.value_words import STAGES, fact_name, pick
from pushsvc.store.frames import load_frame
from pushsvc.store.session import transaction


@dataclass(frozen=True)
class Ground:
    """One fact that a stage follows from: as stored, what it must be, and what is held; None: nothing.

    `fact` is "dependants" for family members. `state`: whether it speaks for the stage: 1 yes, 0 no, -1 nobody knows.
    """

    fact: str
    name: str
    asks: str
    state: int
    held: Told | None


@dataclass(frozen=True)
class StageSaid:
    """One stage. `state`: 1 the person is in it, 0 they are not, -1 `lacking` facts would tell.

    `choice`: there are several ways into it, and one is enough.
    """

    stage: str
    name: str
    state: int
    grounds: tuple[Ground, ...]
    lacking: tuple[str, ...] = ()
    choice: bool = False


def stages_for(ctx: Context, profile_id: int, locale: str = "zh") -> tuple[StageSaid, ...]:
    """The stages that this profile may be in, those it is in first; none where there is nobody."""
    held, days = held_of(ctx, profile_id, locale), Days(city_day(ctx))
    if held is None:
        return ()
    with transaction(ctx.engine) as conn:
        frame = derive(load_frame(conn, profile_ids=np.array([profile_id], dtype=np.int64)), days.on)
    told = {one.fact: one for one in held.facts}
    found = [_stage(name, (frame, days), told, locale) for name in stages_of(held.kind)]
    return tuple(sorted(found, key=lambda one: {1: 0, -1: 1, 0: 2}[one.state]))


def _stage(name: str, of: tuple[Frame, Days], told: Mapping[str, Told], locale: str) -> StageSaid:
    judged = judge(stage_rule(name), *of)
    grounds = tuple(
        Ground(fact, fact_name(fact, locale), asks, state, told.get(fact))
        for fact, asks, state in _grounds(judged, locale)
    )
    lacking = tuple(sorted(missing_masks(judged, *of))) if judged.state[0] == -1 else ()
    said = pick((name, STAGES[name]), locale)
    return StageSaid(name, said, int(judged.state[0]), grounds, lacking, _has_choice(judged))


def _has_choice(judged: Judged) -> bool:
    node = judged.node
    any_of = isinstance(node, Group) and not node.every and len(judged.children) > 1
    return any_of or any(_has_choice(child) for child in judged.children)


def _grounds(judged: Judged, locale: str) -> Iterator[tuple[str, str, int]]:
    """(stored fact, what is asked of it, how it stands), each fact once; what speaks as the whole does stands first."""
    words: dict[str, list[str]] = {}
    states: dict[str, list[int]] = {}
    for one, negated in _leaves(judged):
        if isinstance(one.node, AnyDependant):
            fact, asks = "dependants", [asked(leaf, negated=no) for leaf, no in _asked_of(one.children[0])]
        elif isinstance(one.node, Leaf) and one.node.fact != "kind":
            fact, asks = PARTS.get(one.node.fact, (one.node.fact,))[0], [asked(one.node, negated=negated)]
        else:
            continue
        words.setdefault(fact, []).extend(pick(pair, locale) for pair in asks)
        states.setdefault(fact, []).append(_turned(int(one.state[0]), negated))
    found = [(fact, _joined(parts, locale), _worst(states[fact])) for fact, parts in words.items()]
    yield from sorted(found, key=lambda ground: ground[2] != int(judged.state[0]))


def _turned(state: int, negated: bool) -> int:
    return 1 - state if negated and state >= 0 else state


def _worst(states: list[int]) -> int:
    """Of conditions on one fact that belong together: no where one is no, unknown where one is."""
    return min(states, key=lambda state: {0: 0, -1: 1, 1: 2}[state])


def _joined(parts: list[str], locale: str) -> str:
    return pick(("、", ", "), locale).join(dict.fromkeys(parts))


def _leaves(judged: Judged, negated: bool = False) -> Iterator[tuple[Judged, bool]]:
    """The conditions of a rule, each with whether it is turned round."""
    if isinstance(judged.node, AnyDependant) or not judged.children:
        yield judged, negated
        return
    for child in judged.children:
        yield from _leaves(child, negated != isinstance(judged.node, Negation))


def _asked_of(family: Judged) -> Iterator[tuple[Leaf, bool]]:
    for one, negated in _leaves(family):
        if isinstance(one.node, Leaf):
            yield one.node, negated
