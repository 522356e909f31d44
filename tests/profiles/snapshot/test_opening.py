"""A snapshot that is not what was written is refused with the right word, and the one before it serves on."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles.snapshot.manifest import SnapshotError
from profiles.snapshot.opening import open_snapshot
from tests.profiles.snapshot.telling import last_good, the_old_one_serves, told_by

ONE_AFTER_ANOTHER = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150
)
Attack = Callable[[Path], object]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "new").rglob("*") if path.is_file())


def _refusal(path: Path, **asked: Any) -> str:
    with pytest.raises(SnapshotError) as refused:
        open_snapshot(path, **asked)
    assert refused.value.sentence.endswith(".")
    assert refused.value.place
    return refused.value.code


def test_the_newest_that_opens_serves(folder: Path) -> None:
    snapshot, refused = last_good(folder, ["new", "old"])
    assert (snapshot.version, len(snapshot), refused) == ("new", 3, [])


def _shortened(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _lengthened(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _pickled(path: Path) -> None:
    with path.open("wb") as target:
        np.save(target, np.array([{"a": 1}], dtype=object), allow_pickle=True)


def _zipped(path: Path) -> None:
    with path.open("wb") as target:
        np.savez(target, a=np.arange(3))


def _linked(path: Path) -> None:
    elsewhere = path.with_suffix(".elsewhere")
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def _foldered(path: Path) -> None:
    path.unlink()
    path.mkdir()


ATTACKS: list[Attack] = [_shortened, _lengthened, _emptied, Path.unlink, _pickled, _zipped, _linked, _foldered]


@contextmanager
def _restored(*paths: Path) -> Iterator[None]:
    """Puts the files back as they were."""
    held = [path.read_bytes() for path in paths]
    yield
    for path, content in zip(paths, held, strict=True):
        if path.is_dir():
            path.rmdir()
        path.unlink(missing_ok=True)
        path.write_bytes(content)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_every_file_is_needed_as_it_was_written(folder: Path, attack: Attack) -> None:
    files = [path for path in _files(folder) if path.suffix == ".npy"]
    assert len(files) > 30
    for path in files:
        with _restored(path):
            attack(path)
            the_old_one_serves(folder, *(("cut_short",) if attack in ATTACKS[:4] else ("cut_short", "damaged")))


@pytest.mark.parametrize("attack", [_shortened, _lengthened, _emptied, _pickled, _foldered, Path.unlink])
def test_the_manifest_is_needed_as_it_was_written(folder: Path, attack: Attack) -> None:
    attack(folder / "new" / "manifest.json")
    the_old_one_serves(folder, "cut_short" if attack == Path.unlink else "damaged")


@ONE_AFTER_ANOTHER
@given(st.data())
def test_a_byte_flipped_anywhere_is_noticed(folder: Path, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(_files(folder)))
    with _restored(path):
        _flip(path, data)
        the_old_one_serves(folder, "damaged")


@ONE_AFTER_ANOTHER
@given(st.data())
def test_without_checksums_a_flipped_byte_never_breaks_the_opening(folder: Path, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(_files(folder)))
    with _restored(path):
        _flip(path, data)
        try:
            open_snapshot(folder / "new", check=False)
        except SnapshotError:
            pass


@ONE_AFTER_ANOTHER
@given(st.data())
def test_two_files_swapped_are_noticed(folder: Path, data: st.DataObject) -> None:
    one, other = data.draw(st.lists(st.sampled_from(_files(folder)), min_size=2, max_size=2, unique=True))
    first, second = one.read_bytes(), other.read_bytes()
    if first != second:
        with _restored(one, other):
            one.write_bytes(second)
            other.write_bytes(first)
            the_old_one_serves(folder, "damaged", "cut_short")


def _flip(path: Path, data: st.DataObject) -> None:
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)


def test_a_folder_of_another_version_is_refused(folder: Path) -> None:
    (folder / "new").rename(folder / "newer")
    assert _refusal(folder / "newer") == "version_skew"


def test_a_version_that_is_not_there_is_named(folder: Path) -> None:
    assert _refusal(folder / "never") == "no_snapshot"
    with pytest.raises(SnapshotError) as refused:
        open_snapshot(folder / "never")
    assert "never" in str(refused.value)


def test_a_shard_is_opened_without_the_others(folder: Path) -> None:
    shutil.rmtree(folder / "new" / "segment-0-enterprise")
    assert sorted(told_by(open_snapshot(folder / "new", shards=[1]))) == [1, 3]
    assert _refusal(folder / "new", shards=[0, 1]) == "missing_shard"
    assert _refusal(folder / "new") == "missing_shard"
    assert _refusal(folder / "new", shards=[2]) == "missing_shard"


def test_an_error_survives_the_way_between_processes() -> None:
    error = SnapshotError("damaged", "new", "It is damaged.")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.code, again.place) == (SnapshotError, "damaged", "new")
