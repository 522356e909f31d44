"""The benchmark of mail, on a sink of the test's own: every row's mail arrives, and its object has what is promised."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import text

from benchmarks.email import Outside, counted, measure, work
from benchmarks.email_people import fill_readers, planned_campaign
from benchmarks.email_sink import Sink, keys_in, mail_size, program
from pushsvc.context import Context
from pushsvc.keyring import Keyring
from tests.channels.threads import in_thread, raw_server


@contextmanager
def own_sink(folder: Path, keep: Path | None, *, lose: int = -1) -> Iterator[Sink]:
    """Takes mails one by one, and forgets the one of this number."""
    taken: list[bytes] = []
    number = count(1)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hi\r\n")
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"DATA":
                writer.write(b"354 go\r\n")
                mail = await reader.readuntil(b"\r\n.\r\n")
                if next(number) != lose:
                    taken.append(mail)
                if keep is not None:
                    (keep / str(len(taken))).write_bytes(mail)
            writer.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")

    with in_thread(raw_server(talk)) as url:
        yield Sink(int(url.rpartition(":")[2]), lambda: len(taken))


@pytest.fixture
def far(ctx: Context, database_url: str) -> Context:
    """A context whose database other processes can find, and whose ciphertext they can read."""
    keyring = Keyring(ctx.settings.data_keys, ctx.settings.secret_key)
    return replace(ctx, settings=replace(ctx.settings, database_url=database_url), keyring=keyring)


def test_the_object_has_what_is_promised(far: Context, tmp_path: Path) -> None:
    outside = Outside(own_sink, lambda sink, mails, size, sessions: 100.0 * sessions)
    found = measure(far, tmp_path, 30, runs=1, workers=1, outside=outside)
    promised = {"name", "n", "unit", "ours", "baseline", "limit", "to_baseline", "to_limit", "spread", "seconds"}
    assert promised | {"peak_mb", "bytes", "workers", "connections", "checked", "worker_cpu_us"} <= set(found)
    assert (found["name"], found["n"], found["checked"], found["limit"]) == ("email", 30, 30, 4000.0)
    assert found["limit_sessions"] == {"1": 100.0, "2": 200.0, "4": 400.0, "20": 2000.0, "40": 4000.0}
    assert found["bytes"] > 3_000
    assert len(keys_in(tmp_path / "kept")) == 30


def test_a_mail_that_the_sink_did_not_get_is_noticed(far: Context, tmp_path: Path) -> None:
    fill_readers(far, 5)
    with own_sink(tmp_path, None, lose=2) as sink, pytest.raises(ValueError, match="The sink took 4 mails"):
        counted(far, sink, planned_campaign(far, "x"), 1, mails=5, patience=0.1)


def test_a_kept_mail_has_the_size_it_had_on_the_wire(tmp_path: Path) -> None:
    mail = b"To: a@b.example\r\n\r\nTo: whom\r\n"
    for kept in (mail, b"X-Helo-Args: x\nReceived: from x\n" + mail.replace(b"\r\n", b"\n")):
        (tmp_path / "kept").write_bytes(kept)
        assert mail_size(tmp_path / "kept") == len(mail)


def test_the_baseline_sends_and_commits_each(far: Context, tmp_path: Path) -> None:
    fill_readers(far, 4)
    run_id = planned_campaign(far, "x")
    with own_sink(tmp_path, tmp_path) as sink:
        work(far, sink, "baseline", ["[1, 3]"])
        assert sink.count() == 2
    with far.engine.connect() as conn:
        rows = conn.execute(text("select id, state from delivery where run_id = :run order by id"), {"run": run_id})
        assert [state for _, state in rows] == ["accepted", "planned", "accepted", "planned"]


def test_a_program_that_is_missing_is_named_with_its_package() -> None:
    with pytest.raises(FileNotFoundError, match="no-such-sink is not installed: it comes with the package postfix"):
        program("no-such-sink")
