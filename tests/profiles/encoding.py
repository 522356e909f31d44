"""Snapshots made from frames of plain dictionaries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from profiles.columns import Frame
from profiles.publishing import make_snapshot
from profiles.snapshot.segments import Snapshot
from tests.profiles.making import TODAY, frame_of


def snapshot_of(people: Sequence[dict[str, Any]], *, on: date = TODAY, shards: int = 2, batch: int = 3) -> Snapshot:
    """These people published; who has no kind is a citizen. Ids run from 1, shards go round."""
    return publish(frame_of([named(one) for one in people]), on=on, shards=shards, batch=batch)


def named(one: dict[str, Any]) -> dict[str, Any]:
    """The person with a kind."""
    return {**one, "kind": one.get("kind") or "citizen"}


def publish(frame: Frame, *, on: date = TODAY, shards: int = 2, batch: int = 3, start: int = 0) -> Snapshot:
    """A frame published, its ids shifted by `start`."""
    moved = replace(frame, ids=frame.ids + start)

    def batches() -> Iterator[tuple[Frame, Any, Any]]:
        for piece in moved.chunks(batch):
            yield piece, piece.ids % shards, np.ones(len(piece), dtype=np.bool_)

    return make_snapshot(batches(), on=on, shards=shards, version="v1", watermark=0)
