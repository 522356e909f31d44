"""Who gets a shared address: rows in order, each on its first free channel, each person and address once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.ragged import Mask, Rows

Order = NDArray[np.int8]


def assign(
    open_: Mask, address: NDArray[np.int64], recipient: Rows | None, *, order: Order | None = None
) -> NDArray[np.int8]:
    """int8[n]: the column each row gets as if decided one after another, -1 none.

    `open_` bool[n, k]: the columns a row may use; `address` int64[n, k]; `recipient` int64[n]: rows of one person, of
    which only the first that gets a column is served; `order` int8[n, k]: each row's columns, best first (None: as
    they stand).
    Works in rounds: a row is settled once no earlier undecided row could still take its address or serve its person.
    The first undecided row always settles, and rows that share nothing settle in the first round.
    """
    n, width = open_.shape
    channel = np.full(n, -1, dtype=np.int8)
    keys = [dense(address[:, column]) for column in range(width)]
    person = np.arange(n) if recipient is None else dense(recipient)
    open_, rows = open_.copy(), np.flatnonzero(open_.any(axis=1))
    while len(rows):
        choice = best_column(open_[rows], None if order is None else order[rows])
        settled = _is_first(person, rows, rows)
        for column, key in enumerate(keys):
            holders, here = rows[open_[rows, column]], choice == column
            settled[here] &= _is_first(key, holders, rows[here])
        channel[rows[settled]] = choice[settled]
        rest = rows[~settled]
        for column, key in enumerate(keys):
            open_[rest, column] &= ~_holds(key, rows[settled & (choice == column)])[key[rest]]
        open_[rest] &= ~_holds(person, rows[settled])[person[rest]][:, None]
        rows = rest[open_[rest].any(axis=1)]
    return channel


def best_column(value: NDArray[Any], order: Order | None = None) -> NDArray[np.intp]:
    """intp[n]: each row's column of the greatest value (n, k), of equal ones the first in the row's `order` (n, k)."""
    if order is None:
        return value.argmax(axis=1)
    place = np.take_along_axis(value, order.astype(np.intp), axis=1).argmax(axis=1)
    return np.take_along_axis(order, place[:, None], axis=1)[:, 0].astype(np.intp)


def dense(values: Rows) -> Rows:
    """int64[n] of any values -> the same groups numbered from 0."""
    return np.unique(values, return_inverse=True)[1].reshape(values.shape).astype(np.int64)


def _first(key: Rows, holders: Rows) -> Rows:
    """int64[keys]: the smallest of `holders` (ascending) with each key; n where there is none."""
    first = np.full(len(key) + 1, len(key), dtype=np.int64)
    first[key[holders[::-1]]] = holders[::-1]  # the last write wins: the smallest
    return first


def _is_first(key: Rows, holders: Rows, rows: Rows) -> Mask:
    return np.asarray(_first(key, holders)[key[rows]] >= rows)


def _holds(key: Rows, rows: Rows) -> Mask:
    held = np.zeros(len(key) + 1, dtype=np.bool_)
    held[key[rows]] = True
    return held
