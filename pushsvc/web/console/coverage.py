"""How much of each group a campaign chose and reached, as tables with their numbers in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pushsvc.pipeline.coverage import LEAST
from pushsvc.web.console.breakdown import name_of, percent
from pushsvc.web.i18n import t
from pushsvc.web.words import number

FIRST = 4  # rows shown at once; the others unfold
REACHED = (("planned", "计划"), ("sent", "已发"), ("delivered", "送达"))


@dataclass(frozen=True)
class Row:
    """One group: name, numbers and share as texts, the bar, what was sent (or ""), and whether it lacks its share."""

    name: str
    eligible: str
    chosen: str
    share: str
    width: str
    reached: str
    below: bool


@dataclass(frozen=True)
class Table:
    """One kind of groups; `total` None where they overlap."""

    code: str
    rows: tuple[Row, ...]
    total: Row | None


@dataclass(frozen=True)
class Cover:
    """All tables; `floor` as the campaign set it ("" for none), `raised` and `over` as the audience came out."""

    tables: tuple[Table, ...]
    floor: str = ""
    raised: str = ""
    over: str = ""


def cover(coverage: Mapping[str, Any] | None) -> Cover:
    """The tables of `pipeline.coverage.coverage`; none where there are none."""
    if not coverage:
        return Cover(())
    totals = coverage["totals"]
    tables = tuple(
        Table(code, tuple(_row(code, one) for one in rows), _row(code, totals[code]) if code in totals else None)
        for code, rows in coverage["groups"].items()
    )
    floor = coverage["floor"]
    if not floor:
        return Cover(tables)
    over = number(floor["over"]) if floor["over"] else ""
    return Cover(tables, share_of(floor["share"]), number(floor["raised"]), over)


def share_of(share: float) -> str:
    """12.5 %, 30 %."""
    return f"{100 * share:.4g} %"


def _row(code: str, one: Mapping[str, Any]) -> Row:
    told = [f"{t(word)}\u00a0{_number(one[name])}" for name, word in REACHED if one[name] is not None]
    value = one["value"]
    name = t("合计") if value is None else name_of(code, value)
    width = percent(one["covered"], one["eligible"]) if one["share"] is not None else "0%"
    return Row(
        name,
        _number(one["eligible"]),
        _number(one["chosen"]),
        _share(one),
        width,
        "\u00a0· ".join(told),  # a line ends after a dot, not within a number's words
        one["below_floor"],
    )


def _number(n: int) -> str:
    return number(n) if n >= LEAST else f"<{LEAST}"


def _share(one: Mapping[str, Any]) -> str:
    """The share; of a count that is not told only what it is below."""
    if one["share"] is not None:
        return f"{100 * one['share']:.1f} %"
    return f"<{min(100.0, 100 * LEAST / one['eligible']):.1f} %" if one["eligible"] else "–"
