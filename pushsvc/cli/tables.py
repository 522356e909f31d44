"""Figures on a terminal: columns that line up though Chinese letters are two wide, and JSON of what we hold."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from pushsvc.pipeline.report import Figures, Funnel, figures

_HEAD = ("file", "read", "new", "changed", "unchanged", "passed", "held", "refused")


def as_json(value: object) -> str:
    """One JSON object; dates and moments as ISO text."""
    return json.dumps(value, ensure_ascii=False, default=str)


def funnel_json(funnel: Funnel) -> dict[str, object]:
    """`files` (an object a file, with its errors) and `total`."""
    rows = [
        {"file": name, **asdict(figures(report)), "errors": [vars(error) for error in report.errors]}
        for name, report in funnel.files
    ]
    return {"files": rows, "total": asdict(funnel.total())}


def funnel_table(funnel: Funnel) -> list[str]:
    """The funnel by file and reason: under each file what its rows are held or refused by; the total last."""
    rows: list[Sequence[str]] = [_HEAD]
    for name, report in funnel.files:
        rows += _rows(name, figures(report))
    if len(funnel.files) != 1:
        rows += _rows("total", funnel.total())
    return columns(rows)


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a first column from the left and figures from the right; the first row, the longest, is the head."""
    widths = [max(_width(row[i]) for row in rows if i < len(row)) for i in range(len(rows[0]))]
    return [_line(row, widths) for row in rows]


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of columns that line up, all from the left."""
    widths = [max(_width(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []
    padded = ([text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True)] for row in rows)
    return ["  ".join(texts).rstrip() for texts in padded]


def _rows(name: str, found: Figures) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = [[name, *(f"{getattr(found, column):,}" for column in _HEAD[1:])]]
    rows += _reasons("held", 6, found.held_by) + _reasons("refused", 7, found.refused_by)
    return rows


def _reasons(what: str, column: int, reasons: Mapping[str, int]) -> list[Sequence[str]]:
    blank = [""] * (column - 1)
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return [[f"  {what}: {code}", *blank, f"{n:,}"] for code, n in ordered]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first = row[0] + " " * (widths[0] - _width(row[0]))
    numbers = (text.rjust(width) for text, width in zip(row[1:], widths[1:], strict=False))
    return "  ".join([first, *numbers]).rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
