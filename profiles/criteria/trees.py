"""A parsed criteria tree: frozen nodes, each knowing its place in the text it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from profiles.errors import ProfilesError

Value: TypeAlias = "float | bool | str | int | tuple[str, ...] | tuple[float, ...]"


class CriteriaError(ProfilesError):
    """A criteria tree cannot be used; `place` is a path like `all[2].fact`."""


@dataclass(frozen=True)
class Leaf:
    """One condition. `value` is normalised for its `op`; a date is days since 1970-01-01, or "today", "deadline".

    `on`: the day it is asked for: "" (today), "deadline", "published" or an ISO date.
    """

    fact: str
    op: str
    value: Value
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
class Stage:
    """Being in a stage of life: `rule` is the stage's own tree, shown to people as one condition."""

    name: str
    rule: Node
    place: str
    clause: str = ""


Node: TypeAlias = Leaf | Group | Negation | AnyDependant | Stage


@dataclass(frozen=True)
class Criteria:
    """A tree that passed every check; `facts` are the names it asks for."""

    root: Node
    facts: frozenset[str]
