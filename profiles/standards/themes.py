"""Themes: of policies (22 at the first level, printed `财政、金融、审计\\银行`), and of services for people and firms.

A theme's own name holds 、, so only the backslash parts the levels. The second level is an open list: what has been met
is in `themes.csv`; another is taken as printed and marked as not met before.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from profiles.errors import ProfilesError
from profiles.standards.tabledata import facts

LONGEST = 100
SUBJECTS = ("legal_person", "natural_person")
_LEVEL_TWO = re.compile(r"[\u4e00-\u9fff、,()]{1,30}")


class ThemeError(ProfilesError):
    """A theme is in no table: `unknown_theme`, or `bad_theme` for what is not shaped like one."""


@dataclass(frozen=True)
class Theme:
    """A policy's theme. `second` is "" where only the first level is given; `met`: the pair is in our table."""

    first: str
    second: str = ""
    met: bool = True

    def __str__(self) -> str:
        return f"{self.first}\\{self.second}" if self.second else self.first


@dataclass(frozen=True)
class ServiceTheme:
    """A theme of services: `subject` legal_person or natural_person, three digits, a name."""

    subject: str
    code: str
    name: str


@cache
def first_levels() -> dict[str, str]:
    """The 22 names and their ids in the library's search; "" where it has none."""
    return {row["name"]: row["code"] for row in facts("themes.csv") if row["list"] == "policy" and not row["parent"]}


@cache
def pairs() -> frozenset[tuple[str, str]]:
    """The (first, second) levels met so far."""
    return frozenset((row["parent"], row["name"]) for row in facts("themes.csv") if row["parent"])


@cache
def service_themes() -> tuple[ServiceTheme, ...]:
    """35 themes for legal persons, 32 for natural persons."""
    rows = (row for row in facts("themes.csv") if row["list"] in SUBJECTS)
    return tuple(ServiceTheme(row["list"], row["code"], row["name"]) for row in rows)


def parse_theme(text: str) -> Theme:
    """`财政、金融、审计\\银行`, `财政、金融、审计` or `1081` -> the theme. Raises ThemeError."""
    first, *rest = _plain(text).split("\\")
    known = _first_by_word().get(_folded(first))
    if known is None:
        raise ThemeError("unknown_theme", "", f"{first[:30]!r} is none of the 22 themes.")
    if len(rest) > 1 or (rest and not _LEVEL_TWO.fullmatch(rest[0])):
        raise ThemeError("bad_theme", "", f"A theme has two levels, like 科技、教育\\教育, not {text.strip()[:30]!r}.")
    if not rest:
        return Theme(known)
    second = rest[0].replace(",", "、")
    return Theme(known, second, (known, second) in pairs())


def parse_service_theme(subject: str, text: str) -> ServiceTheme:
    """A code (`005`, `5`) or a name of one of the two lists -> the theme. Raises ThemeError."""
    if subject not in SUBJECTS:
        raise ThemeError("unknown_theme", "", "Services are for a legal_person or a natural_person.")
    plain = _plain(text)
    asked = plain.zfill(3) if plain.isdecimal() else _folded(plain)
    for theme in service_themes():
        if theme.subject == subject and asked in (theme.code, _folded(theme.name)):
            return theme
    raise ThemeError("unknown_theme", "", f"{plain[:30]!r} is no theme of services for a {subject}.")


@cache
def _first_by_word() -> dict[str, str]:
    by_name = {_folded(name): name for name in first_levels()}
    return by_name | {code: name for name, code in first_levels().items() if code}


def _plain(text: str) -> str:
    if len(text) > LONGEST:
        raise ThemeError("bad_theme", "", f"A theme has at most {LONGEST} characters.")
    return re.sub(r"\\+", r"\\", re.sub(r"\s", "", unicodedata.normalize("NFKC", text))).strip("\\")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).replace(",", "、")
