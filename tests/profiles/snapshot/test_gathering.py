"""Many profiles: columns that outgrow a byte, two bytes and their levels; stages, sizes and weights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from profiles.columns import Column, Frame, Nested
from profiles.facts import KINDS
from profiles.lifecycle import derive
from profiles.publishing import Batch, make_snapshot, write_snapshot
from profiles.ragged import no_sets
from profiles.snapshot.manifest import Edition
from profiles.snapshot.opening import open_snapshot
from profiles.snapshot.weighing import published_bytes
from tests.profiles.making import TODAY, frame_of
from tests.profiles.snapshot.telling import CROWD, batches_of

N, BATCH = 180_000, 30_000


def _growing() -> Iterator[Batch]:
    """Firms whose revenue takes ever more values, and whose founding takes 70,000."""
    for start in range(0, N, BATCH):
        ids = np.arange(start + 1, start + BATCH + 1)
        revenue = np.where(start == 0, ids % 200, np.where(start == BATCH, ids % 60_000, ids + 0.1))
        columns = {
            "kind": Column("code", (ids % 2 * 2).astype(np.int32), KINDS),
            "revenue": Column("number", np.where(ids % 2 == 1, revenue, np.nan)),
            "employees": Column("number", np.where(ids % 2 == 1, (ids % 50_000).astype(np.float64), np.nan)),
            "moved_in_on": Column("date", np.minimum(ids, 70_000).astype(np.int32)),
        }
        none = no_sets(BATCH)
        yield Frame(ids, columns, none, none, Nested(none.offsets)), ids, ids > 40_000


def test_columns_grow_in_the_stream_and_come_back_exactly(tmp_path: Path) -> None:
    told = [frame for frame, _, _ in _growing()]
    opened = open_snapshot(write_snapshot(tmp_path, _growing(), Edition("v1", TODAY, 1)))
    people, firms = opened.segments
    for name in ("revenue", "employees", "moved_in_on"):
        values = np.concatenate([frame.columns[name].values for frame in told])
        assert np.array_equal(firms.columns[name].column().values, values[::2], equal_nan=True)
    assert np.array_equal(firms.ids, np.arange(1, N + 1, 2))
    assert np.array_equal(firms.personalised, firms.ids > 40_000)
    assert firms.columns["revenue"].levels is None
    assert firms.columns["employees"].values.dtype == np.uint16
    assert firms.columns["moved_in_on"].values.dtype == np.uint32
    assert people.columns["moved_in_on"].levels is firms.columns["moved_in_on"].levels
    assert set(people.columns) == {"moved_in_on"}
    assert not list(tmp_path.rglob("scratch"))


def test_large_ids_are_held() -> None:
    frame = frame_of(CROWD)
    far = Frame(frame.ids + 2**40, frame.columns, frame.tags, frame.stages, frame.dependants)
    snapshot = make_snapshot([(far, far.ids, far.ids > 0)], on=TODAY, shards=1, version="1", watermark=0)
    assert [one.ids.tolist() for one in snapshot.segments] == [[2**40 + 1, 2**40 + 3], [2**40 + 2]]


def test_stages_are_those_of_the_day() -> None:
    crowd = [*CROWD, {"kind": "self_employed", "legal_status": "active", "revenue": 5}]
    snapshot = make_snapshot(batches_of(crowd), on=TODAY, shards=1, version="1", watermark=0)
    stages = derive(frame_of(crowd), TODAY).stages
    assert ["stages" in one.sets for one in snapshot.segments] == [True, True, False]
    for one in (part for part in snapshot.segments if "stages" in part.sets):
        sets = one.sets["stages"].listing().sets
        for row, key in enumerate(one.ids.tolist()):
            assert set(sets.words(row)) == set(stages.words(key - 1))


def test_only_firms_have_a_size() -> None:
    firm = {"kind": "enterprise", "industry": "I6513", "employees": 50, "revenue": 900, "rd_spend": 9}
    snapshot = make_snapshot(
        batches_of([firm, {**firm, "kind": "citizen"}]), on=TODAY, shards=1, version="1", watermark=0
    )
    citizens, firms = snapshot.segments
    assert {"size", "rd_ratio"} <= set(firms.columns)
    assert not {"size", "rd_ratio"} & set(citizens.columns)
    assert firms.columns["rd_ratio"].column().values.tolist() == [1.0]


def test_the_weight_is_that_of_the_arrays() -> None:
    snapshot = make_snapshot(batches_of(CROWD), on=TODAY, shards=1, version="1", watermark=0)
    weights = published_bytes(snapshot)
    assert weights["ids"] == 3 * 4
    assert weights["birth_date"] == 2
    assert weights["dependants.offsets"] == 3 * 4
    assert weights["total"] == sum(weights.values()) - weights["total"]
