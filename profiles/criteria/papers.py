"""Certificates over columns: held on a day, held long enough without a gap, about to lapse.

A row holds from `valid_from` to `valid_until`, both included; a missing end is open. Rows of one key that touch or
overlap are one holding. No row of the key: unknown, unless a register told the whole list or the profile is a
resident's (the certificates asked for are a firm's); rows that do not hold on the day: no.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from profiles.columns import MISSING_DATE, Column, Frame, day
from profiles.criteria.trees import HasQualification
from profiles.criteria.truths import NO, UNKNOWN, YES, Truth
from profiles.derived import signed_months
from profiles.facts import KINDS, MARKET
from profiles.ragged import Mask

Days = NDArray[np.int64]
_NEVER = np.iinfo(np.int64).max // 4
_ALWAYS = -_NEVER


def qualification_truth(node: HasQualification, frame: Frame, on: date) -> Truth:
    """uint8[n]: the certificate as of the day."""
    return np.asarray(qualification_truths(node, frame, [on])[0])


def qualification_truths(node: HasQualification, frame: Frame, days: Sequence[date]) -> Truth:
    """uint8[k, n]: the certificate as of each of k days."""
    rows = _Rows(frame, node.key)
    otherwise = np.where(_surely_not(frame) | rows.any_of(rows.all()), NO, UNKNOWN).astype(np.uint8)
    if not len(rows.owner):  # nobody holds one, whatever the day
        return np.broadcast_to(otherwise, (len(days), len(frame)))
    held = rows.on_days(np.array([day(on) for on in days], dtype=np.int64))
    return np.stack([_refined(node, rows, on, (one, otherwise)) for on, one in zip(days, held, strict=True)])


def _refined(node: HasQualification, rows: _Rows, on: date, plain: tuple[Mask, Truth]) -> Truth:
    (held, otherwise), today = plain, day(on)
    truth = np.where(held, YES, otherwise)
    if node.held_months is not None and held.any():
        truth = np.where(held, _long_enough(rows, on, node.held_months), truth)
    if node.lapses_within is not None and held.any():
        truth = np.where(held & (rows.run_end(today) > today + node.lapses_within), NO, truth)
    return np.asarray(truth, dtype=np.uint8)


def holding(frame: Frame, key: str, on: date) -> tuple[Mask, Days]:
    """bool[n]: held on the day; int64[n]: its last day, far ahead where it is open or not held."""
    rows, today = _Rows(frame, key), day(on)
    held = rows.any_of((rows.start <= today) & (rows.end >= today))
    return held, np.where(held, rows.run_end(today), _NEVER)


def is_open(end: int) -> bool:
    """Whether a last day given by `holding` is none."""
    return end >= _NEVER


class _Rows:
    """The certificates of one key: whose each is, its first and last day as int64, open ends far away."""

    def __init__(self, frame: Frame, key: str) -> None:
        papers = frame.certificates()
        column = papers.columns["key"]
        wanted = np.array([*(level == key for level in column.levels), False], dtype=np.bool_)[column.values]
        owners = np.repeat(np.arange(len(frame)), np.diff(papers.offsets))
        self.n, self.owner = len(frame), owners[wanted]
        self.start = _ends(papers.columns["valid_from"].values[wanted], _ALWAYS)
        self.end = _ends(papers.columns["valid_until"].values[wanted], _NEVER)

    def all(self) -> Mask:
        return np.ones(len(self.owner), dtype=np.bool_)

    def any_of(self, mask: Mask) -> Mask:
        """bool[n]: profiles with at least one of these rows."""
        found = np.zeros(self.n, dtype=np.bool_)
        found[self.owner[mask]] = True
        return found

    def on_days(self, days: Days) -> Mask:
        """bool[k, n]: profiles that hold one on each of k days."""
        found = np.zeros((len(days), self.n), dtype=np.bool_)
        when, row = np.nonzero((self.start <= days[:, None]) & (self.end >= days[:, None]))
        found[when, self.owner[row]] = True
        return found

    def run_start(self, today: int, rows: Mask) -> Days:
        """int64[n]: the first day of the unbroken holding that reaches today, over these rows; after today: none."""
        start = np.full(self.n, today + 1, dtype=np.int64)
        while True:
            joins = rows & (self.start < start[self.owner]) & (self.end >= start[self.owner] - 1)
            if not joins.any():
                return start
            np.minimum.at(start, self.owner[joins], self.start[joins])

    def run_end(self, today: int) -> Days:
        """int64[n]: the last day of the unbroken holding that holds today; before today where none does."""
        end = np.full(self.n, today - 1, dtype=np.int64)
        while True:
            joins = (self.end > end[self.owner]) & (self.start <= end[self.owner] + 1)
            if not joins.any():
                return end
            np.maximum.at(end, self.owner[joins], self.end[joins])


def _ends(values: NDArray[np.int32], open_: int) -> Days:
    return np.where(values == MISSING_DATE, open_, values.astype(np.int64))


def _surely_not(frame: Frame) -> Mask:
    """bool[n]: profiles of whom nothing recorded means nothing held."""
    listed = frame.column("qualifications_listed_on").known()
    kind = frame.columns.get("kind")
    if kind is None:
        return listed
    person_only = np.array([level not in MARKET for level in KINDS] + [False], dtype=np.bool_)
    return np.asarray(listed | person_only[kind.values])


def _long_enough(rows: _Rows, on: date, months: int) -> Truth:
    """Over the rows with a known first day; where one without would carry it further back, only that is unknown."""
    today, dated = day(on), rows.start > _ALWAYS
    start = rows.run_start(today, dated)
    enough = signed_months(Column("date", start), [on])[0] >= months
    undated = rows.any_of(~dated & (rows.end >= start[rows.owner] - 1))
    return np.where(enough, YES, np.where(undated, UNKNOWN, NO))
