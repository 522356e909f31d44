"""What a person typed for a fact, units and all, as a row of a register would say it: 2亿元, 20 个月, 12人, 有, 无."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal

from profiles.cells import plain
from profiles.facts import FACTS, Fact
from pushsvc.pipeline.value_words import read_value
from pushsvc.texts.numerals import decimal_of

_WAN = 10_000
_MONEY = re.compile(r"(?:元|圆|块|人民币|yuan|rmb|cny|¥)", re.I)
_UNITS = {
    "个月": re.compile(r"(?:个?月|months?)", re.I),
    "人": re.compile(r"(?:人|名|位|people|persons?)", re.I),
    "件": re.compile(r"(?:件|项|个|pieces?)", re.I),
    "%": re.compile(r"[%％]|percent", re.I),
}
_FLAGS = {"有": "yes", "对": "yes", "没有": "no", "无": "no", "没": "no"}


def read_said(name: str, text: str, on: date) -> object:
    """The value of fact `name` that a person wrote on the day `on`. Raises ProfilesError."""
    fact = FACTS[name]
    return read_value(name, _as_row(fact, text), on)


def _as_row(fact: Fact, text: str) -> str:
    found = plain(_visible(text))
    if fact.kind == "number":
        return _figure(fact, found)
    if fact.kind == "flag":
        return _FLAGS.get(found, found)
    if fact.kind == "date":
        return "".join(found.split())
    return found


def _visible(text: str) -> str:
    """Without the signs that nobody sees: joiners and marks of direction that come along when text is pasted."""
    return "".join(letter for letter in text if unicodedata.category(letter) != "Cf")


def _figure(fact: Fact, text: str) -> str:
    """The figure in the fact's own unit; what is no figure goes back as it came, for the reader to refuse."""
    unit = fact.unit_zh
    if unit in ("万元", "元"):
        bare = _MONEY.sub("", text)
        value = decimal_of(bare) if not _odd(bare) else None
        in_yuan = bare != text or any(sign in bare for sign in "万亿")  # a bare figure is in the unit that is asked for
        if value is not None and unit == "万元" and in_yuan:
            value /= _WAN
    else:
        bare = _UNITS[unit].sub("", text) if unit in _UNITS else text
        value = decimal_of(bare) if not _odd(bare) else None
    return text if value is None else _plain_figure(value)


def _odd(text: str) -> bool:
    """Commas elsewhere than at thousands."""
    return "," in text and not re.search(r"(?<!\d)\d{1,3}(,\d{3})+(?!\d)", text)


def _plain_figure(value: Decimal) -> str:
    return format(value.normalize(), "f")
