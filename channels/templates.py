"""Message templates: an allow-list of Jinja2's syntax tree, run by our own small walker.

Allowed: text, `{{ name }}` and `{{ item.name }}`, `{% if %}` on `locale` and `variant`, `{% for item in items %}`.
No Python attribute is ever looked up and no code is generated, so there is nothing to escape from; loops do not
nest and the output is bounded, so nothing hangs. Names in `holes` are the recipient's own values: they are left
open for the skeleton to fill, and may stand in no condition and no loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from channels.template_parts import Choice, Hole, Loop, Part, Place, TemplateError
from channels.template_syntax import parse

HOLES = frozenset({"name", "link", "why", "unsubscribe_url"})
OUTPUT_LIMIT = 256 * 1024
ITEMS_LIMIT = 1000

__all__ = ["HOLES", "Hole", "Template", "TemplateError", "compile_template"]


@dataclass(frozen=True)
class Template:
    """A compiled template: its parts, and the names it needs (`names`) or leaves open (`holes`)."""

    parts: tuple[Part, ...]
    names: frozenset[str]
    holes: frozenset[str]

    def segments(self, values: Mapping[str, object], *, html: bool = False) -> tuple[str | Hole, ...]:
        """The text cut at its holes; `html` escapes every value. Raises TemplateError missing_value, bad_value
        or too_long, with the line."""
        return _joined(_walk(self.parts, _Scope(values, html)))

    def render(self, values: Mapping[str, object], *, html: bool = False) -> str:
        """The whole text, its holes taken from `values` too. Raises TemplateError as `segments` does."""
        scope = _Scope(values, html)
        cut = self.segments(values, html=html)
        return "".join(part if isinstance(part, str) else scope.text(Place((part.name,), part.line)) for part in cut)


def compile_template(source: str, *, holes: frozenset[str] = HOLES) -> Template:
    """The template in `source` (at most 64 KB). Raises TemplateError with a code, the line and a sentence."""
    parts = parse(source, holes)
    names: set[str] = set()
    left: set[str] = set()
    _gather(parts, names, left)
    return Template(parts, frozenset(names), frozenset(left))


@dataclass(frozen=True)
class _Scope:
    values: Mapping[str, object]
    html: bool

    def look(self, place: Place) -> object:
        """The value at a dotted name; only mappings are entered."""
        found: object = self.values
        for step in place.path:
            if not isinstance(found, Mapping) or step not in found:
                raise TemplateError("missing_value", place.line, f"There is no value for {'.'.join(place.path)!r}.")
            found = found[step]
        return found

    def text(self, place: Place) -> str:
        found = self.look(place)
        if isinstance(found, bool) or not isinstance(found, str | int | float):
            name = ".".join(place.path)
            raise TemplateError("bad_value", place.line, f"The value of {name!r} is neither text nor a number.")
        return escape(str(found)) if self.html else str(found)


def _walk(parts: tuple[Part, ...], scope: _Scope) -> Iterator[str | Hole]:
    for part in parts:
        if isinstance(part, str | Hole):
            yield part
        elif isinstance(part, Place):
            yield scope.text(part)
        elif isinstance(part, Choice):
            yield from _walk(part.then if part.test.holds(scope.look) else part.otherwise, scope)
        else:
            yield from _loop(part, scope)


def _loop(loop: Loop, scope: _Scope) -> Iterator[str | Hole]:
    items = scope.look(loop.items)
    if not isinstance(items, list | tuple) or len(items) > ITEMS_LIMIT:
        name = ".".join(loop.items.path)
        raise TemplateError("bad_value", loop.items.line, f"{name!r} is not a list of at most {ITEMS_LIMIT} items.")
    for item in items:
        yield from _walk(loop.body, _Scope({**scope.values, loop.target: item}, scope.html))


def _joined(pieces: Iterator[str | Hole]) -> tuple[str | Hole, ...]:
    """Neighbouring texts made one; stops as soon as the output is too long."""
    done: list[str | Hole] = []
    texts: list[str] = []
    length = 0
    for piece in pieces:
        length += len(piece) if isinstance(piece, str) else 1
        if length > OUTPUT_LIMIT:
            raise TemplateError("too_long", 0, f"The text is longer than {OUTPUT_LIMIT} characters.")
        if isinstance(piece, str):
            texts.append(piece)
        else:
            done += ["".join(texts), piece]
            texts = []
    return (*done, "".join(texts))


def _gather(parts: tuple[Part, ...], names: set[str], holes: set[str]) -> None:
    for part in parts:
        if isinstance(part, Hole):
            holes.add(part.name)
        elif isinstance(part, Place):
            names.add(part.path[0])
        elif isinstance(part, Choice):
            names.update(part.test.names())
            _gather(part.then + part.otherwise, names, holes)
        elif isinstance(part, Loop):
            inner: set[str] = set()
            _gather(part.body, inner, holes)
            names.update({loop_name for loop_name in inner if loop_name != part.target} | {part.items.path[0]})
