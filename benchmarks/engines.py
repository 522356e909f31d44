"""One question to many engines: `python -m benchmarks.engines [--profiles N] [--rows M] [--runs R] [--json]`.

Five conditions over everybody: how many profiles say yes, no and unknown (three values, after Kleene; AND of SQL is
the same). Milliseconds, smallest, median and largest, on the same facts; every engine must count the same. polars,
duckdb and pyroaring come with the extra `bench`. PostgreSQL is loaded with M of the profiles; its time is for those.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from importlib import import_module
from typing import Any

from benchmarks import engines_postgres
from benchmarks.audience import forget, seconds
from benchmarks.audience_rivals import POLICY
from benchmarks.city import mapped_city
from benchmarks.city_people import ON
from benchmarks.engines_question import EMPLOYED, SQL, Counts, Question, question_of, slices, within
from benchmarks.measuring import show
from profiles.criteria import parse
from profiles.criteria.blocks import judge_blocks
from profiles.criteria.leaves import Days
from profiles.snapshot.segments import Snapshot

Ask = Callable[[], Counts]


def main() -> None:
    """Measure, and print one object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=1_000_000)
    parser.add_argument("--rows", type=int, default=1_000_000, help="profiles loaded into PostgreSQL; 0: none")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    show(measure(asked.profiles, asked.runs, rows=asked.rows), as_json=asked.json)


def measure(profiles: int, runs: int, *, rows: int) -> dict[str, Any]:
    """Milliseconds of every engine."""
    result: dict[str, Any] = {"name": "engines", "n": profiles, "rows": min(rows, profiles)}
    with mapped_city(profiles) as snapshot:
        question = question_of(snapshot)
        expected = blocks(snapshot)()
        for name, ask in (("blocks", blocks(snapshot)), ("numpy", lambda: in_numpy(question))):
            result[name] = timed(ask, expected, runs)
        for name, prepare in ENGINES.items():
            took: list[float] = []
            ask = _prepared(prepare, question, took)
            result[name] = timed(ask, expected, runs) | {"prepared_s": round(took[0], 1)}
            del ask
        if rows:
            part = question.first(rows)
            with engines_postgres.loaded(part) as (ask, load):
                result["postgres"] = timed(ask, in_numpy(part), runs) | {"prepared_s": round(load, 1)}
    return result


def _prepared(prepare: Callable[[Question], Ask], question: Question, took: list[float]) -> Ask:
    made: list[Ask] = []
    took.append(seconds(lambda: made.append(prepare(question))))
    return made[0]


def timed(ask: Ask, expected: Counts, runs: int) -> dict[str, Any]:
    """Smallest, median and largest of the runs. Raises AssertionError where the engine counts otherwise."""
    assert ask() == expected, (ask(), expected)
    took = sorted(1000 * seconds(ask) for _ in range(runs))
    return {"ms": [round(took[0], 2), round(statistics.median(took), 2), round(took[-1], 2)]}


def blocks(snapshot: Snapshot) -> Ask:
    """The service's own engine; it counts what is missing, too. Nothing is kept from question to question."""
    criteria = parse(POLICY)

    def ask() -> Counts:
        forget(snapshot)
        found = judge_blocks(criteria, snapshot, days=Days(ON))
        return Counts(found.yes, found.no, found.unknown)

    return ask


def in_numpy(question: Question) -> Counts:
    """One pass over each column, whole columns at a time, on one thread."""
    return question.counted()


def in_pandas(question: Question) -> Ask:
    """Nullable types: their & is Kleene's."""
    import pandas as pd

    table = pd.DataFrame({name: pd.arrays.IntegerArray(*pair) for name, pair in question.masked().items()}, copy=False)
    wanted = question.regions

    def ask() -> Counts:
        places = table["region"].isin(wanted).astype("boolean").mask(table["region"].isna())
        work = (table["employment"] <= EMPLOYED) & (table["insurance_months"] >= question.months)
        born = (table["birth_date"] > question.born_after) & (table["household_income"] <= question.income)
        held = (table["person"] == 1) & places & work & born
        return Counts.of(int(held.sum()), int(held.isna().sum()), len(table))

    return ask


def in_polars(question: Question) -> Ask:
    """A lazy query over typed columns with nulls, on all threads."""
    pl = needed("polars")
    table = pl.DataFrame(
        {
            name: pl.select(pl.when(pl.Series(~gone)).then(pl.Series(values))).to_series()
            for name, (values, gone) in question.masked().items()
        }
    )
    col = pl.col
    held = (
        (col("person") == 1)
        & pl.when(col("region").is_null()).then(None).otherwise(col("region").is_in(question.regions))
        & (col("employment") <= EMPLOYED)
        & (col("insurance_months") >= question.months)
        & (col("birth_date") > question.born_after)
        & (col("household_income") <= question.income)
    ).alias("held")
    query = table.lazy().select(held).select(col("held").sum().alias("yes"), col("held").null_count().alias("open"))

    def ask() -> Counts:
        yes, unknown = query.collect().row(0)
        return Counts.of(yes, unknown, len(table))

    return ask


def in_duckdb(question: Question) -> Ask:
    """A table of its own, in memory; SQL's AND is Kleene's."""
    duckdb = needed("duckdb")
    import pandas as pd

    frame = pd.DataFrame({name: pd.arrays.IntegerArray(*pair) for name, pair in question.masked().items()}, copy=False)
    connection = duckdb.connect(":memory:", config={"threads": 2})
    connection.register("frame", frame)
    connection.execute("create table people as select * from frame")
    connection.unregister("frame")
    text = SQL.format(**question.words())

    def ask() -> Counts:
        yes, unknown = connection.execute(text).fetchone()
        return Counts.of(yes, unknown, question.n)

    return ask


def in_bitmaps(question: Question) -> Ask:
    """A compressed bitmap a place, one a binary digit of each figure (bit-sliced), and one of who is known."""
    bitmap = needed("pyroaring").BitMap
    held = slices(question, bitmap)
    people = held["person"][0][0]

    def ask() -> Counts:
        places = bitmap.union(*(held["region"][0][code] for code in question.regions))
        conditions = [(places, held["region"][1])]
        for name, low, high in question.ranges():
            digits, known = held[name]
            conditions.append((within(digits, known, low, high), known))
        yes, never = people, bitmap()
        for holds, known in conditions:
            yes = yes & holds
            never |= known - holds
        return Counts.of(len(yes), len(people - never - yes), question.n)

    return ask


def needed(module: str) -> Any:
    """A module of the extra `bench`. Raises SystemExit with what to install where it is absent."""
    try:
        return import_module(module)
    except ModuleNotFoundError as exc:
        raise SystemExit(f"{module} is not installed; it comes with the extra: pip install -e .[bench]") from exc


ENGINES: dict[str, Callable[[Question], Ask]] = {
    "pandas": in_pandas,
    "polars": in_polars,
    "duckdb": in_duckdb,
    "bitmaps": in_bitmaps,
}

if __name__ == "__main__":
    main()
