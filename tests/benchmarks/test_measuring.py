"""The benchmarks' own arithmetic, and their invented register."""

from __future__ import annotations

import json

import pytest

from benchmarks.measuring import Measured, Peak, rate, show, watching_memory
from benchmarks.people import HEADER, rows


def test_the_object_has_the_names_that_others_rely_on(capsys: pytest.CaptureFixture[str]) -> None:
    found = Measured(
        "import", 10, "profiles/s", [2.0, 4.0, 3.0], [1.0, 1.0, 2.0], [6.0, 6.0, 5.0], {"again": [9.0, 9.5]}
    )
    show(found.result(seconds=1.23, peak_mb=45.67), as_json=True)
    assert json.loads(capsys.readouterr().out) == {
        "name": "import", "n": 10, "unit": "profiles/s", "ours": 3.0, "baseline": 1.0, "limit": 6.0,
        "to_baseline": 3.0, "to_limit": 0.5,
        "spread": {"ours": [2.0, 4.0], "baseline": [1.0, 2.0], "limit": [5.0, 6.0]},
        "seconds": 1.2, "peak_mb": 45.7, "again": [9.0, 9.5],
    }  # fmt: skip


def test_work_has_a_rate_and_memory_a_peak() -> None:
    peak = Peak()
    with watching_memory(peak):
        assert rate(100, lambda: sum(range(3_000_000))) > 0
    assert peak.mb >= 0


def test_the_register_is_the_same_each_time_and_holds_all_kinds() -> None:
    made = list(rows(700))
    assert made == list(rows(700))
    assert {row["kind"] for row in made} == {"citizen", "self_employed", "enterprise", "cooperative"}
    assert all(set(row) <= set(HEADER) for row in made)
    assert sum(bool(row["phone"]) for row in made) > 600
