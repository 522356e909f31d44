"""The audience rule of a campaign: what it may hold, and what is refused with its place."""

from __future__ import annotations

import pytest

from pushsvc.pipeline.audience_rule import RuleError, read_limits
from pushsvc.pipeline.recommending import Limits


def test_what_a_rule_does_not_name_is_as_it_always_was() -> None:
    assert read_limits({}) == Limits(0.0, None, 0.0)
    assert read_limits({"top_n": None}) == Limits()
    assert read_limits({"min_z": -1, "top_n": 5.0, "floor": 1}) == Limits(-1.0, 5, 1.0)


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ({"floor": float("nan")}, "floor"),
        ({"floor": -0.1}, "floor"),
        ({"floor": 1.01}, "floor"),
        ({"floor": "0.3"}, "floor"),
        ({"floor": True}, "floor"),
        ({"floor": None}, "floor"),
        ({"min_z": float("inf")}, "min_z"),
        ({"min_z": 10**400}, "min_z"),
        ({"top_n": -1}, "top_n"),
        ({"top_n": 1.5}, "top_n"),
        ({"top_n": 2**40}, "top_n"),
        ({"flor": 0.3}, "flor"),
        ([], "audience"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused_with_its_place(rule: object, place: str) -> None:
    with pytest.raises(RuleError) as caught:
        read_limits(rule)
    assert caught.value.place == place
