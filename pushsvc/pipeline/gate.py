"""The gate: whether a model may rank people. A pure answer over its card, one check at a time, each with its bar.

Better than luck, than telling whoever reads most, than what people declared, and than the model now serving; for the
busy and for the quiet alike; on policies that it had not seen. And an impact assessment covers it (PIPL 55 and 56).
A model that learnt nothing from people's behaviour has no figures to show: it needs the assessment alone, and does not
take the place of one that learnt.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pushsvc.store.assessments import Assessment

CHANCE = 0.5
LEARNT = ("lightfm", "other", "nearest", "ridge")  # the parts of a recipe that speak of what people did
FIRST = "1"  # the version of models from before cards told it
Card = Mapping[str, Any]
Told = float | str | None


@dataclass(frozen=True)
class Check:
    """One question of the gate: what was found, what was asked for, and whether that is enough."""

    check: str
    passed: bool
    value: Told
    bar: Told


# Code: Chinese and English. In {} stand what was found and what was asked for.
WORDS = {
    "arrays": ("模型数据完好：{value}", "the model can be read and is whole: {value}"),
    "assessment": ("个人信息保护影响评估：{value}（须覆盖 {bar}）", "impact assessment: {value} (to cover {bar})"),
    "above_chance": (
        "新政策的受众 AUC 为 {value}，须高于随机的 {bar}",
        "audience AUC on unseen policies {value}, above chance, {bar}",
    ),
    "above_activity": (
        "新政策的受众 AUC 为 {value}，须高于按活跃度排序的 {bar}",
        "audience AUC on unseen policies {value}, above that of sorting people by activity, {bar}",
    ),
    "every_decile": (
        "活跃度各十分位中最低的受众 AUC 为 {value}，须高于 {bar}",
        "lowest audience AUC in any tenth of activity {value}, above {bar}",
    ),
    "not_below_declared": (
        "受众 AUC 为 {value}，不低于只用申报兴趣的 {bar}",
        "audience AUC {value}, not below that of declared interests alone, {bar}",
    ),
    "feed_not_below_declared": (
        "为人找政策的 AUC 的 95% 区间上端为 {value}，不低于只用申报兴趣的 {bar}",
        "upper end of the feed AUC's 95 % interval {value}, not below that of declared interests alone, {bar}",
    ),
    "not_unlearnt": (
        "没有从记录中学习，不替换从记录中学习的现用模型",
        "it learnt nothing from people's reading, and does not take the place of a model that did",
    ),
    "not_below_serving": (
        "受众 AUC 的 95% 区间上端为 {value}，不低于现用模型的 {bar}",
        "upper end of the audience AUC's 95 % interval {value}, not below the serving model's {bar}",
    ),
}


def judge(
    card: Card, *, assessment: Assessment | None, on: date, serving: Card | None = None, damage: str | None = None
) -> tuple[Check, ...]:
    """All checks, in a fixed order. `damage`: why the arrays cannot be used; `serving`: the serving model's card."""
    checks = [Check("arrays", damage is None, damage or "ok", "ok"), _assessed(card, assessment, on)]
    if is_learnt(card):
        return (*checks, *_measured(card, serving or {}))
    behind = serving is not None and is_learnt(serving)
    return (*checks, Check("not_unlearnt", False, "declared", "learnt")) if behind else tuple(checks)


def passed(checks: Sequence[Check]) -> bool:
    """Whether all are."""
    return bool(checks) and all(check.passed for check in checks)


def check_of(stored: Mapping[str, Any]) -> Check:
    """A check as the database keeps it."""
    return Check(stored["check"], bool(stored["passed"]), stored.get("value"), stored.get("bar"))


def said(check: Check, locale: str) -> str:
    """The check in words, zh or en: what was found and what was asked for."""
    text = WORDS.get(check.check, (f"{check.check} {{value}} / {{bar}}",) * 2)[0 if locale == "zh" else 1]
    return text.format(value=_shown(check.value, locale), bar=_shown(check.bar, locale))


def version_of(card: Card) -> str:
    """The version of the algorithm that the model is of."""
    return str(card.get("algorithm", FIRST))


def is_learnt(card: Card) -> bool:
    """Whether anything in it was learnt from what people did: told by the recipe's weights, where there is one."""
    recipe = card.get("recipe")
    if not isinstance(recipe, Mapping):
        return card.get("learnt") is not False
    blends = [blend for blend in recipe.values() if isinstance(blend, Mapping)]
    return any(blend.get(part) for blend in blends for part in LEARNT)


def figure(figures: Card, name: str) -> float | None:
    """A figure that is a finite number; None for what was not measured."""
    value = figures.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:  # a whole number beyond all floats
        return None


def measured(card: Card) -> Card:
    """What the card says of how well it did; nothing where that is no table."""
    found = card.get("evaluation")
    return found if isinstance(found, Mapping) else {}


def baseline(figures: Card, name: str, side: str = "audience") -> float | None:
    """The AUC of a baseline on the same policies, in one direction."""
    flat = figure(figures, f"{side}_auc_{name}")
    told = figures.get("baselines")
    found = told.get(name) if flat is None and isinstance(told, Mapping) else None
    mine = found.get(side) if isinstance(found, Mapping) else None
    return figure(mine, "auc") if isinstance(mine, Mapping) else flat


def _assessed(card: Card, found: Assessment | None, on: date) -> Check:
    version = version_of(card)
    covers = found is not None and found.covers(version, on)
    return Check("assessment", covers, found.id if found else None, f"{version} @ {on.isoformat()}")


def _measured(card: Card, serving: Card) -> list[Check]:
    figures = measured(card)
    auc = figure(figures, "audience_auc_cold")
    checks = [
        _above("above_chance", auc, CHANCE),
        _above("above_activity", auc, baseline(figures, "activity")),
        _above("every_decile", _lowest(figures), CHANCE),
    ]
    declared = baseline(figures, "declared")
    if declared is not None:
        checks.append(_not_below("not_below_declared", auc, declared))
    feed, wished = figure(figures, "feed_auc_cold"), baseline(figures, "declared", "feed")
    if wished is not None:
        checks.append(_not_below("feed_not_below_declared", _high(_feed_interval(figures), feed), wished))
    same = _same_evaluation(figures, measured(serving))
    if same is not None:
        checks.append(_not_below("not_below_serving", _high(figures.get("audience_auc_interval"), auc), same))
    return checks


def _above(name: str, value: float | None, bar: float | None) -> Check:
    return Check(name, value is not None and bar is not None and value > bar, value, bar)


def _not_below(name: str, value: float | None, bar: float) -> Check:
    return Check(name, value is not None and value >= bar, value, bar)


def _lowest(figures: Card) -> float | None:
    told = figures.get("audience_auc_deciles")
    groups = told if isinstance(told, Sequence) and not isinstance(told, str) else ()
    judged = [value for value in (figure({"auc": one}, "auc") for one in groups) if value is not None]
    return min(judged, default=None)


def _feed_interval(figures: Card) -> object:
    told = figures.get("interval")
    feed = told.get("feed") if isinstance(told, Mapping) else None
    return feed.get("auc") if isinstance(feed, Mapping) else None


def _high(told: object, auc: float | None) -> float | None:
    """The upper end of a bootstrap interval; the figure itself where there is none."""
    high = figure({"high": told[1]}, "high") if isinstance(told, Sequence) and len(told) == 2 else None
    return high if high is not None and auc is not None else auc


def _same_evaluation(figures: Card, theirs: Card) -> float | None:
    """The serving model's figure, where both were measured on the same people and policies."""
    data = figures.get("data")
    return figure(theirs, "audience_auc_cold") if data is not None and data == theirs.get("data") else None


def _shown(told: Told, locale: str) -> str:
    if told is None:
        return "没有" if locale == "zh" else "none"
    return f"{told:.4f}" if isinstance(told, float) else told
