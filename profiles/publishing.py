"""Profiles published: a snapshot from batches of them, in memory or as a folder of files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from profiles.columns import Frame
from profiles.facts import FACTS
from profiles.ragged import Mask, Rows
from profiles.snapshot.finishing import Pairs, finish
from profiles.snapshot.gathering import Gathering
from profiles.snapshot.manifest import Edition
from profiles.snapshot.segments import Snapshot
from profiles.snapshot.vocabulary import fingerprint
from profiles.snapshot.writing import draft
from profiles.snapshot_stages import stages_of

Batch = tuple[Frame, Rows, Mask]  # profiles by rising id with their "kind", the shard of each, who lets us recommend


def make_snapshot(
    batches: Iterable[Batch], *, on: date, shards: int, version: str, watermark: int, shared: Pairs | None = None
) -> Snapshot:
    """A snapshot in memory, of a small city or of the profiles changed since the last one.

    `shared`: int64[m] profile ids, rising, and int64[m] ids of addresses at which another profile is reached too.
    Raises ProfilesError as `Gathering.add` does.
    """
    gathering = gathered(batches, Gathering(on, shards))
    finished = finish(gathering, lambda _name, values: values, on=on, shared=shared, stages_of=stages_of)
    return Snapshot(version, on, finished.segments, watermark, shards, fingerprint(FACTS))


def write_snapshot(
    folder: Path,
    batches: Iterable[Batch],
    edition: Edition,
    *,
    shared: Pairs | None = None,
    extra: Mapping[str, NDArray[Any]] | None = None,
) -> Path:
    """A snapshot written in a stream to `folder/<version>`, which is there whole or not at all.

    `shared` as in `make_snapshot`; `extra`: more arrays to keep with it, by a name of letters, digits, `_`, `-`, `.`.
    Raises SnapshotError: bad_name or exists; ProfilesError as `Gathering.add` does.
    """
    with draft(folder, edition) as unfinished:
        gathering = gathered(batches, Gathering(edition.on, edition.shards, unfinished.scratch))
        finished = finish(gathering, unfinished.keep, on=edition.on, shared=shared, stages_of=stages_of)
        return unfinished.publish(finished, extra or {})


def gathered(batches: Iterable[Batch], gathering: Gathering) -> Gathering:
    """The gathering with all batches in it."""
    for frame, shard, personalised in batches:
        gathering.add(frame, shard=shard, personalised=personalised)
    return gathering
