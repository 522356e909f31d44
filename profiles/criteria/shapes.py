"""The JSON Schema of a criteria tree: what an author may write, before any fact or code is looked up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 20
MAX_NODES = 500
MAX_PARTS = 10_000
DAY_WORDS = ("today", "deadline", "published")
EQUALS = ("eq", "ne")
ORDERS = ("lt", "le", "gt", "ge")
DATES = ("before", "on_or_before", "after", "on_or_after", "valid_on")
OPS = (*EQUALS, *ORDERS, "in", "in_region", "in_industry", *DATES, "within_days", "has")
COMBINED = ("sum", "max", "min", "mean")
QUOTIENTS = ("percent", "ratio")
TAKES = ("sum", "mean", "max", "min", "growth")
ELAPSED = ("years_since", "months_since", "days_since", "days_until")

Shape = dict[str, Any]

_ISO = r"^\d{4}-\d{2}-\d{2}$"
_WORD: Shape = {"type": "string", "minLength": 1, "maxLength": 60}
_CLAUSE: Shape = {"type": "string", "maxLength": 40}
_ON: Shape = {"type": "string", "pattern": rf"{_ISO}|^today$|^deadline$|^published$"}
_NUMBER: Shape = {"type": "number", "minimum": -1e15, "maximum": 1e15}
_YEAR: Shape = {"type": "integer", "anyOf": [{"minimum": -20, "maximum": -1}, {"minimum": 1950, "maximum": 2100}]}
_PARAM: Shape = {
    "properties": {"param": _WORD, "times": _NUMBER},
    "required": ["param"],
    "additionalProperties": False,
}
# A number, or a parameter that stands for one.
_BOUND: Shape = {**_PARAM, "type": ["number", "object"], "minimum": -1e15, "maximum": 1e15}
_ORDER: Shape = {
    **_BOUND,
    "type": ["number", "string", "object"],
    "maxLength": 60,
}  # a string: a level that has an order
_SCALAR: Shape = {"type": ["string", "number", "boolean"], "maxLength": 200, "minimum": -1e15, "maximum": 1e15}
_NODE: Shape = {"$ref": "#/$defs/node"}
_MEASURE: Shape = {"$ref": "#/$defs/measure"}


def _list(item: Shape, most: int = 2000) -> Shape:
    return {"type": "array", "minItems": 1, "maxItems": most, "items": item}


def _object(required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Shape:
    properties = {**required, **(optional or {})}
    return {"type": "object", "properties": properties, "required": [*required], "additionalProperties": False}


_SAID = {"clause": _CLAUSE, "on": _ON}
_COMPARED = dict.fromkeys((*EQUALS, *ORDERS), _BOUND)
_CHILDREN = {"type": "array", "maxItems": MAX_NODES, "items": _NODE}
_ROW = _object({}, {"up_to": _BOUND, "below": _BOUND, **_COMPARED})
_WEIGHT = _object({"of": _MEASURE, "times": _NUMBER})
_WINDOW = {**_object({}, {"from": {"type": "string", "pattern": _ISO}, "to": {"type": "string", "pattern": _ISO}})}

_LEAF = _object(
    {"fact": _WORD},
    {
        **_SAID,
        "year": _YEAR,
        **dict.fromkeys(EQUALS, _SCALAR),
        **dict.fromkeys(ORDERS, _ORDER),
        "in": _list({"type": ["string", "number"], "maxLength": 200, "minimum": -1e15, "maximum": 1e15}),
        "in_region": _list({"type": "string", "pattern": r"^(\d{6}|\d{9}|\d{12})$"}),
        "in_industry": _list({"type": "string", "maxLength": 60}),
        **dict.fromkeys(DATES, _ON),
        "within_days": {"type": "integer", "minimum": 0, "maximum": 3660},
        "has": _WORD,
    },
)
_HELD = {"held_months": {"type": "integer", "minimum": 1, "maximum": 1200}}
_LAPSES = {"lapses_within": {"type": "integer", "minimum": 0, "maximum": 3660}}

_NODES: dict[str, Shape] = {
    "all": _object({"all": _CHILDREN}),
    "any": _object({"any": _CHILDREN}),
    "not": _object({"not": _NODE}),
    "any_dependant": _object({"any_dependant": _NODE}, {"clause": _CLAUSE}),
    "count_dependants": _object({"count_dependants": _NODE}, {"clause": _CLAUSE, **_COMPARED}),
    "measure": _object({"measure": _MEASURE}, {**_SAID, **_COMPARED}),
    "tiers": _object({"tiers": _list(_ROW, 50), "by": _MEASURE, "of": _MEASURE}, _SAID),
    "qualification": _object({"qualification": _WORD}, {**_SAID, **_HELD, **_LAPSES}),
    "requires": _object({"requires": _list(_WORD, 100)}, {"clause": _CLAUSE}),
    "excludes": _object({"excludes": _list(_WORD, 100)}, {"clause": _CLAUSE}),
    "during": _object({"during": _WINDOW}, _SAID),
}
_PARTS = _list(_MEASURE, 50)
_YEARS = {"years": {"type": "integer", "minimum": 1, "maximum": 10}, "of": _WORD, "take": {"enum": list(TAKES)}}
_MEASURES: dict[str, Shape] = {
    **{how: _object({how: _PARTS}) for how in COMBINED},
    **{how: _object({how: {"type": "array", "minItems": 2, "maxItems": 2, "items": _MEASURE}}) for how in QUOTIENTS},
    "weighted": _object({"weighted": _list(_WEIGHT, 50)}),
    "years": _object(_YEARS),
    **{how: _object({how: _WORD}) for how in ELAPSED},
}


def _choose(branches: Mapping[str, Shape], otherwise: Shape) -> Shape:
    """if/then/else by the key that is there: errors then speak of the branch the author meant."""
    chain = otherwise
    for keyword, shape in reversed(list(branches.items())):
        chain = {"if": {"required": [keyword]}, "then": shape, "else": chain}
    return chain


SCHEMA: Shape = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Criteria: who a policy is for",
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {"type": "object", **_choose(_NODES, _LEAF)},
        "measure": {"type": "object", **_choose(_MEASURES, _object({"fact": _WORD}, {"year": _YEAR}))},
    },
}
