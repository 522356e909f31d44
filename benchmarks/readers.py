"""Policies for the city and who read them: a log in which wishes, districts and habits all count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.city import city
from benchmarks.city_people import DISTRICTS, ON
from profiles.columns import MISSING_CODE, Column, Frame, Nested, no_sets, ragged
from profiles.lifecycle import derive
from profiles.ragged import Ragged
from profiles.snapshot.views import decoded
from recommenders import columns as c
from recommenders.content import PolicyText, PolicyTokens, policy_tokens
from recommenders.interactions import Interactions

Draw = np.random.Generator
_THEMES = ("租房", "社保", "托育", "养老", "就业", "创业", "人才", "补贴", "公积金", "医保", "研发", "融资")
_KINDS = ("fund", "guide", "normative", "notice", "plan")
_MATTERS = ("申报", "办理", "认定", "奖励", "名额", "年审", "公示", "试点", "减免", "贷款")
_TWICE = 2  # so many are drawn for one pair: the eager are drawn again and again
_BY_WISH = 0.6  # share of a policy's readers who declared its theme


@dataclass(frozen=True)
class Readers:
    """Derived profiles of all kinds, policies, and the distinct pairs of those that met."""

    frame: Frame
    policies: Sequence[PolicyTokens]
    log: Interactions


def readers(profiles: int, policies: int, pairs: int, *, seed: int = 1) -> Readers:
    """At most so many pairs, the same for the same arguments: a tenth of the profiles have most of them."""
    draw = np.random.default_rng(seed)
    frame = _together([derive(one, ON) for one in decoded(city(profiles, seed=seed))])
    themes = [_THEMES[row] for row in draw.integers(0, len(_THEMES), policies)]
    offered = [_policy(draw, number, theme) for number, theme in enumerate(themes, start=1)]
    return Readers(frame, offered, _log(draw, frame, themes, pairs))


def _policy(draw: Draw, number: int, theme: str) -> PolicyTokens:
    region, matter = str(draw.choice(DISTRICTS)), "".join(draw.choice(_MATTERS, 2, replace=False))
    text = PolicyText(number, str(draw.choice(_KINDS)), f"关于{theme}{matter}的通知", region=region, themes=(theme,))
    return policy_tokens(text)


def _log(draw: Draw, frame: Frame, themes: Sequence[str], pairs: int) -> Interactions:
    """Readers of each policy: some by wish, some by habit alone, all by how eager they are."""
    eager = draw.pareto(1.5, len(frame)) + 0.05
    wishing = {theme: eager * frame.tags.has(theme) for theme in set(themes)}
    counts = draw.lognormal(0, 1, len(themes))
    counts = np.ceil(counts / counts.sum() * pairs * _TWICE).astype(np.int64)
    found = []
    for number, (theme, count) in enumerate(zip(themes, counts.tolist(), strict=True), start=1):
        wished = int(count * _BY_WISH)
        who = np.concatenate([_drawn(draw, wishing[theme], wished), _drawn(draw, eager, count - wished)])
        found.append(np.column_stack([np.unique(frame.ids[who]), np.full(len(np.unique(who)), number)]))
    table = np.concatenate(found)
    table = table[np.sort(draw.permutation(len(table))[:pairs])]
    return Interactions(table[:, 0], table[:, 1])


def _drawn(draw: Draw, weights: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    sums = np.cumsum(weights)
    rows: NDArray[np.int64] = np.searchsorted(sums, draw.random(count) * sums[-1], side="right")
    return rows


def _together(frames: Sequence[Frame]) -> Frame:
    """One frame of what features are made from."""
    facts = (*c.CODE_GROUPS, c.INDUSTRY, c.AGE_FACT)
    columns = {name: _stacked([(one.columns.get(name), len(one)) for one in frames]) for name in facts}
    tags, stages = (_sets([getattr(one, name) for one in frames]) for name in ("tags", "stages"))
    ids = np.concatenate([one.ids for one in frames]).astype(np.int64)
    joined = Frame(ids, columns, tags, stages, Nested(np.zeros(len(ids) + 1, dtype=np.int64)), derived_on=ON)
    return joined.take(np.argsort(ids))


def _stacked(parts: Sequence[tuple[Column | None, int]]) -> Column:
    """One column; a fact that a kind of profile does not have is missing for it."""
    held = next(column for column, _ in parts if column is not None)
    if held.kind == "number":
        return Column("number", np.concatenate([np.full(n, np.nan) if one is None else one.values for one, n in parts]))
    levels = tuple(dict.fromkeys(level for one, _ in parts if one is not None for level in one.levels))
    place = {level: row for row, level in enumerate(levels)}
    values = [np.full(n, MISSING_CODE) if one is None else _recoded(one, place) for one, n in parts]
    return Column("code", np.concatenate(values).astype(np.int32), levels)


def _recoded(column: Column, place: dict[str, int]) -> NDArray[np.int64]:
    codes: NDArray[np.int64] = np.array([*(place[level] for level in column.levels), MISSING_CODE])
    return np.asarray(codes[column.values])


def _sets(parts: Sequence[Ragged]) -> Ragged:
    return ragged([one.words(row) for one in parts for row in range(len(one))]) if parts else no_sets(0)
