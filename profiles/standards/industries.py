"""Industries by GB/T 4754-2017: section letter, division, group, class, written `I`, `I65`, `I651`, `I6513`.

Source: 国民经济行业分类 GB/T 4754-2017 with its first amendment (2019), which adds a class; registers still
hold classes of GB/T 4754-2011 too. So a fourth digit that is not in the table is kept
where its group is known, and means the group.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from profiles.errors import ProfilesError
from profiles.standards.tabledata import facts

LONGEST = 100
_BETWEEN = r"[\s.·・_/-]*"
_CODE = re.compile(rf"([A-T]?){_BETWEEN}(\d{{2,4}}|)(?:\.0)?", re.ASCII)  # 6513.0: a sheet took it for a figure
_AROUND = " \t\r\n.·・_/-:;,、()[]〔〕【】'\"“”‘’《》"
# A code with words: `I65 软件和信息技术服务业`, `65软件…`, `餐饮业(H62)`, `I门类`.
_CODE_FIRST = re.compile(rf"((?:[A-T]{_BETWEEN})?\d{{2,4}}|[A-T])(?![\dA-Z])", re.ASCII)
_CODE_LAST = re.compile(rf"(?<![\dA-Z])((?:[A-T]{_BETWEEN})?\d{{2,4}}|[A-T])$", re.ASCII)
_RANK_WORDS = re.compile(r"^(?:门类|[大中小]?类)|(?:门类|[大中小]?类|…|\.\.\.)$")


class IndustryError(ProfilesError):
    """An industry is in no table, in whatever shape it was written."""


@dataclass(frozen=True)
class Industry:
    """One entry; `parent` is "" for a section."""

    code: str
    parent: str
    name: str


@cache
def table() -> dict[str, Industry]:
    """Every section, division, group and class by code."""
    rows = (Industry(row["code"], row["parent"], row["name"]) for row in facts("industries.csv"))
    return {row.code: row for row in rows}


def parse_industry(text: str) -> str:
    """`I6513`, `6513`, `i 65`, `I.65`, `65`, `I`, a name, or a code with its name -> the canonical code.

    Raises IndustryError "unknown_industry": also where letter and digits, or code and words, speak of different things.
    """
    if len(text) > LONGEST:
        raise IndustryError("unknown_industry", "", f"An industry has at most {LONGEST} characters.")
    plain = unicodedata.normalize("NFKC", text).strip()
    code = _by_code(plain.upper()) or _by_name().get(_bare(plain)) or _by_both(plain.upper())
    if code is None:
        raise IndustryError("unknown_industry", "", f"{plain[:30]!r} is no industry of GB/T 4754-2017.")
    return code


def name_of(code: str) -> str:
    """The industry's name; of its group where the class itself is new; else the code."""
    for candidate in (code, code[:-1]):
        if candidate in table():
            return table()[candidate].name
    return code


def covers(ancestor: str, code: str) -> bool:
    """Whether `code` is `ancestor` or lies below it; both canonical."""
    return code.startswith(ancestor)


def industry_mask(levels: Sequence[str], ancestors: Sequence[str]) -> NDArray[np.bool_]:
    """bool[len(levels)]: the codes within any of the ancestors; either may be written in any shape."""
    return np.asarray(industry_states(levels, ancestors) == 1)


def industry_states(levels: Sequence[str], ancestors: Sequence[str]) -> NDArray[np.int8]:
    """int8[len(levels)]: 1 within, 0 outside, -1 where the level is unreadable or coarser than what is asked."""
    asked = [code for code in map(canonical, ancestors) if code]
    return np.array([_state(canonical(level), asked) for level in levels], dtype=np.int8)


def industry_states_of(level: str, asked: Sequence[tuple[str, ...]]) -> NDArray[np.int8]:
    """int8[len(asked)]: the one level against many lists, each as `industry_states` answers it."""
    code = canonical(level)
    if not code:
        return np.full(len(asked), -1, dtype=np.int8)
    # One answer a code, however many lists name it: yes before unknown before no.
    order = {
        one: (0, -1, 1).index(_state(code, [canonical(one)] if canonical(one) else [])) for one in set().union(*asked)
    }
    found = (max(map(order.__getitem__, codes), default=0) for codes in asked)
    return np.array([0, -1, 1], dtype=np.int8)[np.fromiter(found, dtype=np.int64, count=len(asked))]


@lru_cache(maxsize=65_536)
def canonical(text: str) -> str:
    """The canonical code, or "" for what is no industry."""
    try:
        return parse_industry(text)
    except IndustryError:
        return ""


def _state(code: str, asked: Sequence[str]) -> int:
    if not code:
        return -1
    if any(covers(ancestor, code) for ancestor in asked):
        return 1
    return -1 if any(covers(code, ancestor) for ancestor in asked) else 0


def _by_code(text: str) -> str | None:
    match = _CODE.fullmatch(text.strip(_AROUND))
    if match is None:
        return None
    letter, digits = match.groups()
    if not digits:
        return letter if letter in table() else None
    section = _section_of().get(digits[:2])
    if section is None or letter not in ("", section):
        return None
    code = section + digits
    return code if code in table() or (len(code) == 5 and code[:4] in table()) else None


def _by_both(text: str) -> str | None:
    """A code before or after words that speak of the same industry, or of one above or below it."""
    plain = text.strip(_AROUND)
    for pattern in (_CODE_FIRST, _CODE_LAST):
        if (match := pattern.match(plain) if pattern is _CODE_FIRST else pattern.search(plain)) is None:
            continue
        code = _by_code(match[1])
        words = (plain[: match.start()] + plain[match.end() :]).strip(_AROUND)
        if code and _fits(code, _folded(_RANK_WORDS.sub("", words)).strip(_AROUND)):
            return code
    return None


def _fits(code: str, words: str) -> bool:
    if len(words) < 2:
        return not words
    related = (name for other, name in _folded_names() if other.startswith(code) or code.startswith(other))
    return any(words in name or words.removesuffix("业") in name for name in related)


@cache
def _section_of() -> dict[str, str]:
    return {code[1:]: code[0] for code in table() if len(code) == 3}


@cache
def _by_name() -> dict[str, str]:
    """Names that mean one thing; where a division and its only group share one, the wider."""
    names: dict[str, str] = {}
    for row in table().values():
        names.setdefault(_bare(row.name), row.code)
    return names


@cache
def _folded_names() -> tuple[tuple[str, str], ...]:
    return tuple((row.code, _folded(row.name)) for row in table().values())


def _bare(name: str) -> str:
    """A name without what people leave out: 农林牧渔业, 软件和信息技术服务. No two kinds of industry become one."""
    return _folded(name).strip(_AROUND).replace(",", "").removesuffix("业")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).replace(" ", "").replace("、", ",")
