"""Does it cost more where there are more: `python -m benchmarks.growth [--profiles N] [--of STEPS] [--json]`.

The audience of `benchmarks.audience` (criteria, scores, best share) for N profiles and for a tenth of them, in turn,
in one process. `growth`: time a profile with all of them by time a profile with a tenth; 1.0 is no growth.
`count_growth`: the same for the live count. Of both cities one profile in a hundred is chosen.
`plan_growth`, `deliver_growth`: the same of a whole campaign planned, and of messages delivered to the in-memory
provider (`benchmarks.growth_sending`), in microseconds a recipient. Ten million want `--buffers-mb 8192`, and
`--folder F` keeps what takes half an hour to fill.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Collection
from contextlib import ExitStack
from functools import partial
from typing import Any

from benchmarks import growth_sending
from benchmarks.audience import forget, live_count, model_of, seconds, select
from benchmarks.audience_questions import questions
from benchmarks.audience_rivals import POLICY
from benchmarks.city import mapped_city
from benchmarks.databases import BUFFERS
from benchmarks.measuring import show
from profiles.criteria import parse

SHARE = 10  # the smaller city is a tenth of the larger
STEPS = ("audience", "plan", "deliver")
CHOSEN = 100  # one profile in so many


def main() -> None:
    """Measure, and print one object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--of", default=",".join(STEPS), help="which of audience, plan, deliver; all of them")
    parser.add_argument("--folder", help="fill the databases of plan and deliver here once, and keep them")
    parser.add_argument("--buffers-mb", type=int, help="PostgreSQL's, for both sizes (1024)")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    of = asked.of.split(",")
    if unknown := sorted(set(of) - set(STEPS)):
        parser.error(f"there is no step {', '.join(unknown)}; there are {', '.join(STEPS)}")
    place = growth_sending.Place(asked.folder, asked.buffers_mb)
    show(measure(asked.profiles, asked.runs, of=of, place=place), as_json=asked.json)


def measure(
    profiles: int, runs: int, *, of: Collection[str] = STEPS, place: growth_sending.Place = growth_sending.ANEW
) -> dict[str, Any]:
    """What a profile or recipient costs in both sizes, and by how much more in the larger."""
    start = time.perf_counter()
    sizes = (profiles // SHARE, profiles)
    found: dict[str, Any] = {"name": "growth", "n": profiles}
    if "audience" in of:
        found |= _audience(sizes, runs)
    if "plan" in of or "deliver" in of:
        found |= _sending(sizes, runs, of, place)
    return found | {"seconds": round(time.perf_counter() - start, 1)}


def _sending(sizes: tuple[int, int], runs: int, of: Collection[str], place: growth_sending.Place) -> dict[str, Any]:
    steps, peak = growth_sending.measure(sizes, runs, deliver="deliver" in of, place=place)
    found: dict[str, Any] = {
        "peak_mb": round(peak, 1),
        "buffers_mb": place.buffers_mb or int(BUFFERS["PUSHSVC_BUFFERS_MB"]),
    }
    for step, took in steps.items():
        small, large = (statistics.median(took[size]) for size in sizes)
        found[f"{step}_growth"] = round(large / small, 3)
        found[f"{step}_us"] = {str(size): _spread(some) for size, some in took.items()}
    return found


def _audience(sizes: tuple[int, int], runs: int) -> dict[str, Any]:
    audience: dict[int, list[float]] = {size: [] for size in sizes}
    count: dict[int, list[float]] = {size: [] for size in sizes}
    trees = list(questions())
    with ExitStack() as stack:
        cities = {size: stack.enter_context(mapped_city(size)) for size in sizes}
        models = {size: model_of(snapshot) for size, snapshot in cities.items()}
        criteria = parse(POLICY)
        for run in range(-1, runs):  # the first is not counted: it maps the pages
            for size, snapshot in cities.items():
                forget(snapshot)
                took = seconds(partial(select, snapshot, criteria, models[size], size // CHOSEN))
                counted = seconds(partial(live_count, snapshot, trees[run]))
                if run >= 0:
                    audience[size].append(1000 * took)
                    count[size].append(1000 * counted)
    return {
        "growth": _ratio(audience, sizes),
        "count_growth": _ratio(count, sizes),
        "ms": {str(size): _spread(took) for size, took in audience.items()},
        "count_ms": {str(size): _spread(took) for size, took in count.items()},
    }


def _ratio(took: dict[int, list[float]], sizes: tuple[int, int]) -> float:
    small, large = (statistics.median(took[size]) / size for size in sizes)
    return round(large / small, 3)


def _spread(took: list[float]) -> list[float]:
    """Smallest, median and largest."""
    return [round(one, 2) for one in (min(took), statistics.median(took), max(took))]


if __name__ == "__main__":
    main()
