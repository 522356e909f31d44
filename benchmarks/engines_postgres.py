"""The question of `benchmarks.engines` to a PostgreSQL of its own: one narrow table, indexed, analysed, in memory."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from sqlalchemy import create_engine, text

from benchmarks.databases import own_servers
from benchmarks.engines_question import SQL, Counts, Question

_TYPES = {"person": "smallint", "region": "smallint", "employment": "smallint", "insurance_months": "smallint"}
_PIECE = 500_000  # rows copied at a time


@contextmanager
def loaded(question: Question) -> Iterator[tuple[Callable[[], Counts], float]]:
    """A function that asks, and how many seconds loading took. The server goes with the block."""
    with own_servers() as (settings, _):
        assert settings.database_url is not None
        engine = create_engine(settings.database_url, isolation_level="AUTOCOMMIT")
        start = time.perf_counter()
        columns = question.masked()
        with engine.connect() as connection:
            kinds = ", ".join(f"{name} {_TYPES.get(name, 'integer')}" for name in columns)
            connection.execute(text(f"create table people ({kinds})"))
            cursor = connection.connection.cursor()
            for at in range(0, question.n, _PIECE):
                with cursor.copy("copy people from stdin (format csv)") as copy:
                    copy.write(_lines(question, at))
            connection.execute(text("create index people_income on people (household_income)"))
            connection.execute(text("vacuum analyze people"))
            took = time.perf_counter() - start

            def ask() -> Counts:
                yes, unknown = connection.execute(text(SQL.format(**question.words()))).one()
                return Counts.of(yes, unknown, question.n)

            yield ask, took
        engine.dispose()


def _lines(question: Question, at: int) -> str:
    """Rows of CSV, empty where missing."""
    import pandas as pd

    piece = slice(at, at + _PIECE)
    parts = {
        name: pd.arrays.IntegerArray(np.ascontiguousarray(values[piece]), gone[piece].copy())
        for name, (values, gone) in question.masked().items()
    }
    target = io.StringIO()
    pd.DataFrame(parts).to_csv(target, header=False, index=False)
    return target.getvalue()
