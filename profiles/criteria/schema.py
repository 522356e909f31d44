"""The JSON Schema of a criteria tree, and the first error it finds as a place and a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from profiles.criteria.trees import CriteriaError

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

MAX_DEPTH = 20
MAX_NODES = 500
DAY_WORDS = ("today", "deadline", "published")
EQUALS = ("eq", "ne")
ORDERS = ("lt", "le", "gt", "ge")
DATES = ("before", "on_or_before", "after", "on_or_after", "valid_on")
OPS = (*EQUALS, *ORDERS, "in", "in_region", "in_industry", *DATES, "within_days", "has")

_ISO = r"^\d{4}-\d{2}-\d{2}$"
_SCALAR = {"type": ["string", "number", "boolean"], "maxLength": 200}
_DAY = {"type": "string", "pattern": rf"{_ISO[:-1]}$|^today$|^deadline$|^published$"}
_NUMBER = {"type": "number", "minimum": -1e15, "maximum": 1e15}


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "maxItems": 2000, "items": item}


def _branch(keyword: str, shape: dict[str, Any], *, clause: bool = False) -> dict[str, Any]:
    properties = {keyword: shape, **({"clause": _CLAUSE} if clause else {})}
    return {"properties": properties, "required": [keyword], "additionalProperties": False}


_CLAUSE = {"type": "string", "maxLength": 40}
_NODE = {"$ref": "#/$defs/node"}
_LEAF = {
    "properties": {
        "fact": {"type": "string", "maxLength": 60},
        "clause": _CLAUSE,
        "on": {"type": "string", "pattern": rf"{_ISO}|^deadline$|^published$"},
        **dict.fromkeys(EQUALS, _SCALAR),
        **dict.fromkeys(ORDERS, _NUMBER),
        "in": _list({"type": ["string", "number"], "maxLength": 200}),
        "in_region": _list({"type": "string", "pattern": r"^\d{6}$"}),
        "in_industry": _list({"type": "string", "maxLength": 60}),
        **dict.fromkeys(DATES, _DAY),
        "within_days": {"type": "integer", "minimum": 0, "maximum": 3660},
        "has": {"type": "string", "minLength": 1, "maxLength": 60},
    },
    "required": ["fact"],
    "additionalProperties": False,
}
_CHILDREN = {"type": "array", "maxItems": MAX_NODES, "items": _NODE}
_BRANCHES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("all", _branch("all", _CHILDREN)),
    ("any", _branch("any", _CHILDREN)),
    ("not", _branch("not", _NODE)),
    ("any_dependant", _branch("any_dependant", _NODE, clause=True)),
)


def _choose(branches: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """if/then/else by the key that is there: errors then speak of the branch the author meant."""
    chain: dict[str, Any] = _LEAF
    for keyword, shape in reversed(tuple(branches)):
        chain = {"if": {"required": [keyword]}, "then": shape, "else": chain}
    return chain


SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Criteria: who a policy is for",
    "$ref": "#/$defs/node",
    "$defs": {"node": {"type": "object", **_choose(_BRANCHES)}},
}


def check_shape(tree: object) -> None:
    """Raises CriteriaError where the tree is too deep, too big or breaks the schema."""
    _check_bounds(tree)
    # The first error in reading order, not the validator's idea of the best: authors mend from the top.
    errors = sorted(_validator().iter_errors(tree), key=lambda error: [str(part) for part in error.absolute_path])
    if errors:
        raise CriteriaError(_code(errors[0]), dotted(errors[0].absolute_path), _sentence(errors[0]))


def dotted(parts: Iterable[str | int]) -> str:
    """`["all", 2, "fact"]` -> `all[2].fact`."""
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


@cache
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(SCHEMA)


def _check_bounds(tree: object) -> None:
    """Without recursion: what a hostile tree would overflow must not be walked by anything that recurses."""
    stack, nodes = [(tree, 1)], 0
    while stack:
        part, depth = stack.pop()
        if isinstance(part, dict):
            nodes += 1
            children = list(part.values())
            depth += 1
        elif isinstance(part, list):
            children = part
        else:
            continue
        if depth > MAX_DEPTH + 1:
            raise CriteriaError("too_deep", "", f"The tree is deeper than {MAX_DEPTH} levels.")
        if nodes > MAX_NODES:
            raise CriteriaError("too_big", "", f"The tree has more than {MAX_NODES} conditions.")
        # Lists of lists gain no depth by objects: count them too, they are in no valid tree.
        stack.extend((child, depth + isinstance(child, list) * isinstance(part, list)) for child in children)


def _code(error: ValidationError) -> str:
    codes = {"required": "missing_key", "additionalProperties": "unknown_key", "type": "wrong_type"}
    return codes.get(str(error.validator), "bad_value")


def _sentence(error: ValidationError) -> str:
    if error.validator == "additionalProperties":
        known: dict[str, Any] = error.schema["properties"] if isinstance(error.schema, dict) else {}
        instance: Any = error.instance
        extra = sorted(str(key)[:60] for key in instance if key not in known)
        return f"Unknown key {extra[0]!r} here." if extra else "Unknown key here."
    if error.validator == "required":
        return "A condition needs all, any, not, any_dependant or a fact."
    if error.validator == "type":
        return f"This must be {_alternatives(error.validator_value)}."
    return f"{str(error.instance)[:60]!r} breaks the rule {error.validator} {str(error.validator_value)[:80]}."


def _alternatives(kinds: object) -> str:
    return " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
