"""The audience rule of a campaign as it is stored: {"min_z": number, "top_n": whole number, "floor": share}."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pushsvc.pipeline.recommending import Limits

NAMES = ("min_z", "top_n", "floor")
_MOST = 2**31 - 1


class RuleError(ValueError):
    """The rule cannot be used; `place` names the part, the message is a sentence."""

    code = "bad_rule"

    def __init__(self, place: str, sentence: str) -> None:
        super().__init__(sentence)
        self.place = place


def read_limits(given: object) -> Limits:
    """The limits that a stored or sent rule means; what it does not name is as `Limits` has it. Raises RuleError."""
    if not isinstance(given, Mapping):
        raise RuleError("audience", "The audience rule is no object.")
    for name in given:
        if name not in NAMES:
            raise RuleError(str(name)[:60], f"The audience rule has no such part; it has {', '.join(NAMES)}.")
    top = given.get("top_n")
    if top is not None and not (_is_number(top) and top == int(top) and 0 <= top <= _MOST):
        raise RuleError("top_n", f"top_n is no whole number from 0 to {_MOST}: {top!r}.")
    min_z, floor = _number(given, "min_z"), _number(given, "floor")
    if not 0 <= floor <= 1:
        raise RuleError("floor", f"floor is a share from 0 to 1, not {floor:g}.")
    return Limits(min_z, None if top is None else int(top), floor)


def _number(given: Mapping[str, Any], name: str) -> float:
    value = given.get(name, 0.0)
    if not _is_number(value):
        raise RuleError(name, f"{name} is no number: {str(value)[:40]!r}.")
    return float(value)


def _is_number(value: object) -> bool:
    """Whether it is a finite number; true and false are none, whatever Python says."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond all floats
        return False
