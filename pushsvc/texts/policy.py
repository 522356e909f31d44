"""One policy as we understand it: what a header says, corrected by what the text itself says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Relation = Literal["repeals", "based_on", "forwards", "interprets", "amends", "excludes"]


@dataclass(frozen=True)
class Link:
    """What this text says of another: its number, its title, or both."""

    relation: Relation
    doc_no: str | None
    title: str | None


@dataclass(frozen=True)
class Note:
    """Something corrected or noticed; it never blocks. `place` is the field it is about."""

    code: str
    place: str
    zh: str
    en: str


@dataclass(frozen=True)
class PolicyText:
    """A policy that has been read. Regions are codes, `amount_wan` is in 万元, dates are calendar days in China."""

    ref: str
    title: str
    body: str  # plain text, paragraphs on lines of their own
    html: str  # sanitised, "" where the source was plain
    kind: str
    doc_no: str | None = None
    doc_nos: tuple[str, ...] = ()
    normative_no: str | None = None
    index_no: str | None = None
    agency: str | None = None
    agencies: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    region: str | None = None
    date_written: date | None = None
    date_published: date | None = None
    date_effective: date | None = None
    valid_to: date | None = None
    family: str = ""
    version: str = ""
    amount: str | None = None
    amount_wan: float | None = None
    url: str | None = None
    links: tuple[Link, ...] = ()
    notes: tuple[Note, ...] = ()
    traditional: bool = False
