"""A snapshot on the disk is the one in memory, and is there whole or not at all."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles.errors import ProfilesError
from profiles.publishing import Batch, make_snapshot, write_snapshot
from profiles.snapshot.manifest import Edition, SnapshotError
from profiles.snapshot.opening import open_snapshot
from profiles.snapshot.segments import Snapshot
from profiles.snapshot.writing import sweep_leftovers
from tests.profiles.making import TODAY, frame_of
from tests.profiles.snapshot.telling import CROWD, batches_of, some_people, told_by, told_of


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(some_people, st.lists(st.integers(0, 12), max_size=3), st.integers(1, 3))
def test_what_is_opened_is_what_was_written(
    tmp_path: Path, crowd: list[dict[str, Any]], cuts: list[int], shards: int
) -> None:
    folder = tmp_path / os.urandom(8).hex()
    path = write_snapshot(folder, batches_of(crowd, cuts), Edition("v1", TODAY, shards, 7))
    opened = open_snapshot(path)
    assert told_by(opened) == told_of([frame_of(crowd)])
    held = make_snapshot(batches_of(crowd), on=TODAY, shards=shards, version="v1", watermark=7)
    assert _arrays(opened) == _arrays(held)
    assert (opened.version, opened.on, opened.watermark, opened.shards, opened.vocabulary) == (
        *(held.version, held.on, held.watermark, held.shards),
        held.vocabulary,
    )


def _arrays(snapshot: Snapshot) -> list[Any]:
    """The stages, and every column's codes: two snapshots of the same profiles agree in both."""
    return [
        (one.shard, one.kind, one.ids.tolist(), {k: (v.values.dtype, v.values.tolist()) for k, v in columns.items()})
        for one in snapshot.segments
        for columns in (one.columns, one.sets)
    ]


def test_arrays_beside_the_profiles_come_back_mapped_and_cannot_be_written_to(tmp_path: Path) -> None:
    extra = {"tags.codes": np.arange(5), "tags.empty": np.zeros(0, np.uint8), "grid": np.ones((2, 3), np.float32)}
    opened = open_snapshot(write_snapshot(tmp_path, batches_of(CROWD), Edition("v1", TODAY), extra=extra))
    assert {name: values.tolist() for name, values in opened.extra.items()} == {k: v.tolist() for k, v in extra.items()}
    for values in (opened.extra["tags.codes"], opened.segments[0].ids):
        assert not values.flags.writeable


def test_shared_addresses_are_found_at_their_profiles(tmp_path: Path) -> None:
    shared = (np.array([1, 3, 3, 9]), np.array([70, 71, 2**40, 5]))
    opened = open_snapshot(write_snapshot(tmp_path, batches_of(CROWD), Edition("v1", TODAY), shared=shared))
    citizens, firms = opened.segments
    assert citizens.shared is not None
    assert citizens.shared.rows.tolist() == [0, 1]
    assert citizens.shared.offsets.tolist() == [0, 1, 3]
    assert citizens.shared.addresses.tolist() == [70, 71, 2**40]
    assert firms.shared is None


def test_shared_addresses_out_of_order_are_refused() -> None:
    shared = (np.array([3, 1]), np.array([70, 71]))
    with pytest.raises(ProfilesError) as refused:
        make_snapshot(batches_of(CROWD), on=TODAY, shards=1, version="1", watermark=0, shared=shared)
    assert refused.value.code == "order"


def test_nothing_appears_where_the_stream_breaks_off(tmp_path: Path) -> None:
    def broken() -> Any:
        yield from batches_of(CROWD)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        write_snapshot(tmp_path, broken(), Edition("v1", TODAY))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_left_half_written_is_not_opened_and_is_swept_when_it_is_old(tmp_path: Path) -> None:
    whole = write_snapshot(tmp_path, batches_of(CROWD), Edition("v1", TODAY))
    left = whole.rename(tmp_path / ".writing-v1-abcdefgh")
    with pytest.raises(SnapshotError) as refused:
        open_snapshot(left)
    assert refused.value.code == "no_snapshot"
    assert sweep_leftovers(tmp_path, before=datetime(2020, 1, 1, tzinfo=UTC)) == []
    assert sweep_leftovers(tmp_path, before=datetime(9999, 1, 1, tzinfo=UTC)) == [left.name]
    assert list(tmp_path.iterdir()) == []


def test_a_version_is_written_once(tmp_path: Path) -> None:
    write_snapshot(tmp_path, batches_of(CROWD), Edition("v1", TODAY))
    with pytest.raises(SnapshotError) as refused:
        write_snapshot(tmp_path, [], Edition("v1", TODAY))
    assert refused.value.code == "exists"
    assert [path.name for path in tmp_path.iterdir()] == ["v1"]
    assert len(open_snapshot(tmp_path / "v1")) == 3


@pytest.mark.parametrize("name", ["", "..", "a/b", ".writing-1", "v 1", "v1\n"])
def test_a_version_is_no_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(SnapshotError) as refused:
        write_snapshot(tmp_path / "in", [], Edition(name, TODAY))
    assert refused.value.code == "bad_name"
    assert list(tmp_path.iterdir()) == []


def test_an_array_beside_the_profiles_has_no_path_as_its_name(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError):
        write_snapshot(tmp_path, [], Edition("v1", TODAY), extra={"../evil": np.zeros(1)})
    assert list(tmp_path.iterdir()) == []


def test_a_snapshot_of_nobody_is_one(tmp_path: Path) -> None:
    opened = open_snapshot(write_snapshot(tmp_path, [], Edition("v1", TODAY)))
    assert len(opened) == 0
    assert opened.segments == ()


def test_the_manifest_tells_every_file(tmp_path: Path) -> None:
    path = write_snapshot(tmp_path, batches_of(CROWD), Edition("v1", TODAY, 2, 9))
    told = json.loads((path / "manifest.json").read_text())
    assert set(told["files"]) == {str(file.relative_to(path)) for file in path.rglob("*.npy")}
    assert {"format": 1, "profiles": 3}.items() <= told.items()
    assert told["edition"] == {"version": "v1", "on": "2026-06-24", "shards": 2, "watermark": 9}


def _with(batch: Batch, **changes: Any) -> Batch:
    parts = dict(zip(("frame", "shard", "personalised"), batch, strict=True)) | changes
    return parts["frame"], parts["shard"], parts["personalised"]


def test_batches_that_are_none_are_refused() -> None:
    first = batches_of(CROWD)[-1]
    bad: dict[str, list[Batch]] = {
        "order": [first, first],
        "length": [_with(first, shard=first[1][:-1])],
        "wrong_type": batches_of([{"revenue": 1}]),
    }
    for code, batches in bad.items():
        with pytest.raises(ProfilesError) as refused:
            make_snapshot(batches, on=TODAY, shards=1, version="1", watermark=0)
        assert refused.value.code == code
