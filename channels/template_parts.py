"""What a template is made of once it is read: frozen parts, and the error that names the line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from channels.base import ChannelError


class TemplateError(ChannelError):
    """A template or a value in it that is refused. `place` is the line in the source, 0 for the whole."""

    def __init__(self, code: str, place: int, sentence: str) -> None:
        super().__init__(code, sentence)
        self.place = place


@dataclass(frozen=True)
class Hole:
    """A place left open for a recipient's own value."""

    name: str
    line: int = 0


@dataclass(frozen=True)
class Place:
    """A value by its dotted name."""

    path: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Test:
    """A condition: `eq` of a name and texts (any of them), or `and`, `or`, `not` of conditions."""

    op: Literal["eq", "and", "or", "not"]
    of: tuple[Test, ...] = ()
    place: Place | None = None
    texts: frozenset[str] = frozenset()

    def holds(self, look: Callable[[Place], object]) -> bool:
        """Whether it holds, `look` giving the values."""
        if self.place is not None:
            found = look(self.place)
            return isinstance(found, str) and found in self.texts
        answers = [test.holds(look) for test in self.of]
        if self.op == "not":
            return not answers[0]
        return all(answers) if self.op == "and" else any(answers)

    def names(self) -> set[str]:
        """The names it looks at."""
        own = {self.place.path[0]} if self.place else set()
        return own.union(*(test.names() for test in self.of))


@dataclass(frozen=True)
class Choice:
    """`{% if %}`."""

    test: Test
    then: tuple[Part, ...]
    otherwise: tuple[Part, ...]


@dataclass(frozen=True)
class Loop:
    """`{% for target in items %}`."""

    target: str
    items: Place
    body: tuple[Part, ...]


Part: TypeAlias = str | Hole | Place | Choice | Loop
