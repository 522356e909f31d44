"""Whether a JSON value has the shape of a criteria tree: the first error as a place, a code and a sentence."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from profiles.criteria.shape_checks import fits
from profiles.criteria.shapes import MAX_DEPTH, MAX_NODES, MAX_PARTS, SCHEMA
from profiles.criteria.trees import CriteriaError

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

_CODES = {
    "required": "missing_key",
    "additionalProperties": "unknown_key",
    "type": "wrong_type",
    "minItems": "empty_list",
}


def check_shape(tree: object) -> None:
    """Raises CriteriaError where the tree is too deep, too big or breaks the schema."""
    _check_bounds(tree)
    if fits(tree):
        return
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
    stack, nodes, parts = [(tree, 1)], 0, 0
    while stack:
        part, depth = stack.pop()
        parts += len(part) if isinstance(part, (dict, list)) else 0
        if parts > MAX_PARTS:
            raise CriteriaError("too_big", "", f"The tree has more than {MAX_PARTS} parts.")
        if isinstance(part, dict):
            nodes += 1
            children = list(part.values())
            depth += 1
        elif isinstance(part, list):
            children = part
        else:
            _check_number(part)
            continue
        if depth > MAX_DEPTH + 1:
            raise CriteriaError("too_deep", "", f"The tree is deeper than {MAX_DEPTH} levels.")
        if nodes > MAX_NODES:
            raise CriteriaError("too_big", "", f"The tree has more than {MAX_NODES} conditions.")
        # Lists of lists gain no depth by objects: count them too, they are in no valid tree.
        stack.extend((child, depth + isinstance(child, list) * isinstance(part, list)) for child in children)


def _check_number(part: object) -> None:
    """NaN is neither below nor above any bound: the schema would let it through."""
    if isinstance(part, float) and not math.isfinite(part):
        raise CriteriaError("bad_value", "", f"{part} is no number of JSON.")


def _code(error: ValidationError) -> str:
    if error.validator == "minItems" and error.instance:
        return "bad_value"
    return _CODES.get(str(error.validator), "bad_value")


def _sentence(error: ValidationError) -> str:
    if error.validator == "additionalProperties":
        known: dict[str, Any] = error.schema["properties"] if isinstance(error.schema, dict) else {}
        instance: Any = error.instance
        extra = sorted(str(key)[:60] for key in instance if key not in known)
        return f"Unknown key {extra[0]!r} here." if extra else "Unknown key here."
    if error.validator == "required":
        return _lacking(error)
    if error.validator == "type":
        return f"This must be {_alternatives(error.validator_value)}."
    if _code(error) == "empty_list":
        return "This list must not be empty."
    return f"{str(error.instance)[:60]!r} breaks the rule {error.validator} {str(error.validator_value)[:80]}."


def _lacking(error: ValidationError) -> str:
    keys: Any = error.validator_value
    if list(keys) == ["fact"]:
        return "A condition needs a fact, or a word such as all, any, not or measure."
    instance: Any = error.instance
    return f"The key {next((key for key in keys if key not in instance), keys[0])!r} is missing here."


def _alternatives(kinds: object) -> str:
    return " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
