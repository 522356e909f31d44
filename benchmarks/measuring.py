"""Runs, rates and memory: what every benchmark prints as one JSON object.

Rates are medians over the runs, higher is better; `to_limit` 1.0 is the limit itself.
"""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_EVERY = 0.5  # seconds: a look walks all pages of a process, on the very machine that is measured


@dataclass
class Measured:
    """A benchmark's runs: rates of ours, of the baseline and of the limit, from the same run of the program."""

    name: str
    n: int
    unit: str
    ours: list[float] = field(default_factory=list)
    baseline: list[float] = field(default_factory=list)
    limit: list[float] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    def result(self, *, seconds: float, peak_mb: float) -> dict[str, Any]:
        """The object to print."""
        groups: dict[str, Sequence[float]] = {"ours": self.ours, "baseline": self.baseline, "limit": self.limit}
        medians = {name: statistics.median(rates) for name, rates in groups.items()}
        return {
            "name": self.name,
            "n": self.n,
            "unit": self.unit,
            **{name: round(rate, 1) for name, rate in medians.items()},
            "to_baseline": round(medians["ours"] / medians["baseline"], 2),
            "to_limit": round(medians["ours"] / medians["limit"], 3),
            "spread": {name: [round(min(rates), 1), round(max(rates), 1)] for name, rates in groups.items()},
            "seconds": round(seconds, 1),
            "peak_mb": round(peak_mb, 1),
            **self.more,
        }


def rate(n: int, work: Callable[[], object]) -> float:
    """How many of n a second the work gets through."""
    start = time.perf_counter()
    work()
    return n / (time.perf_counter() - start)


def show(result: Mapping[str, Any], *, as_json: bool) -> None:
    """Print it: one JSON object, or a line a figure."""
    if as_json:
        print(json.dumps(result, ensure_ascii=False))
        return
    for name, value in result.items():
        print(f"{name:>14}  {value:,}" if isinstance(value, int | float) else f"{name:>14}  {value}")


@dataclass
class Peak:
    """The most memory that the processes looked at held together, in MB of PSS."""

    mb: float = 0.0


def _nobody() -> Sequence[int]:
    return ()


@contextmanager
def watching_memory(peak: Peak, *, also: Callable[[], Sequence[int]] = _nobody) -> Iterator[None]:
    """Look at the memory of this process, and of the processes that `also` numbers, while the block runs."""
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(_EVERY):
            peak.mb = max(peak.mb, _pss("self") + sum(map(_pss, also())))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _pss(process: int | str) -> float:
    """MB; 0 for a process that is gone."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)
