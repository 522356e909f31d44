"""Snapshots on hosts and databases that are not as they should be: what serves goes on, and nobody else looks in."""

from __future__ import annotations

import json
import os
import stat
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from profiles.errors import ProfilesError
from profiles.snapshot.manifest import SnapshotError, signed
from profiles.snapshot.opening import open_snapshot
from profiles.snapshot.views import decoded
from pushsvc.context import Context, Kept
from pushsvc.pipeline.published import Holder, published
from pushsvc.pipeline.rights import erase
from pushsvc.pipeline.snapshot_files import folder_of
from pushsvc.pipeline.snapshots import Made, forget_changes, is_due, publish_snapshot
from pushsvc.store.changes import Mark
from pushsvc.store.session import transaction
from tests.registering import ask, count, register


def publish(ctx: Context) -> Made:
    made = publish_snapshot(ctx)
    assert made is not None
    return made


def another(ctx: Context, var: Path | None = None) -> Context:
    """Another process, perhaps on another host."""
    settings = ctx.settings if var is None else replace(ctx.settings, var=var)
    return replace(ctx, settings=settings, kept=Kept())


def ids(ctx: Context) -> list[int]:
    return sorted(number for frame in decoded(published(ctx).snapshot) for number in frame.ids.tolist())


def refused(ctx: Context) -> dict[str, str]:
    return {version: exc.code for version, exc in ctx.kept.of(Holder).refused.items()}


def test_nobody_else_may_look_into_what_is_published(ctx: Context, tmp_path: Path) -> None:
    register(ctx, "a")
    publish(ctx)
    elsewhere = another(ctx, tmp_path / "elsewhere")
    published(elsewhere)
    for host in (ctx, elsewhere):
        assert stat.S_IMODE(folder_of(host).stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder_of(host).iterdir() if path.is_dir()} == {0o700}


def test_where_no_folder_can_be_made_the_database_serves(ctx: Context, tmp_path: Path) -> None:
    person = register(ctx, "a")
    made = publish(ctx)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "snapshots").write_text("not a folder")
    elsewhere = another(ctx, tmp_path / "full")
    assert ids(elsewhere) == [person]
    assert refused(elsewhere) == {made.version: "no_snapshot"}


@pytest.mark.parametrize("name", ["../../../escaped.npy", "/tmp/escaped.npy", "levels/../../../escaped.npy"])
def test_a_manifest_cannot_write_outside_of_its_folder(ctx: Context, tmp_path: Path, name: str) -> None:
    person = register(ctx, "a")
    made = publish(ctx)
    ask(ctx, "update snapshot set manifest = jsonb_set(manifest, array['files', :n], '{}') returning 1", n=name)
    ask(
        ctx,
        "insert into snapshot_part (version, path, part, content) values (:v, :n, 0, 'x') returning 1",
        v=made.version,
        n=name,
    )
    elsewhere = another(ctx, tmp_path / "a" / "b" / "elsewhere")
    assert ids(elsewhere) == [person]
    assert refused(elsewhere) == {made.version: "damaged"}
    assert not list(tmp_path.rglob("escaped.npy"))
    assert not Path("/tmp/escaped.npy").exists()


@pytest.mark.parametrize("version", ["../other", "a/b", "", "' or ''='", ".lock"])
def test_a_version_that_is_no_name_is_refused(ctx: Context, version: str) -> None:
    person = register(ctx, "a")
    publish(ctx)
    ask(
        ctx,
        "insert into snapshot (version, made_at, on_day, shards, vocabulary, watermark, state) "
        "select :v, made_at, on_day, shards, vocabulary, watermark, 'ready' from snapshot returning 1",
        v=version,
    )
    fresh = another(ctx)
    assert ids(fresh) == [person]
    assert refused(fresh) == {version: "bad_name"}


@pytest.mark.parametrize("damage", [True, False])
def test_processes_of_a_host_that_mend_it_together_all_get_it(ctx: Context, tmp_path: Path, damage: bool) -> None:
    register(ctx, "a")
    made = publish(ctx)
    elsewhere = tmp_path / "elsewhere"
    if damage:
        published(another(ctx, elsewhere))
        next((elsewhere / "snapshots" / made.version).glob("segment-*/ids.npy")).write_bytes(b"")
    hosts = [another(ctx, elsewhere) for _ in range(4)]
    threads = [threading.Thread(target=published, args=(host,)) for host in hosts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(host.kept.of(Holder).now.base.version, refused(host)) for host in hosts] == [(made.version, {})] * 4
    names = [path.name for path in (elsewhere / "snapshots").iterdir() if "-bad-" not in path.name]
    assert sorted(names) == [".lock", made.version]


def test_a_host_that_only_fetches_forgets_what_is_no_longer_stored(ctx: Context, tmp_path: Path) -> None:
    register(ctx, "a")
    elsewhere = another(ctx, tmp_path / "elsewhere")
    made = []
    for _ in range(4):
        made.append(publish(ctx).version)
        published(elsewhere)
        for path in folder_of(elsewhere).iterdir():
            long_ago = (ctx.clock() - timedelta(days=1)).timestamp()
            os.utime(path, (long_ago, long_ago))
    assert {path.name for path in folder_of(elsewhere).iterdir()} - {".lock"} == set(made[-2:])


def test_a_restored_database_does_not_trust_the_snapshots_of_another(ctx: Context) -> None:
    """Its transactions are numbered anew: changes since then cannot be told."""
    register(ctx, "a")
    old = publish(ctx).version
    ask(ctx, "update snapshot set watermark = watermark + 1000000 returning 1")
    with transaction(ctx.engine) as conn:
        far = "select max(xid) + 1000000, '{}' from profile_change"
        conn.execute(text(f"insert into profile_change (xid, profile_ids) {far}"))
    fresh = another(ctx)
    for number in range(3):
        register(ctx, f"b{number}")
        assert len(ids(fresh)) == number + 2
    assert list(refused(fresh)) == [old]
    assert is_due(fresh)
    new = publish(fresh).version
    assert published(another(ctx)).base.version == new
    assert ask(ctx, "select version from snapshot") == [(new,)]
    assert not is_due(fresh)
    register(ctx, "c")
    assert (len(ids(fresh)), published(fresh).base.version) == (5, new)


def test_a_table_emptied_at_one_stroke_is_seen(ctx: Context) -> None:
    register(ctx, "a")
    publish(ctx)
    assert len(ids(ctx)) == 1
    with transaction(ctx.engine) as conn:
        conn.execute(text("truncate profile cascade"))
    assert ids(ctx) == []
    assert ids(another(ctx)) == []
    assert is_due(ctx)


def test_a_small_city_does_not_keep_its_log_for_ever(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        register(ctx, f"p{number}")
    assert len(ids(ctx)) == 4
    assert forget_changes(ctx) == 0
    monkeypatch.setattr("pushsvc.pipeline.snapshots.FEW", 6)
    for number in range(4):
        register(ctx, f"p{number}", birth_date="1950-01-01")
    register(ctx, "late")
    held, holder = count(ctx, "profile_change"), ctx.kept.of(Holder)
    ask(ctx, "update profile_change set xid = 3 returning 1")  # as if long settled
    assert holder.now is not None
    holder.now = replace(holder.now, mark=Mark(2))  # and read before that, however old the oldest transaction here is
    assert forget_changes(ctx) == held
    assert count(ctx, "profile_change") == 1
    assert len(ids(ctx)) == 5


def test_an_empty_city_can_be_published(ctx: Context) -> None:
    made = publish(ctx)
    assert made.profiles == 0
    assert (ids(ctx), published(ctx).base.version) == ([], made.version)
    person = register(ctx, "a")
    assert ids(ctx) == [person]


def test_numbers_beyond_32_bits_are_told_apart(ctx: Context) -> None:
    first = register(ctx, "a", birth_date="1950-01-01")
    publish(ctx)
    ask(ctx, "select setval('profile_id_seq', 4294967296 + :first - 1)", first=first)
    far = register(ctx, "b", birth_date="1960-01-01")
    assert far == first + 2**32
    assert ids(ctx) == [first, far]
    publish(ctx)
    assert ids(another(ctx)) == [first, far]
    erase(ctx, far, actor="person")
    assert ids(ctx) == [first]
    register(ctx, "a", birth_date="1951-01-01")
    assert ids(ctx) == [first]


def test_a_folder_removed_below_a_process_that_serves_from_it_is_no_harm(ctx: Context) -> None:
    person = register(ctx, "a", birth_date="1950-01-01")
    made = publish(ctx)
    published(ctx)
    for path in sorted(made.path.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    made.path.rmdir()
    assert ids(ctx) == [person]
    assert ids(another(ctx)) == [person]
    assert made.path.is_dir()


def test_a_snapshot_that_cannot_be_stored_does_not_fill_the_disk(ctx: Context) -> None:
    register(ctx, "a")
    with transaction(ctx.engine) as conn:
        conn.execute(text("alter table snapshot_part add constraint full_up check (part < 0)"))
    try:
        with pytest.raises(IntegrityError):
            publish_snapshot(ctx)
    finally:
        with transaction(ctx.engine) as conn:
            conn.execute(text("alter table snapshot_part drop constraint full_up"))
    assert list(folder_of(ctx).iterdir()) == []
    assert count(ctx, "snapshot") == 0


def test_a_connection_is_free_again_when_a_read_failed(ctx: Context) -> None:
    person = register(ctx, "a")
    ask(ctx, "update profile set sex = 'neither' returning 1")
    for _ in range(3):
        with pytest.raises(ProfilesError, match="neither"):
            published(ctx)
    assert ctx.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # the pool that counts
    ask(ctx, "update profile set sex = null returning 1")
    assert ids(ctx) == [person]


@pytest.mark.parametrize("place", ["files", "levels", "facts", "segments", "edition", "profiles"])
@pytest.mark.parametrize("value", [None, -1, [], {}, "x", [[1]], [["x", {}]]])
def test_a_manifest_of_anything_is_refused_and_not_more(ctx: Context, place: str, value: object) -> None:
    register(ctx, "a")
    manifest = publish(ctx).path / "manifest.json"
    told = json.loads(manifest.read_bytes())
    told.pop("digest")
    manifest.write_bytes(signed({**told, place: value}))
    try:
        open_snapshot(manifest.parent)
    except SnapshotError:
        assert len(ids(another(ctx))) == 1
