"""Codes of values: equal values get equal codes, and settle into sorted levels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from profiles.columns import MISSING_DATE, Column, Listing
from profiles.ragged import ragged
from profiles.snapshot.books import NumberBook, SetBook, Settled, WordBook
from profiles.snapshot.encoding import Encoded
from profiles.snapshot.index import Index

WHOLE = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(st.lists(WHOLE | st.integers(-3, 3), max_size=400), max_size=4))
def test_an_index_numbers_keys_as_a_dictionary_would(batches: list[list[int]]) -> None:
    index, numbers = Index(), {}
    for keys in batches:
        for key, number in zip(keys, index.numbers(np.array(keys, dtype=np.int64)).tolist(), strict=True):
            assert numbers.setdefault(key, number) == number
    assert sorted(numbers.values()) == list(range(len(index)))
    assert index.keys.tolist() == sorted(numbers, key=numbers.__getitem__)


def test_an_index_grows_past_keys_that_fall_together() -> None:
    index = Index()
    keys = np.arange(50_000, dtype=np.int64) << 44
    first = index.numbers(keys)
    assert np.array_equal(index.keys[first], keys)
    assert np.array_equal(index.numbers(keys[::-1].copy()), first[::-1])


def _decoded(book: NumberBook | WordBook, parts: Sequence[Any]) -> tuple[Settled, Encoded]:
    settled = book.settled()
    values = [part if part.dtype.kind == "f" else settled.meaning[part] for part in parts]
    return settled, Encoded(np.concatenate(values), settled.levels)


numbers = st.sampled_from([0.0, -0.0, 1.0, 0.1, 1e308, -1e-308, np.nan, np.inf]) | st.floats()


@given(st.lists(st.lists(numbers, max_size=30), min_size=1, max_size=4), st.sampled_from([0, 1, 5, 65_535]))
def test_numbers_come_back_as_they_were(batches: list[list[float]], most: int) -> None:
    told = np.concatenate([np.array(batch, dtype=np.float64) for batch in batches])
    expected = np.where(np.isfinite(told), told, np.nan)
    book = NumberBook("number", most)
    parts = [book.codes(Column("number", np.array(batch, dtype=np.float64))) for batch in batches]
    settled, encoded = _decoded(book, parts)
    assert np.array_equal(encoded.column().values, expected, equal_nan=True)
    assert (settled.levels is None) == (len({*expected[np.isfinite(expected)].tolist()}) > most)
    if settled.levels is not None and settled.levels.numbers is not None:
        assert (np.diff(settled.levels.numbers) > 0).all()


@given(st.lists(st.lists(st.none() | st.integers(-(2**31) + 1, 2**31 - 1), max_size=30), min_size=1, max_size=3))
def test_dates_come_back_as_they_were(batches: list[list[int | None]]) -> None:
    held = [np.array([MISSING_DATE if day is None else day for day in batch], dtype=np.int32) for batch in batches]
    book = NumberBook("date")
    _, encoded = _decoded(book, [book.codes(Column("date", part)) for part in held])
    assert np.array_equal(encoded.column().values, np.concatenate(held))
    assert encoded.column().values.dtype == np.int32


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)


@given(st.lists(st.tuples(st.lists(words, min_size=1, max_size=5, unique=True), st.data()), min_size=1, max_size=3))
def test_words_come_back_as_they_were_whatever_levels_a_batch_has(batches: list[tuple[list[str], Any]]) -> None:
    book, parts, told = WordBook(), [], []
    for levels, data in batches:
        codes = data.draw(st.lists(st.integers(-1, len(levels) - 1), max_size=20))
        parts.append(book.codes(Column("code", np.array(codes, dtype=np.int32), tuple(levels))))
        told += [None if code < 0 else levels[code] for code in codes]
    settled, encoded = _decoded(book, parts)
    assert settled.levels is not None
    assert list(settled.levels.words) == sorted({word for word in told if word is not None})
    column = encoded.column()
    assert [None if code < 0 else column.levels[code] for code in column.values.tolist()] == told


sets = st.none() | st.lists(st.sampled_from(["a", "b", "c", "dd", ""]), max_size=7)


@given(st.lists(st.lists(sets, max_size=20), min_size=1, max_size=3), st.booleans())
def test_sets_come_back_without_order_and_each_word_once(batches: list[list[list[str] | None]], empty: bool) -> None:
    book, parts, expected = SetBook(empty=empty), [], []
    for batch in batches:
        told = np.array([one is not None for one in batch], dtype=np.bool_)
        parts.append(book.codes(Listing(ragged(batch), told)))
        expected += [None if one is None or not (one or empty) else frozenset(one) for one in batch]
    settled = book.settled()
    assert settled.levels is not None
    assert len(settled.levels) == len({*expected} - {None})
    listing = Encoded(np.concatenate([settled.meaning[part] for part in parts]), settled.levels).listing()
    back = [frozenset(listing.sets.words(row)) if told else None for row, told in enumerate(listing.told)]
    assert back == expected
