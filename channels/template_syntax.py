"""Jinja2's syntax tree read into our parts; every node that is not named here is refused."""

from __future__ import annotations

from dataclasses import dataclass, replace

from jinja2 import Environment, nodes
from jinja2.exceptions import TemplateSyntaxError

from channels.template_parts import Choice, Hole, Loop, Part, Place, TemplateError, Test

SOURCE_LIMIT = 64 * 1024
DEPTH_LIMIT = 12
TAGS_LIMIT = 2000
CONDITIONS = frozenset({"locale", "variant"})
PARSER = Environment(autoescape=False, keep_trailing_newline=True)  # only ever parses


@dataclass(frozen=True)
class _Place:
    """Where the reader stands: the names that are holes, the loop it is in, how deep it is."""

    holes: frozenset[str]
    target: str = ""
    depth: int = 0

    def deeper(self, line: int) -> _Place:
        if self.depth >= DEPTH_LIMIT:
            raise TemplateError("too_deep", line, f"Conditions and loops are nested deeper than {DEPTH_LIMIT}.")
        return replace(self, depth=self.depth + 1)


def parse(source: str, holes: frozenset[str]) -> tuple[Part, ...]:
    """The parts of `source`. Raises TemplateError: too_large, too_deep, syntax, forbidden."""
    size = len(source) if len(source) > SOURCE_LIMIT else len(source.encode(errors="replace"))
    if size > SOURCE_LIMIT:
        raise TemplateError("too_large", 0, f"The template is larger than {SOURCE_LIMIT} bytes.")
    if source.count("{%") + source.count("{{") + source.count("{#") > TAGS_LIMIT:
        raise TemplateError("too_large", 0, f"The template has more than {TAGS_LIMIT} placeholders and tags.")
    return _parts(_tree(source).body, _Place(holes))


def _tree(source: str) -> nodes.Template:
    try:
        return PARSER.parse(source)
    except TemplateSyntaxError as exc:
        raise TemplateError("syntax", exc.lineno, f"The template cannot be read: {exc.message}") from exc
    except (RecursionError, MemoryError) as exc:
        raise TemplateError("too_deep", 0, "The template is nested too deeply to be read.") from exc
    except (ValueError, OverflowError) as exc:
        raise TemplateError("syntax", 0, "The template holds a number that cannot be read.") from exc


def _parts(body: list[nodes.Node], at: _Place) -> tuple[Part, ...]:
    return tuple(part for node in body for part in _part(node, at))


def _part(node: nodes.Node, at: _Place) -> tuple[Part, ...]:
    if isinstance(node, nodes.Output):
        return tuple(_output(child, at) for child in node.nodes)
    if isinstance(node, nodes.If):
        return (_choice(node, at.deeper(node.lineno)),)
    if isinstance(node, nodes.For):
        return (_loop(node, at.deeper(node.lineno)),)
    raise _forbidden(node)


def _output(node: nodes.Node, at: _Place) -> Part:
    if isinstance(node, nodes.TemplateData):
        return node.data
    place = _dotted(node)
    if len(place.path) == 1 and place.path[0] in at.holes and place.path[0] != at.target:
        return Hole(place.path[0], place.line)
    if place.path[0] in at.holes:
        raise TemplateError("forbidden", place.line, f"{place.path[0]!r} is the recipient's own value: a text.")
    return place


def _dotted(node: nodes.Node) -> Place:
    """`name` or `name.part`; no name begins with an underscore."""
    path: list[str] = []
    while isinstance(node, nodes.Getattr):
        path.insert(0, node.attr)
        node = node.node
        if len(path) > DEPTH_LIMIT:
            raise TemplateError("too_deep", node.lineno, "The dotted name is too long.")
    if not isinstance(node, nodes.Name):
        raise _forbidden(node)
    path.insert(0, node.name)
    if any(step.startswith("_") for step in path):
        raise TemplateError("forbidden", node.lineno, "A name may not begin with an underscore.")
    return Place(tuple(path), node.lineno)


def _choice(node: nodes.If, at: _Place) -> Choice:
    otherwise = _parts(node.else_, at)
    for branch in reversed(node.elif_):
        otherwise = (Choice(_test(branch.test, at), _parts(branch.body, at), otherwise),)
    return Choice(_test(node.test, at), _parts(node.body, at), otherwise)


def _test(node: nodes.Node, at: _Place) -> Test:
    at = at.deeper(node.lineno)
    if isinstance(node, nodes.Not):
        return Test("not", (_test(node.node, at),))
    if isinstance(node, nodes.And | nodes.Or):
        return Test("and" if isinstance(node, nodes.And) else "or", (_test(node.left, at), _test(node.right, at)))
    if isinstance(node, nodes.Compare) and len(node.ops) == 1:
        return _compare(node, node.ops[0])
    raise _forbidden(node)


def _compare(node: nodes.Compare, operand: nodes.Operand) -> Test:
    if not isinstance(node.expr, nodes.Name) or node.expr.name not in CONDITIONS:
        raise TemplateError("forbidden", node.lineno, "A condition may look only at locale and variant.")
    place = Place((node.expr.name,), node.lineno)
    right = operand.expr
    if operand.op in ("in", "notin") and isinstance(right, nodes.List | nodes.Tuple):
        test = Test("eq", (), place, frozenset(_text(item) for item in right.items))
    elif operand.op in ("eq", "ne"):
        test = Test("eq", (), place, frozenset({_text(right)}))
    else:
        raise _forbidden(node)
    return Test("not", (test,)) if operand.op in ("ne", "notin") else test


def _text(node: nodes.Node) -> str:
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        return node.value
    raise TemplateError("forbidden", node.lineno, "A condition compares with a text in quotes.")


def _loop(node: nodes.For, at: _Place) -> Loop:
    if at.target:
        raise TemplateError("forbidden", node.lineno, "A loop may not stand inside a loop.")
    if node.recursive or node.test is not None or node.else_ or not isinstance(node.target, nodes.Name):
        raise TemplateError("forbidden", node.lineno, "A loop has the form {% for item in items %} … {% endfor %}.")
    items = _dotted(node.iter)
    target = _dotted(node.target).path[0]
    if items.path[0] in at.holes or target in at.holes or target in CONDITIONS:
        raise TemplateError("forbidden", node.lineno, "A loop may not use the recipient's own values or hide a name.")
    return Loop(target, items, _parts(node.body, replace(at, target=target)))


def _forbidden(node: nodes.Node) -> TemplateError:
    kind = type(node).__name__.lower()
    return TemplateError("forbidden", node.lineno, f"A template may not use {kind}: only placeholders, if and for.")
