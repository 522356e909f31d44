"""Industries by GB/T 4754-2017: section letter, division, group, class, written `I`, `I65`, `I651`, `I6513`."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from profiles.errors import ProfilesError

_CODE = re.compile(r"([A-T]?)(\d{2,4})")


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
    text = resources.files("profiles.standards").joinpath("industries.csv").read_text(encoding="utf-8")
    rows = (Industry(row["code"], row["parent"], row["name"]) for row in csv.DictReader(text.splitlines()))
    return {row.code: row for row in rows}


def parse_industry(text: str) -> str:
    """`I6513`, `6513`, `i65`, `65`, `I` or a name -> the canonical code. Raises IndustryError "unknown_industry".

    A class missing here is accepted where its group exists: the amended edition of 2019 adds one.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    code = _by_code(plain.upper()) or _by_name().get(_folded(plain))
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


@cache
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
    if len(text) == 1:
        return text if text in table() else None
    match = _CODE.fullmatch(text)
    if match is None:
        return None
    section = _section_of().get(match[2][:2])
    if section is None or match[1] not in ("", section):
        return None
    code = section + match[2]
    return code if code in table() or (len(code) == 5 and code[:4] in table()) else None


@cache
def _section_of() -> dict[str, str]:
    return {code[1:]: code[0] for code in table() if len(code) == 3}


@cache
def _by_name() -> dict[str, str]:
    """Names that mean one thing; where a division and its only group share one, the wider."""
    names: dict[str, str] = {}
    for row in table().values():
        names.setdefault(_folded(row.name), row.code)
    return names


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).replace(" ", "").replace("、", ",")
