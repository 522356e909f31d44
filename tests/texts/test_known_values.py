"""Sixty notices of the State Council whose number, agency and days are known: with and without their header."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from pushsvc.texts.aliases import renamed
from pushsvc.texts.interpreting import interpret
from pushsvc.texts.raw import RawText
from tests.shared import shared_file

Row = dict[str, Any]
NAMES = ("doc_no", "agency", "date_written", "date_published")


def _rows() -> list[Row]:
    path = shared_file("policies/gov_cn_2019.jsonl")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path else []


def _moved(months: int) -> Callable[[Row], Row]:
    """The header of a crawl that counts months from another beginning."""

    def day(text: str) -> str:
        year, month, number = map(int, text.split("-"))
        whole = year * 12 + month - 1 + months
        for last in (number, 30, 29, 28):
            try:
                return str(date(whole // 12, whole % 12 + 1, last))
            except ValueError:
                continue
        raise AssertionError(text)

    return lambda row: row | {name: day(row[name]) for name in ("date_written", "date_published")}


def _only(*names: str) -> Callable[[Row], Row]:
    return lambda row: {name: row[name] for name in names}


CASES = {
    "the header as it is": (lambda row: row, NAMES),
    "a header a month early": (_moved(-1), NAMES),
    "a header a month late": (_moved(1), NAMES),
    "title, text and address": (_only("title", "body", "url"), NAMES),
    "title and text": (_only("title", "body"), NAMES[:3]),
    "the text alone": (_only("body"), NAMES[:3]),
}


@pytest.mark.parametrize("case", CASES)
def test_number_agency_and_days_are_right(case: str) -> None:
    change, names = CASES[case]
    rows = _rows()
    wrong = [(row["doc_no"], name) for row in rows for name in names if _seen(change(dict(row)), name) != row[name]]
    for name in names:
        share = 1 - sum(one == name for _, one in wrong) / max(len(rows), 1)
        print(f"{case}: {name} right on {share:.1%} of {len(rows)}")
        assert share >= 0.98, wrong


def _seen(row: Row, name: str) -> str | None:
    found = renamed(row, 1)
    assert isinstance(found, tuple)
    fields, extra = found
    text = interpret(RawText(1, fields, extra, fields.pop("body"), "plain", "gov.jsonl", "0"))
    value = getattr(text, name)
    return str(value) if value else None
