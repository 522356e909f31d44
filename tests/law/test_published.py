"""Rows L7, L11 and L15 for the published columns: what never reaches them, and how whoever is erased leaves them."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np

from profiles.facts import SENSITIVE
from profiles.snapshot.views import decoded
from pushsvc.context import Context, Kept
from pushsvc.pipeline.ingest_profiles import import_profiles
from pushsvc.pipeline.preferences import subscribe
from pushsvc.pipeline.published import published
from pushsvc.pipeline.rights import erase
from pushsvc.pipeline.snapshot_files import folder_of, local_snapshot
from pushsvc.pipeline.snapshots import Made, publish_snapshot
from pushsvc.sample import write_city
from pushsvc.store.session import transaction
from pushsvc.store.snapshots import ready_versions
from tests.law.sending import CONSENTS, MAIL, NAME, PHONE
from tests.registering import ask, register

TAG, WISH = "陶笛修复", "盲文乐谱"  # nobody else has these words
PRIVATE = ("ref", "name", "phone", "email", "app_token")


def test_L11_an_erased_person_serves_nobody_at_once_and_leaves_the_stored_columns(ctx: Context) -> None:
    """个人信息保护法 47: dead in every process's columns at once; out of all stored files two snapshots later."""
    person = register(ctx, "wang-ref", birth_date="1950-05-01", interests=TAG, consents=CONSENTS, phone=PHONE)
    register(ctx, "other", birth_date="1951-06-01", interests="长者助餐", consents=CONSENTS)
    subscribe(ctx, person, {"ref": "w", "keyword": WISH})
    first = made(ctx)
    assert person in ids(ctx)
    assert all(told(ctx, word) for word in (TAG, WISH))
    assert erase(ctx, person, actor="person")
    assert person not in ids(ctx)
    assert person not in ids(replace(ctx, kept=Kept())), "nor for a process that starts now, from the old snapshot"
    made(ctx)
    yesterday = (ctx.clock() - timedelta(days=1)).timestamp()  # one is made a day
    os.utime(first.path, (yesterday, yesterday))
    made(ctx)
    assert not any(told(ctx, word) for word in (TAG, WISH))
    with transaction(ctx.engine) as conn:
        elsewhere = replace(ctx, settings=replace(ctx.settings, var=ctx.settings.var / "elsewhere"))
        stored = [local_snapshot(elsewhere, conn, row) for row in ready_versions(conn, 9)]
    assert len(stored) == 2
    assert all(person not in frame.ids for snapshot in stored for frame in decoded(snapshot))


def test_L15_published_columns_hold_no_name_address_identifier_or_ciphertext(ctx: Context, tmp_path: Path) -> None:
    """个人信息保护法 51: whoever reads the columns of a whole city finds nobody's name, number, mail or reference."""
    city = write_city(tmp_path / "city", seed=7, profiles=400, policies=40)
    assert not import_profiles(ctx, city.profiles_csv).errors
    register(ctx, "wang-ref", name=NAME, phone=PHONE, email=MAIL, app_token="device-token-of-wang", consents=CONSENTS)
    files = held(ctx, made(ctx))
    with city.profiles_csv.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    private = {row[name] for row in rows for name in PRIVATE if row.get(name)}
    private |= {NAME, PHONE, f"+86{PHONE}", MAIL, "device-token-of-wang", "wang-ref"}
    assert len(private) > 800
    assert found(files, private) == []
    secrets = ask(ctx, "select cipher from address union select lookup from address union select name from profile")
    assert [one for (one,) in secrets if one and bytes(one) in files] == []
    masks = {str(mask) for (mask,) in ask(ctx, "select mask from address")}
    assert found(files, masks) == []
    numbers = {int(value.lstrip("+")) for value in private if value.lstrip("+").isdecimal() and len(value) > 9}
    assert numbers
    assert [n for n in numbers if np.int64(n).tobytes() in files or np.float64(n).tobytes() in files] == []


def test_L7_sensitive_facts_are_never_published(ctx: Context) -> None:
    """个人信息保护法 28, 29: those who agreed are asked for one campaign at a time; the columns have no such fact."""
    values = {"hardship": "yes", "disability": "yes", "disability_rate": "37"}
    person = register(ctx, "a", birth_date="1950-05-01", consents="sensitive:any", **values)
    assert ask(ctx, "select count(*) from sensitive_fact where profile_id = :person", person=person) == [(3,)]
    folder = made(ctx).path
    names = {part for path in folder.rglob("*") for part in path.relative_to(folder).as_posix().split("/")}
    assert not {name for name in names if name.split(".")[0].partition("@")[0] in SENSITIVE}
    ciphers = ask(ctx, "select value from sensitive_fact")
    assert [one for (one,) in ciphers if bytes(one) in folder_bytes(folder)] == []
    for segment in published(ctx).snapshot.segments:
        assert not {name.partition("@")[0] for name in (*segment.columns, *segment.sets)} & set(SENSITIVE)


def test_L15_only_the_services_own_user_reads_the_columns(ctx: Context) -> None:
    """个人信息保护法 51: what people are lies in these files as it is, so no other user of the host may look."""
    register(ctx, "a", birth_date="1950-05-01")
    made(ctx)
    with transaction(ctx.engine) as conn:
        elsewhere = replace(ctx, settings=replace(ctx.settings, var=ctx.settings.var / "elsewhere"))
        local_snapshot(elsewhere, conn, ready_versions(conn, 1)[0])
    for host in (ctx, elsewhere):
        folders = [path for path in folder_of(host).iterdir() if path.is_dir()]
        assert folders
        assert [path for path in folders if path.stat().st_mode & 0o077] == []


def made(ctx: Context) -> Made:
    """A snapshot, published."""
    snapshot = publish_snapshot(ctx)
    assert snapshot is not None
    return snapshot


def ids(ctx: Context) -> set[int]:
    """Whom this process would choose from."""
    return {int(one) for frame in decoded(published(ctx).snapshot) for one in frame.ids}


def held(ctx: Context, snapshot: Made) -> bytes:
    """A snapshot's files on this host and in the database, one after the other."""
    parts = ask(ctx, "select content from snapshot_part order by version, path, part")
    return folder_bytes(snapshot.path) + b"\n" + b"\n".join(bytes(part) for (part,) in parts)


def folder_bytes(folder: Path) -> bytes:
    """All files below a folder, one after the other."""
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def told(ctx: Context, word: str) -> bool:
    """Whether any snapshot, here or in the database, holds the word."""
    parts = ask(ctx, "select content from snapshot_part")
    everything = folder_bytes(folder_of(ctx)) + b"\n".join(bytes(part) for (part,) in parts)
    return bool(found(everything, [word]))


def found(files: bytes, words: Iterable[str]) -> list[str]:
    """Which of the words the files hold, however NumPy or JSON write them."""
    return [word for word in words if any(word.encode(code) in files for code in ("utf-8", "utf-16-le", "utf-32-le"))]
