"""The shapes of a document number (发文字号) as patterns over a text made plain.

Source: GB/T 9704-2012, 7.2.5 (agency's letters, year in 〔〕, serial number without leading zeros and without 第) and
10.2 (an order has a 令号 of its own); everything else here is how the rule is broken in print and on web pages.
Every repetition is bounded, so a search takes time in proportion to the text.
"""

from __future__ import annotations

import re

from profiles.standards.numerals import DIGITS, SIGNS, ZEROS, chinese_number

_OPENING = "〔﹝［[【（(〖「『〈<＜{｛"
_CLOSING = "〕﹞］]】）)〗」』〉>＞}｝"
_BLANKS = "\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff"
_DASHES = "－—–―‐‑‒−～"

# One sign for one sign: places in the plain text are places in the text itself.
_PLAIN = (
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    | {ord(sign): "〔" for sign in _OPENING}
    | {ord(sign): "〕" for sign in _CLOSING}
    | {ord(sign): " " for sign in _BLANKS}
    | {ord(sign): "-" for sign in _DASHES}
    | {ord("號"): "号", ord("○"): "〇", ord("◯"): "〇"}
)

KINDS = "令|公告|通告"
_YEAR = rf"(?:\d{{4}}|[{DIGITS}{ZEROS}]{{4}})"
_NUMBER = rf"(?:0{{0,6}}\d{{1,5}}(?!\d)|[{SIGNS}]{{1,9}})"
_AND = r"\s{0,2}(?:[、,;/~-]|[和及与至到])\s{0,2}"
_SERIAL = rf"(?P<numbers>{_NUMBER}(?:{_AND}第?\s{{0,2}}{_NUMBER}){{0,40}})"
# (94)财税字第1号: the years up to 1999 were cut to two digits, in letters that end in 字.
_DATED = rf"〔\s{{0,3}}(?P<year>{_YEAR}|[4-9]\d)\s{{0,3}}年?\s{{0,3}}〕\s{{0,3}}"
_WHEN = rf"(?:(?P<year>{_YEAR})\s{{0,2}}(?:年|(?=第)))?\s{{0,3}}(?P<ordinal>第)?\s{{0,3}}"
_OF = rf"(?P<kind>{KINDS})"

# 〔2024〕16号, without the agency's letters before it.
_PLACE = "[楼线院路弄幢栋]"  # 3号楼, 5号线
BRACKET = re.compile(rf"{_DATED}第?\s{{0,3}}{_SERIAL}(?P<sign>\s{{0,3}}号(?!{_PLACE}))?")
# 〔1996〕武司字第82号: the letters come after the year.
YEAR_FIRST = re.compile(rf"{_DATED}(?P<letters>[\u4e00-\u9fff]{{1,9}}字)\s{{0,3}}第?\s{{0,3}}{_SERIAL}\s{{0,3}}号")
# 令第707号, 公告2020年第12号, 公告（2020年第12号）.
ORDER = re.compile(rf"{_OF}\s{{0,3}}(?P<open>〔\s{{0,2}})?{_WHEN}{_SERIAL}\s{{0,3}}号(?(open)\s{{0,2}}〕)")
# 第707号令, 2020年第12号公告.
TURNED = re.compile(rf"(?P<open>〔\s{{0,2}})?{_WHEN}{_SERIAL}\s{{0,3}}号(?(open)\s{{0,2}}〕)\s{{0,3}}{_OF}(?!栏)")
# More numbers of the same letters: 、17号 or 、〔2025〕3号.
_NEXT_WHEN = rf"(?:(?P<open>〔\s{{0,3}})?(?P<year>{_YEAR})\s{{0,3}}(?(open)年?\s{{0,3}}〕|年(?=\s{{0,3}}第))\s{{0,3}})?"
NEXT = re.compile(rf"(?P<and>{_AND}){_NEXT_WHEN}第?\s{{0,3}}{_SERIAL}\s{{0,3}}号(?!{KINDS}|{_PLACE})")

_RANGE = re.compile(r"\s*(?:[~-]|[至到])\s*第?\s*")
_PART = re.compile(_NUMBER)
_LONGEST_RANGE = 30


def plain(text: str) -> str:
    """The text with one kind of bracket, dash, blank and digit; as long as it was, sign for sign."""
    return text.translate(_PLAIN)


def year_of(written: str) -> int | None:
    """A year from 1900 to 2199; two digits are of the nineteen hundreds."""
    year = value_of(f"19{written}" if len(written) == 2 else written)
    return year if year is not None and 1900 <= year < 2200 else None


def value_of(written: str) -> int | None:
    """A serial number or year in digits or Chinese numerals."""
    return int(written) if written.isdecimal() else chinese_number(written)


def between(first: int, sign: str, last: int) -> tuple[int, ...]:
    """The numbers between 16号 and 18号 where `sign` says from … to …; empty where it lists, or they make no range."""
    return tuple(range(first + 1, last)) if _RANGE.fullmatch(sign) and last - first <= _LONGEST_RANGE else ()


def serials(written: str) -> tuple[int, ...]:
    """`16、17` -> 16, 17; `16至18` -> 16, 17, 18; empty where one is no number, or a range runs backwards."""
    found: list[int] = []
    end = 0
    for part in _PART.finditer(written):
        value = value_of(part[0])
        if not value:
            return ()
        if found and _RANGE.fullmatch(written[end : part.start()]):
            if not 0 < value - found[-1] <= _LONGEST_RANGE:
                return ()
            found.extend(range(found[-1] + 1, value))
        found.append(value)
        end = part.end()
    return tuple(found)
