"""The header's sum against the header's words and against the sums in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pushsvc.texts.amounts import (
    WAN,
    Amount,
    amounts_in,
    bare_number,
    same_sum,
    sum_and_number_disagree,
    sums_in,
    sums_told,
)
from pushsvc.texts.findings.shape import LONGEST_FIELD, Finding, Page

_FIELD = re.compile(r"amount|subsid|bonus|grant|金额|补助|补贴|奖励|资助|扶持", re.IGNORECASE)
_IN_WAN = re.compile(r"wan|万", re.IGNORECASE)


def find(page: Page) -> tuple[Finding, ...]:
    """One finding at most: the first pair that disagrees blocks; a sum below the text's highest is a note."""
    numbers, words = dict(_numbers(page)), dict(_words(page))
    sums = [amount for amount in amounts_in(page.body) if amount.kind != "percent"]
    for place, wan in numbers.items():
        for said in words.values():
            if sum_and_number_disagree(said, wan):
                return (_disagree(place, f"{wan:g}", said[:30]),)
    told = numbers or {place: value for place, said in words.items() for value in _highest(said)}
    for place, wan in told.items():
        if sums and not any(same_sum(one.exact, wan) for one in sums):
            return (_disagree(place, f"{wan:g}", "、".join(sorted({f"{one.exact:f}" for one in sums})[:4])),)
    return next((_below(place, wan, sums) for place, wan in told.items() if _is_below(wan, sums)), ())


def _numbers(page: Page) -> Iterator[tuple[str, float]]:
    """Every sum that the header gives as a number, in 万元. A field that names no unit may count 元 or 万元."""
    sums = sums_in(page.body)
    if page.text.amount_wan is not None:
        yield "amount_wan", page.text.amount_wan
    for name, value in _fields(page):
        number = bare_number(value)
        if number and not (name == "amount" and page.text.amount_wan is not None):
            in_yuan = number / WAN in sums or (number not in sums and number >= WAN)
            yield name, float(number / WAN if in_yuan and not _IN_WAN.search(name) else number)


def _words(page: Page) -> Iterator[tuple[str, str]]:
    if page.text.amount and bare_number(page.text.amount) is None:
        yield "amount", page.text.amount
    for name, value in _fields(page):
        if isinstance(value, str) and bare_number(value) is None:
            yield name, value[:LONGEST_FIELD]


def _fields(page: Page) -> Iterator[tuple[str, Any]]:
    for fields in (page.raw.fields, page.raw.extra):
        yield from ((name, value) for name, value in fields.items() if _FIELD.search(name))


def _highest(said: str) -> list[float]:
    return sorted(map(float, sums_told(said)), reverse=True)[:1]


def _is_below(wan: float, sums: list[Amount]) -> bool:
    return any(float(one.exact) > wan * (1 + 1e-9) for one in sums if one.kind == "cap")


def _disagree(place: str, told: str, found: str) -> Finding:
    zh = f"金额不一致：{told} 万元，文字为“{found}”"
    return Finding("amount_disagrees", place, zh, f"The sums disagree: {told} 万元 against {found!r}", True)


def _below(place: str, wan: float, sums: list[Amount]) -> tuple[Finding, ...]:
    highest = max(one.exact for one in sums if one.kind == "cap")
    zh = f"{wan:g} 万元不是正文中最高的金额（{highest:f} 万元）"
    en = f"{wan:g} 万元 is not the highest sum in the text ({highest:f})"
    return (Finding("amount_not_highest", place, zh, en, False),)
