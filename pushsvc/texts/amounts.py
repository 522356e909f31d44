"""Sums of money and percentages in a text: every written shape, exact, in 万元.

Money is a number with 元, or with 万 or 亿 alone where no counted thing follows (5万人) and money is spoken of just
before. Other currencies are no sums of ours.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Literal

from pushsvc.texts.numerals import WRITTEN, decimal_of

AmountKind = Literal["cap", "fixed", "per_unit", "percent"]
WAN = Decimal(10_000)
MOST = 20_000  # sums that are read of one text

_ARABIC = r"(?:\d{1,3}(?:,\d{3}){1,5}|\d{1,15})(?:\.\d{1,6})?(?!\d)"
_MIXED = rf"{_ARABIC}(?:\s?(?:[十百千]?[万亿]亿?|[十百千])(?:{_ARABIC}\s?[十百千]?万?)?)?"
_START = rf"(?<![\d.])(?<!\d,)(?<![{WRITTEN}])"
_NUMBER = rf"(?:{_MIXED}|[{WRITTEN}]{{1,24}})"
_RANGE = r"\s?[元圆]?\s?(?:[-—–~～]{1,2}|[至到])\s?"
_NO_SUM = r"(?![素旦首化月气件器宵朝宝论]|结构)"
_BARE = r"(?<=[万亿])(?:(?=以内|以下|以上|左右|封顶|的?奖|的?补|的?资)|(?![\w/\u3400-\u9fff]|\s[\w\u3400-\u9fff]))"
_MONEY = re.compile(
    rf"{_START}(?:(?P<low>{_NUMBER}){_RANGE})?(?P<number>{_NUMBER})\s?(?:人民币)?(?:(?P<yuan>[元圆]){_NO_SUM}|{_BARE})",
    re.ASCII,
)
_PERCENT = re.compile(
    r"(?<![\d.])(?P<arabic>\d{1,9}(?:\.\d{1,6})?)\s?[%‰]"
    rf"|百分之(?P<written>[{WRITTEN}]{{1,12}}|\d{{1,6}}(?:\.\d{{1,4}})?)",
    re.ASCII,
)
_TRAILING_UNIT = re.compile(r"[十百千]?[万亿]+$")
_CLAUSE = re.compile(r"[,;。:!?\n]")
_CAP_BEFORE = re.compile(r"最高|最多|至多|不超过|不得超过|不高于|不大于|上限|封顶|限额|不突破")
_CAP_AFTER = re.compile(r"\s?(?:\(含\))?的?(?:以内|以下|封顶|为限|上限|为上限|之内)")
_EACH_BEFORE = re.compile(r"每[^\s\d]{1,8}$")
_EACH_AFTER = re.compile(r"\s?(?:/|每)\s?[^\s\d]")
_OF_MONEY = re.compile(r"[奖补资金款费贷投扶助付额值收]|支持|给予|最高|不超过|封顶|上限")
_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}
_SIMPLE = str.maketrans("萬億圓貳參陸兩", "万亿圆贰叁陆两")


@dataclass(frozen=True)
class Amount:
    """A sum or a percentage and where it stands. `exact` is in 万元, for a percentage in points (‰ is a tenth)."""

    exact: Decimal
    kind: AmountKind
    span: tuple[int, int]

    @property
    def wan(self) -> float:
        """The sum in 万元; not a number for a percentage, which is no sum."""
        return math.nan if self.kind == "percent" else float(self.exact)


def amounts_in(text: str) -> tuple[Amount, ...]:
    """Sums and percentages of a text in their order (the first MOST of each); of a range (10万—50万元) both ends."""
    plain = text.translate(_FOLD).translate(_SIMPLE)
    found = [amount for match in islice(_MONEY.finditer(plain), MOST) for amount in _sums(match, plain)]
    found += [_percentage(match) for match in islice(_PERCENT.finditer(plain), MOST)]
    return tuple(sorted(found, key=lambda amount: amount.span))


def sums_in(text: str) -> frozenset[Decimal]:
    """The sums of money alone, in 万元."""
    return frozenset(amount.exact for amount in amounts_in(text) if amount.kind != "percent")


def sum_and_number_disagree(said: str, wan: float) -> bool:
    """Whether words that name sums (补助20万元) name another than the number beside them (in 万元)."""
    sums = sums_told(said)
    return bool(sums) and not any(same_sum(one, wan) for one in sums)


def sums_told(said: str) -> frozenset[Decimal]:
    """The sums of a field that is about money: there 50万 alone is a sum."""
    return sums_in(f"补助{said}")


def same_sum(exact: Decimal, wan: float) -> bool:
    """Equal to the last place that a float in 万元 carries."""
    return math.isclose(float(exact), wan, rel_tol=1e-9, abs_tol=1e-9)


def amount_of(words: object, number: object) -> tuple[str | None, float | None]:
    """(words, number in 万元) of a header: the number told, else the largest sum that the words name.

    The number counts 万元, unless the words name it in 元.
    """
    text = " ".join(words.split())[:200] if isinstance(words, str) else ""
    sums = sums_told(text)
    told = bare_number(number)
    if told is None:
        return text or None, float(max(sums)) if sums else None
    in_yuan = told not in sums and told / WAN in sums
    return text or None, float(told / WAN if in_yuan else told)


def bare_number(value: object) -> Decimal | None:
    """A number, or digits alone; None for what is none, or not above zero: that names no sum."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and not re.fullmatch(r"\s*\d{1,15}(?:,\d{3}){0,5}(?:\.\d{1,6})?\s*", value, re.ASCII):
        return None
    number = (
        Decimal(str(value).strip().replace(",", "")) if not isinstance(value, int) or value < 10**15 else Decimal(0)
    )
    return number if number.is_finite() and 0 < number < 10**15 else None


def _sums(match: re.Match[str], plain: str) -> list[Amount]:
    number = match["number"]
    if match["yuan"] is None and not _OF_MONEY.search(_before(plain, match.start())):
        return []
    value = decimal_of(number)
    if not value:
        return []
    kind = _kind(plain, match)
    found = [Amount(value / WAN, kind, (match.start("number"), match.end()))]
    low = _low(match["low"], number)
    if low is not None:
        found.insert(0, Amount(low / WAN, kind, match.span("low")))
    return found


def _low(low: str | None, high: str) -> Decimal | None:
    """A range's first number, in the unit of the second where it has none of its own: 10-50万元."""
    if low is None:
        return None
    value = decimal_of(low)
    if value is None or re.search(r"[万亿]", low):
        return value
    unit = _TRAILING_UNIT.search(high)
    return decimal_of(low + unit.group()) if unit else value


def _before(plain: str, start: int) -> str:
    """The words of the same clause just before."""
    return _CLAUSE.split(plain[max(0, start - 16) : start])[-1]


def _kind(plain: str, match: re.Match[str]) -> AmountKind:
    before = _before(plain, match.start())
    if _CAP_BEFORE.search(before) or _CAP_AFTER.match(plain, match.end()):
        return "cap"
    if _EACH_BEFORE.search(before) or _EACH_AFTER.match(plain, match.end()):
        return "per_unit"
    return "fixed"


def _percentage(match: re.Match[str]) -> Amount:
    value = decimal_of(match["arabic"] or match["written"]) or Decimal(0)
    return Amount(value / 10 if match.group().endswith("‰") else value, "percent", match.span())
