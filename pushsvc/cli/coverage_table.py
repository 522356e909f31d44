"""How much of each group a campaign chose and reached, as lines for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from profiles.facts import LEVEL_WORDS
from profiles.standards import industries, regions
from pushsvc.cli.tables import columns
from pushsvc.pipeline.coverage import LEAST, OTHERS

_REACHED = ("planned", "sent", "delivered")


def coverage_table(coverage: Mapping[str, Any] | None, locale: str = "zh", *, most: int | None = None) -> list[str]:
    """The tables of `pipeline.coverage`, a blank line between them; the first `most` groups of each, and how many more.

    Numbers below five, nobody included, are `<5`.
    """
    if not coverage:
        return []
    blocks = [_floor(coverage["floor"])] if coverage["floor"] else []
    for name, groups in coverage["groups"].items():
        shown = groups if most is None or len(groups) <= most + 1 else groups[:most]
        rows = [_row(value_words(name, one["value"], locale), one) for one in shown]
        left = [(f"… {len(groups) - len(shown)} more",)] if len(shown) < len(groups) else []
        total = [_row("total", coverage["totals"][name])] if name in coverage["totals"] else []
        reached = [word for word in _REACHED if groups[0][word] is not None]
        blocks.append(columns([(f"eligible by {name}", "profiles", "chosen", "share", *reached), *rows, *left, *total]))
    return [line for block in blocks for line in (*block, "")][:-1]


def value_words(name: str, value: str, locale: str) -> str:
    """What a value of a facet is called."""
    if not value:
        return "not told"
    if value == OTHERS:
        return "small groups together"
    if name == "district":
        return f"{regions.name_of(value)} {value}"
    if name == "section":
        return f"{value} {industries.name_of(value)}"
    return LEVEL_WORDS[value][0 if locale == "zh" else 1] if value in LEVEL_WORDS else value


def _floor(floor: Mapping[str, Any]) -> list[str]:
    over = f", {floor['over']:,} more than top_n" if floor["over"] else ""
    return [f"floor {100 * floor['share']:.4g} % of each group: {floor['raised']:,} chosen for it alone{over}"]


def _row(name: str, one: Mapping[str, Any]) -> Sequence[str]:
    share = _number(one["covered"]) if one["share"] is None else f"{100 * one['share']:.1f} %"
    mark = " (below the floor)" if one["below_floor"] else ""
    reached = [_number(one[word]) for word in _REACHED if one[word] is not None]
    return (name + mark, _number(one["eligible"]), _number(one["chosen"]), share, *reached)


def _number(n: int) -> str:
    return f"{n:,}" if n >= LEAST else f"<{LEAST}"
