"""Qualifications of enterprises: what each is called, who grants it, for how long, under which rule and since when.

Definitions are dated rows of `qualifications.csv`: a rule that is replaced keeps its row beside the new one. What an
enterprise holds is decided by its own certificates; the years here only say when a certificate ends that does not.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from profiles.errors import ProfilesError
from profiles.standards.tabledata import facts

LONGEST = 100
_KEY = re.compile(r"[a-z0-9_]{2,40}")
_UNSAID = re.compile(r"[\s“”‘’\"'「」『』《》()·]")
# What people put before and behind a name, where no other qualification bears that name.
_BEFORE = {"nation": ("国家", "国家级"), "province": ("省", "省级", "浙江省")}
_BEHIND = ("企业", "证书", "资格", "资质", "称号")


class QualificationError(ProfilesError):
    """A qualification is not known (`unknown_qualification`), or an operator's row is no use (`bad_key`, `taken`)."""


@dataclass(frozen=True)
class Qualification:
    """One definition. `valid_years` None: no fixed term. `since` and `until`: when its basis is in force.

    `ends`: month and day on which every certificate of the kind ends, whenever it began."""

    key: str
    zh: str
    en: str
    level: str
    valid_years: int | None = None
    basis: str = ""
    since: date | None = None
    until: date | None = None
    names: tuple[str, ...] = ()
    ends: tuple[int, int] | None = None


def table() -> tuple[Qualification, ...]:
    """Every definition, old and new, in the order of the data file; the operator's own ones last."""
    return (*_built_in(), *_adopted)


@cache
def _built_in() -> tuple[Qualification, ...]:
    return tuple(_qualification(row) for row in facts("qualifications.csv"))


_adopted: tuple[Qualification, ...] = ()


def adopt(rows: Sequence[Qualification]) -> None:
    """The operator's own qualifications for this whole process, in place of those adopted before.

    Once at start, before anything is read: names and keys of criteria and imports go by it. Raises QualificationError.
    """
    global _adopted
    _adopted = register(rows)
    _ours.cache_clear()
    _dressed.cache_clear()


def all_keys() -> tuple[str, ...]:
    """Every key once."""
    return tuple(dict.fromkeys(row.key for row in table()))


def register(rows: Sequence[Qualification]) -> tuple[Qualification, ...]:
    """An operator's own qualifications, checked, to be handed in as `extra`. Raises QualificationError."""
    ours = _by_name(_built_in())
    for row in rows:
        if not _KEY.fullmatch(row.key):
            raise QualificationError("bad_key", row.key[:40], "A key has 2 to 40 of the signs a-z, 0-9 and _.")
        for name in (row.key, row.zh, *row.names):
            if ours.get(_folded(name), row.key) != row.key:
                raise QualificationError("taken", row.key, f"{name[:40]} already means {ours[_folded(name)]}.")
        ours |= _by_name([row])
    return tuple(rows)


def parse_qualification(text: str, extra: Sequence[Qualification] = ()) -> str:
    """A key, a name or a common short name (高企, 小巨人) -> the key. Raises QualificationError with what is near."""
    if len(text) > LONGEST:
        raise QualificationError("unknown_qualification", "", f"A qualification has at most {LONGEST} characters.")
    names = _by_name((*table(), *extra)) if extra else _ours()
    asked = _folded(text)
    if found := names.get(asked) or _dressed().get(asked):
        return found
    near = _near(asked, names)
    hint = f" Is it {' or '.join(near)}?" if near else ""
    raise QualificationError("unknown_qualification", "", f"{text.strip()[:30]!r} is no known qualification.{hint}")


def _near(asked: str, names: Mapping[str, str]) -> list[str]:
    """Up to three keys whose names share most of their signs with what was asked."""
    signs = set(asked)
    alike = {name: 2 * len(signs & _signs(name)) / (len(signs) + len(_signs(name))) for name in names}
    best = sorted((name for name, share in alike.items() if share >= 0.6), key=lambda name: -alike[name])
    return list(dict.fromkeys(names[name] for name in best[:3]))


@lru_cache(maxsize=4096)
def _signs(name: str) -> frozenset[str]:
    return frozenset(name)


def definition(key: str, on: date | None = None, extra: Sequence[Qualification] = ()) -> Qualification:
    """The definition in force on a day; the newest where no day is given or none was in force. Raises as above."""
    rows = [row for row in (*table(), *extra) if row.key == key]
    if not rows:
        raise QualificationError("unknown_qualification", "", f"{key[:40]!r} is no known qualification.")
    in_force = [row for row in rows if on and (not row.since or row.since <= on) and (not row.until or on <= row.until)]
    return (in_force or rows)[-1]


def default_until(key: str, valid_from: date, extra: Sequence[Qualification] = ()) -> date | None:
    """The last day of a certificate that does not name one; None where its basis sets no term. Raises as above.

    A term in years ends on the same day of the year, the day it began not counted (Civil Code, 201 and 202); where the
    month has no such day, on the month's last.
    """
    found = definition(key, valid_from, extra)
    if found.valid_years is None or valid_from.year + found.valid_years > date.max.year:
        return None
    month, day = found.ends or (valid_from.month, valid_from.day)
    last = date(valid_from.year + found.valid_years, month, 1)
    return last.replace(day=min(day, monthrange(last.year, month)[1]))


@cache
def _ours() -> dict[str, str]:
    return _by_name(table())


@cache
def _dressed() -> dict[str, str]:
    """Names with what people put around them: 国家级专精特新小巨人, 规上企业, 高新技术企业证书."""
    names: dict[str, str] = {}
    for row in (row for row in table() if row.level not in ("register", "tax")):
        for name in (row.zh, *row.names):
            around = ((before, behind) for before in ("", *_BEFORE.get(row.level, ())) for behind in ("", *_BEHIND))
            names |= {_folded(before + name + behind): row.key for before, behind in around}
    return names


def _by_name(rows: Sequence[Qualification]) -> dict[str, str]:
    return {_folded(name): row.key for row in rows for name in (row.key, row.zh, row.en, *row.names)}


def _folded(name: str) -> str:
    return _UNSAID.sub("", unicodedata.normalize("NFKC", name)).lower()


def _qualification(row: dict[str, str]) -> Qualification:
    since, until = (date.fromisoformat(row[name]) if row[name] else None for name in ("from", "to"))
    ends = (int(row["ends"][:2]), int(row["ends"][3:])) if row["ends"] else None
    return Qualification(
        row["key"],
        row["zh"],
        row["en"],
        row["level"],
        valid_years=int(row["valid_years"]) if row["valid_years"] else None,
        basis=row["basis"],
        since=since,
        until=until,
        names=tuple(row["names"].split("|")) if row["names"] else (),
        ends=ends,
    )
