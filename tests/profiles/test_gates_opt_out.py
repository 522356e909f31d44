"""Whoever wants no more at an address gets what a duty requires there, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.gates import ENTITLED, RECOMMENDED, SUBSCRIBED, decide_gates
from tests.profiles.test_gates import rows

_THREE = st.tuples(*[st.booleans()] * 3)
_CASE = st.fixed_dictionaries(
    {
        "door": st.sampled_from([ENTITLED, SUBSCRIBED, RECOMMENDED]),
        "suppressed": _THREE,
        "consent": _THREE,
        "has_address": _THREE,
        "muted": st.booleans(),
    }
)


def decided(cases: list[dict[str, Any]], opted_out: list[tuple[bool, ...]] | None, **how: bool) -> list[Any]:
    matrix = None if opted_out is None else np.array(opted_out, dtype=np.bool_).reshape(len(cases), 3)
    result = decide_gates(replace(rows(*cases, **how), opted_out=matrix))
    return [result.channel.tolist(), result.code.tolist(), result.blocked.tolist(), result.open_.tolist()]


@pytest.mark.parametrize(
    ("door", "duty", "code"),
    [(ENTITLED, True, ""), (ENTITLED, False, "suppressed"), (SUBSCRIBED, True, "suppressed"),
     (RECOMMENDED, True, "suppressed")],
)  # fmt: skip
def test_only_a_duty_passes(door: int, duty: bool, code: str) -> None:
    given_ = replace(rows({"door": door}, duty=duty), opted_out=np.ones((1, 3), dtype=np.bool_))
    assert decide_gates(given_).names() == [code]


@given(st.lists(st.tuples(_CASE, _THREE), min_size=1, max_size=6), st.booleans(), st.booleans())
def test_it_is_a_suppression_but_where_a_duty_writes(
    cases: list[tuple[dict[str, Any], tuple[bool, ...]]], duty: bool, mandatory: bool
) -> None:
    shut = [
        {**case, "suppressed": case["suppressed"] if duty and case["door"] == ENTITLED
         else tuple(a or b for a, b in zip(case["suppressed"], out, strict=True))}
        for case, out in cases
    ]  # fmt: skip
    how = {"duty": duty, "mandatory": mandatory}
    found = decided([case for case, _ in cases], [out for _, out in cases], **how)
    assert found == decided(shut, None, **how)
