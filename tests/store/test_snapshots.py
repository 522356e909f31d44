"""Snapshots as rows: whole or not served, fetched as they were saved, the old ones gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text

from pushsvc.store import snapshots
from pushsvc.store.session import transaction
from pushsvc.store.snapshots import (
    PART,
    NewSnapshot,
    SnapshotError,
    begin_snapshot,
    drop_old,
    fetch_file,
    finish_snapshot,
    latest_ready,
    ready_versions,
    refuse_snapshot,
    save_file,
)


def begin(conn: Connection, version: str) -> None:
    made_at = datetime(2026, 6, 24, 2, tzinfo=UTC)
    begin_snapshot(conn, NewSnapshot(version, made_at, date(2026, 6, 24), 4, "words-1", 77))


def make(conn: Connection, version: str) -> None:
    begin(conn, version)
    save_file(conn, version, "0/region.npy", [version.encode()])
    finish_snapshot(conn, version, profiles=3, manifest={"files": {"0/region.npy": 2}})


def newest(engine: Engine) -> str | None:
    with transaction(engine) as conn:
        found = latest_ready(conn)
    return found and found.version


def test_a_snapshot_is_served_once_its_making_is_finished(engine: Engine) -> None:
    with transaction(engine) as conn:
        make(conn, "a")
        begin(conn, "b")
        save_file(conn, "b", "0/region.npy", [b"half"])
    assert newest(engine) == "a"
    with transaction(engine) as conn:
        finish_snapshot(conn, "b", profiles=5, manifest={"files": {}})
        assert newest(engine) == "a"
    assert newest(engine) == "b"


def test_it_keeps_what_a_reader_must_know(engine: Engine) -> None:
    with transaction(engine) as conn:
        make(conn, "a")
        found = latest_ready(conn)
    assert found is not None
    assert (found.on_day, found.shards, found.vocabulary, found.watermark) == (date(2026, 6, 24), 4, "words-1", 77)
    assert (found.profiles, found.manifest, found.state) == (3, {"files": {"0/region.npy": 2}}, "ready")


def test_a_damaged_one_gives_way_to_the_one_before(engine: Engine) -> None:
    with transaction(engine) as conn:
        for version in ("a", "b", "c"):
            make(conn, version)
        assert [row.version for row in ready_versions(conn, 2)] == ["c", "b"]
        assert refuse_snapshot(conn, "c")
        assert not refuse_snapshot(conn, "c")
        assert not refuse_snapshot(conn, "nobody")
    assert newest(engine) == "b"


@pytest.mark.parametrize("size", [0, 1, PART - 1, PART, PART + 1, 2 * PART])
def test_a_file_comes_back_as_it_was_saved(engine: Engine, size: int) -> None:
    content = bytes(range(256)) * (size // 256) + bytes(size % 256)
    with transaction(engine) as conn:
        begin(conn, "a")
        assert save_file(conn, "a", "f", [content[: size // 3], content[size // 3 :]]) == size
        assert b"".join(fetch_file(conn, "a", "f")) == content
        sizes = conn.execute(text("select length(content) from snapshot_part order by part")).scalars().all()
    assert all(one == PART for one in sizes[:-1])
    assert sizes[-1] <= PART


@given(sizes=st.lists(st.integers(0, 2 * PART + 7), max_size=4))
def test_parts_are_full_but_for_the_last(sizes: list[int]) -> None:
    found = [len(part) for part in snapshots._parts(bytes(size) for size in sizes)]
    assert sum(found) == sum(sizes)
    assert set(found[:-1]) <= {PART}
    assert len(found) == max(1, -(-sum(sizes) // PART))


def test_a_file_is_read_piece_by_piece_while_it_is_saved(engine: Engine) -> None:
    stored: list[int] = []

    def pieces(conn: Connection) -> Iterator[bytes]:
        for _ in range(6):
            stored.append(int(conn.scalar(text("select count(*) from snapshot_part")) or 0))
            yield bytes(PART // 2)

    with transaction(engine) as conn:
        begin(conn, "a")
        save_file(conn, "a", "f", pieces(conn))
    assert stored == [0, 0, 1, 1, 2, 2]


def test_a_file_saved_again_replaces_the_first(engine: Engine) -> None:
    with transaction(engine) as conn:
        begin(conn, "a")
        save_file(conn, "a", "f", [bytes(PART + 1)])
        save_file(conn, "a", "f", [b"new"])
        assert b"".join(fetch_file(conn, "a", "f")) == b"new"


def test_what_is_missing_is_named(engine: Engine) -> None:
    with transaction(engine) as conn:
        make(conn, "a")
        begin(conn, "b")
        save_file(conn, "b", "f", [bytes(2 * PART)])
        conn.execute(text("delete from snapshot_part where version = 'b' and part = 0"))
        for version, path in (("a", "nothing"), ("b", "f"), ("c", "f")):
            with pytest.raises(SnapshotError) as caught:
                list(fetch_file(conn, version, path))
            assert (caught.value.code, caught.value.place) == ("no_file", f"{version}/{path}")


def test_a_version_is_made_once_and_not_changed_after(engine: Engine) -> None:
    with transaction(engine) as conn:
        make(conn, "a")
        with pytest.raises(SnapshotError, match="is a snapshot of this version"):
            begin(conn, "a")
        for act in (
            lambda: save_file(conn, "a", "f", [b"x"]),
            lambda: make_ready(conn, "a"),
            lambda: make_ready(conn, "b"),
        ):
            with pytest.raises(SnapshotError) as caught:
                act()
            assert caught.value.code == "not_building"
    assert newest(engine) == "a"


def make_ready(conn: Connection, version: str) -> None:
    finish_snapshot(conn, version, profiles=0, manifest={})


def test_the_newest_stay_and_what_is_being_made_too(engine: Engine) -> None:
    with transaction(engine) as conn:
        assert drop_old(conn) == []
        begin(conn, "never finished")
        for version in ("a", "b", "c", "d"):
            make(conn, version)
        begin(conn, "e")
        refuse_snapshot(conn, "c")
        assert drop_old(conn, keep=2) == ["never finished", "a", "c"]
        assert [row.version for row in ready_versions(conn, 9)] == ["d", "b"]
        left = conn.execute(text("select distinct version from snapshot_part order by 1")).scalars().all()
        assert left == ["b", "d"]
        save_file(conn, "e", "f", [b"x"])
