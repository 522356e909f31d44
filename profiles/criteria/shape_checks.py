"""The schema of criteria as plain functions: a yes or no at a hundredth of the cost of the validator that words errors.

Knows the keywords that the schema uses, and no others.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from profiles.criteria.shapes import SCHEMA

Check = Callable[[Any], bool]
Schema = Mapping[str, Any]

_BESIDE = frozenset({"$schema", "title", "$defs", "additionalProperties", "then", "else"})  # read with another keyword


def fits(tree: object) -> bool:
    """Whether a tree of bounded depth has the shape that `shapes.SCHEMA` asks."""
    return _whole()(tree)


@cache
def _whole() -> Check:
    defined: dict[str, Check] = {}
    for name, shape in SCHEMA["$defs"].items():
        defined[name] = _check(shape, defined)
    return _check(SCHEMA, defined)


def _check(shape: Schema, defined: Mapping[str, Check]) -> Check:
    parts = tuple(_KEYWORDS[name](shape, defined) for name in shape if name not in _BESIDE)
    if len(parts) == 1:
        return parts[0]

    def check(value: Any) -> bool:
        for part in parts:  # noqa: SIM110  # a generator would cost more than the checks
            if not part(value):
                return False
        return True

    return check


def _ref(shape: Schema, defined: Mapping[str, Check]) -> Check:
    name = shape["$ref"].rpartition("/")[2]
    return lambda value: defined[name](value)  # it may be defined later: a node holds nodes


def _type(shape: Schema, _defined: Mapping[str, Check]) -> Check:
    names = shape["type"] if isinstance(shape["type"], list) else [shape["type"]]
    return _TYPES[names[0]] if len(names) == 1 else _any_of([_TYPES[name] for name in names])


def _choice(shape: Schema, defined: Mapping[str, Check]) -> Check:
    (keyword,) = shape["if"]["required"]
    then, otherwise = _check(shape["then"], defined), _check(shape["else"], defined)
    return lambda value: then(value) if not isinstance(value, dict) or keyword in value else otherwise(value)


def _properties(shape: Schema, defined: Mapping[str, Check]) -> Check:
    checks = {name: _check(part, defined) for name, part in shape["properties"].items()}
    closed = shape.get("additionalProperties") is False

    def check(value: Any) -> bool:
        if isinstance(value, dict):
            for name, part in value.items():
                known = checks.get(name)
                if not known(part) if known else closed:
                    return False
        return True

    return check


def _required(shape: Schema, _defined: Mapping[str, Check]) -> Check:
    names = tuple(shape["required"])
    return lambda value: not isinstance(value, dict) or all(name in value for name in names)


def _items(shape: Schema, defined: Mapping[str, Check]) -> Check:
    item = _check(shape["items"], defined)
    return lambda value: not isinstance(value, list) or all(map(item, value))


def _enum(shape: Schema, _defined: Mapping[str, Check]) -> Check:
    words = frozenset(shape["enum"])
    return lambda value: isinstance(value, str) and value in words


def _pattern(shape: Schema, _defined: Mapping[str, Check]) -> Check:
    search = re.compile(shape["pattern"]).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _bound(keyword: str, size_of: Callable[[Any], Any]) -> Callable[[Schema, Mapping[str, Check]], Check]:
    """A bound on `size_of` a value; None of what the keyword does not speak of: that is not bounded."""
    inside = operator.ge if keyword.startswith("min") else operator.le

    def made(shape: Schema, _defined: Mapping[str, Check]) -> Check:
        bound = shape[keyword]

        def check(value: Any) -> bool:
            size = size_of(value)
            return size is None or bool(inside(size, bound))

        return check

    return made


def _number(value: Any) -> Any:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _letters(value: Any) -> int | None:
    return len(value) if isinstance(value, str) else None


def _entries(value: Any) -> int | None:
    return len(value) if isinstance(value, list) else None


def _any_of(checks: list[Check]) -> Check:
    return lambda value: any(check(value) for check in checks)


_TYPES: dict[str, Check] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "integer": lambda value: (
        (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer())
    ),
}
_KEYWORDS: dict[str, Callable[[Schema, Mapping[str, Check]], Check]] = {
    "$ref": _ref,
    "type": _type,
    "if": _choice,
    "properties": _properties,
    "required": _required,
    "items": _items,
    "enum": _enum,
    "pattern": _pattern,
    "anyOf": lambda shape, defined: _any_of([_check(one, defined) for one in shape["anyOf"]]),
    **{keyword: _bound(keyword, _number) for keyword in ("minimum", "maximum")},
    **{keyword: _bound(keyword, _letters) for keyword in ("minLength", "maxLength")},
    **{keyword: _bound(keyword, _entries) for keyword in ("minItems", "maxItems")},
}
