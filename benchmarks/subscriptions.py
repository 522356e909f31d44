"""Stored wishes against one policy: `python -m benchmarks.subscriptions [--queries N] [--subscriptions N] [--json]`.

keywords: one text of 5,000 to 20,000 characters against N stored queries. tags: one policy's themes, industries,
region and agencies against N subscriptions. ours: the index; baseline: the same wishes one at a time, on a sample, with
all that can be worked out beforehand worked out; limit: one numpy pass over the code columns that the index holds.
Rates are wishes a second; `p50_ms` and `p95_ms` are for one policy. Building, and opening from mapped files, apart.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measuring import Measured, Peak, rate, show, watching_memory
from benchmarks.wishes import Invented, bytes_of
from profiles.subscriptions import KEYS, PolicyTags, SubscriptionIndex, WishColumns, alternatives, build_index
from profiles.subscriptions.kinship import KIN, Kin

SAMPLE = 20_000  # wishes of the baseline
SOURCE = 2_000_000  # characters of the texts that half of the words are cut from


def main() -> None:
    """Measure, and print one object for keywords and one for tags."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queries", type=int, default=1_000_000)
    parser.add_argument("--subscriptions", type=int, default=3_000_000)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    show(measure_keywords(asked.queries, asked.runs), as_json=asked.json)
    show(measure_tags(asked.subscriptions, asked.runs), as_json=asked.json)


def measure_keywords(queries: int, runs: int) -> dict[str, Any]:
    """`runs` new texts against so many stored keyword queries."""
    draw = Invented()
    source = draw.text(SOURCE)
    keywords = draw.keywords(queries, source)
    sizes, places = draw.rng.integers(5_000, 20_001, runs + 1), draw.rng.integers(0, SOURCE - 20_000, runs + 1)
    texts = [source[place : place + size] for place, size in zip(places.tolist(), sizes.tolist(), strict=True)]
    policies = [PolicyTags((), (), "", text) for text in texts]
    sample = [alternatives(keyword) for keyword in keywords[:SAMPLE]]

    def slowly(policy: PolicyTags) -> list[int]:
        text = policy.folded
        return [row for row, asked in enumerate(sample) if any(all(word in text for word in part) for part in asked)]

    return _measured("keyword_subscriptions", draw.keyword_wishes(keywords), policies, slowly)


def measure_tags(subscriptions: int, runs: int) -> dict[str, Any]:
    """`runs` policies against so many subscriptions by tags."""
    draw = Invented()
    wishes = draw.tag_wishes(subscriptions)
    parts = {key: wishes.sets[key][:SAMPLE].to_pylist() for key in KEYS}
    sample = [
        [(key, text[0] == "&", text[1:].split("\x1f")) for key, text in zip(KEYS, texts, strict=True) if text]
        for texts in zip(*parts.values(), strict=True)
    ]
    known = {key: {value: KIN[key](value) for value in draw.keys[key].values} for key in KEYS}

    def slowly(policy: PolicyTags) -> list[int]:
        met = {key: _met(known[key], [KIN[key](value) for value in policy.values[key]]) for key in KEYS}
        answers = (
            [(all if every else any)(value in met[key] for value in values) for key, every, values in wish]
            for wish in sample
        )
        return [row for row, found in enumerate(answers) if found and all(found)]

    return _measured("tag_subscriptions", wishes, [draw.policy() for _ in range(runs + 1)], slowly)


def _met(known: dict[str, Kin], policy: Sequence[Kin]) -> frozenset[str]:
    return frozenset(
        value
        for value, kin in known.items()
        if any(kin.places & (one.places | one.above) or one.places & kin.above for one in policy)
    )


def _measured(
    name: str, wishes: WishColumns, policies: Sequence[PolicyTags], slowly: Callable[[PolicyTags], list[int]]
) -> dict[str, Any]:
    """Built once, kept in files, mapped; the first policy warms up and proves that both answer the same."""
    found = Measured(name, len(wishes), "subscriptions/s")
    start, peak = time.perf_counter(), Peak()
    with tempfile.TemporaryDirectory() as folder, watching_memory(peak):
        began = time.perf_counter()
        built = build_index(wishes)
        found.more["build_seconds"] = round(time.perf_counter() - began, 2)
        found.more["bytes_a_subscription"] = round(bytes_of(built.to_arrays()) / len(wishes), 1)
        mapped = _kept(built, Path(folder))
        began = time.perf_counter()
        index = SubscriptionIndex.from_arrays(dict(mapped()))
        found.more["open_ms"] = round(1000 * (time.perf_counter() - began), 1)
        first = index.matching(policies[0])
        assert first[first < SAMPLE].tolist() == slowly(policies[0])
        matched = [_run(found, index, policy, slowly) for policy in policies[1:]]
    times = 1000 * len(wishes) / np.array(found.ours)
    found.more |= {"p50_ms": round(float(np.median(times)), 1), "p95_ms": round(float(np.quantile(times, 0.95)), 1)}
    found.more["matched_median"] = int(np.median(matched))
    return found.result(seconds=time.perf_counter() - start, peak_mb=peak.mb)


def _run(
    found: Measured, index: SubscriptionIndex, policy: PolicyTags, slowly: Callable[[PolicyTags], list[int]]
) -> int:
    rows: list[int] = []
    found.ours.append(rate(len(index), lambda: rows.append(len(index.matching(policy)))))
    found.baseline.append(rate(min(SAMPLE, len(index)), lambda: slowly(policy)))
    columns = [array for name, array in index.to_arrays().items() if name.count(".") == 1 and name.endswith(".codes")]
    found.limit.append(rate(len(index), lambda: [np.count_nonzero(codes) for codes in columns]))
    return rows[0]


def _kept(index: SubscriptionIndex, folder: Path) -> Callable[[], Iterator[tuple[str, Any]]]:
    for name, array in index.to_arrays().items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    return lambda: ((path.stem, np.load(path, mmap_mode="r", allow_pickle=False)) for path in folder.iterdir())


if __name__ == "__main__":
    main()
