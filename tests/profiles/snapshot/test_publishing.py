"""What goes into a snapshot comes out of it: every value of every profile, however the batches fall."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from profiles.publishing import make_snapshot
from tests.profiles.making import TODAY, frame_of
from tests.profiles.snapshot.telling import batches_of, personalised_by, some_people, told_by, told_of


@given(some_people, st.lists(st.integers(0, 12), max_size=4), st.integers(1, 4))
def test_a_snapshot_tells_what_the_frames_told(crowd: list[dict[str, Any]], cuts: list[int], shards: int) -> None:
    snapshot = make_snapshot(batches_of(crowd, cuts), on=TODAY, shards=shards, version="1", watermark=7)
    assert len(snapshot) == len(crowd)
    assert told_by(snapshot) == told_of([frame_of(crowd)])
    assert dict(personalised_by(snapshot)) == {key: key % 2 == 1 for key in range(1, len(crowd) + 1)}
    assert len({(one.shard, one.kind) for one in snapshot.segments}) == len(snapshot.segments)
    for one in snapshot.segments:
        assert ((one.ids % 3) % shards == one.shard).all()
