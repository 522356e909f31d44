"""A parsed criteria tree: frozen nodes, each knowing its place in the text it came from.

Nodes without a child are leaves: they are answered from columns. `clause` is the clause of the policy's text that a
leaf stands for; `on` the day it is asked for: "" (today), "today", "deadline", "published" or an ISO date.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from profiles.criteria.quantities import Measure
from profiles.errors import ProfilesError

Value: TypeAlias = "float | bool | str | int | tuple[str, ...] | tuple[float, ...]"


class CriteriaError(ProfilesError):
    """A criteria tree cannot be used; `place` is a path like `all[2].fact`."""


@dataclass(frozen=True)
class Leaf:
    """One condition on one fact. `value` is normalised for its `op`; a date is days since 1970-01-01 or a day word.

    `year`, for a yearly fact: a calendar year, below zero so many years before the asked day's, 0 the current value.
    """

    fact: str
    op: str
    value: Value
    place: str
    clause: str = ""
    on: str = ""
    year: int = 0


@dataclass(frozen=True)
class Measured:
    """A computed quantity against a number; `op` is eq, ne, lt, le, gt or ge."""

    measure: Measure
    op: str
    value: float
    place: str
    clause: str = ""
    on: str = ""


@dataclass(frozen=True)
class Tier:
    """One row of a table of tiers. `edge`: "up_to" (inclusive), "below" (exclusive) or "" (the last, for all else)."""

    edge: str
    bound: float
    op: str
    value: float


@dataclass(frozen=True)
class Tiers:
    """What is asked `of` one quantity depends on another: the first row whose bound holds for `by` decides."""

    rows: tuple[Tier, ...]
    by: Measure
    of: Measure
    place: str
    clause: str = ""
    on: str = ""


@dataclass(frozen=True)
class HasQualification:
    """A certificate valid on the day; at most one of the two refinements.

    `held_months`: held for so many months up to the day without a gap. `lapses_within`: held, and ending within days.
    """

    key: str
    place: str
    clause: str = ""
    on: str = ""
    held_months: int | None = None
    lapses_within: int | None = None


@dataclass(frozen=True)
class Receives:
    """All of these benefits are received (requires), or none of them (`excluded`)."""

    benefits: tuple[str, ...]
    excluded: bool
    place: str
    clause: str = ""


@dataclass(frozen=True)
class During:
    """The asked day lies in the window, both ends included; days since 1970-01-01, None for an open end."""

    start: int | None
    end: int | None
    place: str
    clause: str = ""
    on: str = ""


@dataclass(frozen=True)
class Group:
    """All (`every`) or any of the children; no children: all is yes, any is no."""

    every: bool
    children: tuple[Node, ...]
    place: str


@dataclass(frozen=True)
class Negation:
    """Not the child."""

    child: Node
    place: str


@dataclass(frozen=True)
class AnyDependant:
    """Some family member for whom the child holds; nobody recorded: no."""

    child: Node
    place: str
    clause: str = ""


@dataclass(frozen=True)
class CountDependants:
    """How many family members the child holds for, against a number; nobody recorded: none."""

    child: Node
    op: str
    value: float
    place: str
    clause: str = ""


@dataclass(frozen=True)
class Stage:
    """Being in a stage of life: `rule` is the stage's own tree, shown to people as one condition."""

    name: str
    rule: Node
    place: str
    clause: str = ""


LeafNode: TypeAlias = Leaf | Measured | Tiers | HasQualification | Receives | During
LEAF_NODES = (Leaf, Measured, Tiers, HasQualification, Receives, During)
Family: TypeAlias = AnyDependant | CountDependants
Node: TypeAlias = LeafNode | Group | Negation | AnyDependant | CountDependants | Stage


@dataclass(frozen=True)
class Criteria:
    """A tree that passed every check; `facts` are the names it asks for (a yearly fact without its year)."""

    root: Node
    facts: frozenset[str]
