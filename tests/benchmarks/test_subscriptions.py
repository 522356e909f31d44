"""The benchmark of subscriptions proves its answers against its baseline, and prints what others rely on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from benchmarks.subscriptions import measure_keywords, measure_tags


@pytest.mark.parametrize("measure", [measure_keywords, measure_tags])
def test_a_small_run_matches_something_and_has_the_figures(measure: Callable[[int, int], dict[str, Any]]) -> None:
    found = measure(3_000, 2)
    assert found["n"] == 3_000
    assert found["matched_median"] > 0
    assert {"p50_ms", "p95_ms", "build_seconds", "open_ms", "bytes_a_subscription", "to_limit"} < set(found)
