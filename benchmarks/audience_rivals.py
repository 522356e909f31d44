"""What the audience engine is measured against: the limit of the machine, and the same answer by pandas.

The pandas table holds the same facts in the smallest types that fit: categories, float32 where a figure or a day may
be missing. It gets for nothing what the engine works out: the worth of each category for the policy.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.city_people import DISTRICTS, ON
from profiles.columns import day
from profiles.facts import KINDS
from profiles.ragged import Ragged
from profiles.snapshot.encoding import Encoded, Levels
from profiles.snapshot.segments import SETS, Snapshot
from recommenders.levels import BORN, COLUMNS, feature_columns
from recommenders.linear import ScorePlan

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]

# The policy of the benchmark: five conditions, met by one profile in ten.
REGIONS, OLDEST, WORKS, MONTHS, INCOME = DISTRICTS[:11], 60, ("employed", "unemployed"), 6, 180_000
POLICY: dict[str, Any] = {
    "all": [
        {"fact": "region", "in_region": list(REGIONS)},
        {"fact": "age", "le": OLDEST},
        {"fact": "employment", "in": list(WORKS)},
        {"fact": "insurance_months", "ge": MONTHS},
        {"fact": "household_income", "le": INCOME},
    ]
}
BORN_AFTER = day(ON.replace(year=ON.year - OLDEST - 1))  # who was born later is not yet 61
ASKED = ("region", "birth_date", "employment", "insurance_months", "household_income")


def limit_of(snapshot: Snapshot, rows: Sequence[Rows], d: int) -> Callable[[], None]:
    """One comparison over each column that criteria and scores touch, as stored; and one float32 product of the rows.

    The product is that of a dense model: d numbers for each profile, of which the eligible rows are needed. Of the two
    ways to have theirs, taking them out first and picking them out afterwards, the faster one.
    """
    draw = np.random.default_rng(5)
    matrix = np.empty((len(snapshot), d), dtype=np.float32)
    matrix[:] = vector = draw.random(d, dtype=np.float32)
    starts = np.cumsum([0, *map(len, snapshot.segments)])
    eligible = np.concatenate([some + start for some, start in zip(rows, starts, strict=False)])
    ways: tuple[Callable[[], object], ...] = (
        lambda: matrix.take(eligible, axis=0) @ vector,
        lambda: (matrix @ vector)[eligible],
    )
    product = min(ways, key=_tried)
    held = _touched(snapshot, scores=True)

    def run() -> None:
        _compare_all(held)
        product()

    return run


def floor_of(snapshot: Snapshot, eligible: int, d: int) -> Callable[[], None]:
    """Less than anybody can do: the criteria's columns compared, and the product of rows that lie ready in a row."""
    matrix = np.random.default_rng(5).random((eligible, d), dtype=np.float32)
    held, vector, scores = _touched(snapshot, scores=False), matrix[0].copy(), np.empty(eligible, dtype=np.float32)

    def run() -> None:
        _compare_all(held)
        np.dot(matrix, vector, out=scores)

    return run


def _touched(snapshot: Snapshot, *, scores: bool) -> list[NDArray[Any]]:
    """The arrays of the columns that are asked for, each once."""
    found: dict[int, NDArray[Any]] = {}
    for one in snapshot.segments:
        asked = [one.columns[name] for name in ASKED if name in one.columns]
        asked += [held for _, held in feature_columns(one)] if scores else []
        found |= {id(held.values): held.values for held in asked}
    return list(found.values())


def _compare_all(held: Sequence[NDArray[Any]]) -> None:
    mask = np.empty(max(map(len, held), default=0), dtype=np.bool_)
    for values in held:
        np.less_equal(values, values.dtype.type(7), out=mask[: len(values)])


def _tried(work: Callable[[], object]) -> float:
    """The best of three times, in seconds."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


@dataclass(frozen=True)
class Chosen:
    """The best of the eligible, best first: ids int64 and scores float32; and how many were eligible."""

    ids: NDArray[np.int64]
    scores: Floats
    eligible: int


def table_of(snapshot: Snapshot, own_ids: NDArray[np.int64]) -> pd.DataFrame:
    """All profiles by rising id. `own`: the profile's row among the model's warm ones, -1 for none."""
    import pandas as pd

    ids = np.concatenate([one.ids for one in snapshot.segments])
    order = np.argsort(ids)
    columns: dict[str, Any] = {"id": ids[order]}
    for name in dict.fromkeys((*ASKED, *COLUMNS)):
        columns[name] = _series(list(_parts(snapshot, name)), order)
    kinds = np.concatenate([np.full(len(one), KINDS.index(one.kind), np.int8) for one in snapshot.segments])
    columns["kind"] = _categorical(kinds[order], KINDS)
    at = np.minimum(np.searchsorted(own_ids, columns["id"]), len(own_ids) - 1)
    columns["own"] = np.where(own_ids[at] == columns["id"], at, -1).astype(np.int32)
    return pd.DataFrame(columns, copy=False)


def _parts(snapshot: Snapshot, name: str) -> Iterator[Encoded | int]:
    """The column in every segment; the number of rows where a segment has none."""
    for one in snapshot.segments:
        yield (one.sets if name in SETS else one.columns).get(name) or len(one)


def _series(parts: Sequence[Encoded | int], order: NDArray[np.int64]) -> Any:
    levels = next((part.levels for part in parts if isinstance(part, Encoded)), None)
    if levels is None or levels.numbers is not None:
        return np.concatenate([_figures(part) for part in parts])[order]
    wide: Any = np.int8 if len(levels) < 128 else np.int16 if len(levels) < 32_768 else np.int32
    codes = [np.full(part, -1, wide) if isinstance(part, int) else _signed(part, wide) for part in parts]
    return _categorical(np.concatenate(codes)[order], names_of(levels))


def _categorical(codes: NDArray[np.signedinteger], words: Sequence[str]) -> Any:
    import pandas as pd

    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(list(words)))


def _signed(part: Encoded, wide: Any) -> NDArray[Any]:
    return np.asarray(part.values.astype(np.int32) - 1, dtype=wide)


def _figures(part: Encoded | int) -> Floats:
    """float32, NaN where missing: holds every month, day since 1970 and income of the city exactly."""
    if isinstance(part, int):
        return np.full(part, np.nan, dtype=np.float32)
    if part.levels is None or part.levels.numbers is None:
        return part.values.astype(np.float32)
    return np.append(np.float32(np.nan), part.levels.numbers.astype(np.float32))[part.values]


def names_of(levels: Levels) -> Sequence[str]:
    """The levels as words; of sets, their members joined."""
    sets = levels.sets
    return levels.words if sets is None else ["|".join(words) for words in _each(sets)]


def _each(sets: Ragged) -> Iterator[tuple[str, ...]]:
    return (sets.words(row) for row in range(len(sets)))


def by_pandas(table: pd.DataFrame, plan: ScorePlan, top: int) -> Chosen:
    """The policy's criteria, scores and best `top` of this table."""
    rows = _eligible(table)
    some = table.take(rows)
    worth = {name: (levels, values) for (name, levels), values in plan.lookups.items()}
    scores = np.asarray(plan.kinds[some["kind"].cat.codes.to_numpy()], dtype=np.float32)
    for name in COLUMNS:
        if name in worth:
            scores += _worth(some[name], *worth[name])
    own = some["own"].to_numpy()
    scores += np.append(plan.extra, np.float32(0))[own]  # row -1 picks the appended 0
    best = np.argpartition(-scores, top - 1)[:top] if top < len(scores) else np.arange(len(scores))
    if top < len(scores):  # of equals at the cut those with the least ids, as `nlargest` has it
        cut = np.min(scores[best])
        above = np.flatnonzero(scores > cut)
        best = np.concatenate((above, np.flatnonzero(scores == cut)[: top - len(above)]))
    best = best[np.lexsort((best, -scores[best]))]
    return Chosen(some["id"].to_numpy()[best].astype(np.int64), scores[best], len(rows))


def _eligible(table: pd.DataFrame) -> Rows:
    """Rows that meet the five conditions: codes first, and each further condition only of the rows that are left."""
    rows: Rows = np.flatnonzero(_among(table["region"], REGIONS)[table["region"].cat.codes.to_numpy()])
    rows = rows[_among(table["employment"], WORKS)[table["employment"].cat.codes.to_numpy()[rows]]]
    conditions: Mapping[str, Callable[[Floats], NDArray[np.bool_]]] = {
        "insurance_months": lambda values: values >= MONTHS,
        "household_income": lambda values: values <= INCOME,
        "birth_date": lambda values: values > BORN_AFTER,
    }
    for name, holds in conditions.items():
        rows = rows[holds(table[name].to_numpy()[rows])]
    return rows


def _among(column: pd.Series[Any], wanted: Sequence[str]) -> NDArray[np.bool_]:
    """bool[k + 1] by category; the last is for code -1, missing."""
    return np.append(column.cat.categories.isin(wanted), False)


def _worth(column: pd.Series[Any], levels: Levels, values: Floats) -> Floats:
    if column.name == BORN:
        assert levels.numbers is not None  # every day from the first to the last
        codes = column.to_numpy() - np.float32(levels.numbers[0] - 1)
        return np.asarray(values[np.nan_to_num(codes).astype(np.int32)])
    return np.asarray(np.append(values[1:], values[0])[column.cat.codes.to_numpy()])
