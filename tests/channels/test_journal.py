"""Journals survive being cut anywhere; what was written whole is never lost."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.base import ChannelError
from channels.sandbox import count
from channels.sandbox.faults import Faults
from channels.sandbox.journal import Journal, journal_path, rows

KEYS = st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=12)


@settings(deadline=None)
@given(KEYS, KEYS, st.data())
def test_a_torn_journal_keeps_its_whole_lines_and_goes_on(
    before: list[str], after: list[str], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = journal_path(Path(folder), "sms")
        write(Path(folder), before)
        whole = path.read_bytes()
        cut = data.draw(st.integers(0, len(whole)))
        path.write_bytes(whole[:cut])
        write(Path(folder), after)
        kept = [plain(key) for key in before[: whole[:cut].count(b"\n")]]
        assert [row["key"] for row in rows(path)] == kept + [plain(key) for key in after]


def write(root: Path, keys: list[str]) -> None:
    journal = Journal(root, "sms")
    journal.append([{"key": key} for key in keys])
    journal.close()


def plain(key: str) -> str:
    """A key as UTF-8 can hold it."""
    return key.encode(errors="replace").decode()


def test_a_journal_opened_again_knows_its_keys(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "sms")
    journal.append([{"key": "a"}, {"key": "b", "bounced": True}])
    journal.close()
    again = Journal(tmp_path, "sms")
    assert [again.state(key) for key in "abc"] == ["delivered", "rejected", "absent"]
    again.close()


def test_a_full_disk_leaves_no_half_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    journal = Journal(tmp_path, "sms")
    journal.append([{"key": "a"}])
    real, calls = os.write, iter([7])

    def full(file: int, data: bytes) -> int:
        for length in calls:
            return real(file, bytes(data[:length]))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        journal.append([{"key": "b"}])
    monkeypatch.undo()
    journal.append([{"key": "c"}])
    assert [row["key"] for row in rows(journal_path(tmp_path, "sms"))] == ["a", "c"]
    assert not journal.known("b")
    journal.close()


def test_arrivals_are_counted_from_the_journals_alone(tmp_path: Path) -> None:
    lines = {
        "sms": [{"key": "a"}, {"key": "a"}, {"key": "b"}],
        "app": [{"key": "a"}, {"key": "a", "repeat": True}],
        "email": [{"key": "a", "message_id": "a@x"}, {"key": "a", "message_id": "a@y"}],
    }
    for channel, written in lines.items():
        journal_path(tmp_path, channel).write_text("".join(json.dumps(row) + "\n" for row in written))
    found = count(tmp_path)
    assert found["sms"] == {"distinct": 2, "total": 3, "duplicates": 1, "repeats": 0, "message_ids_equal": True}
    assert found["app"] == {"distinct": 1, "total": 1, "duplicates": 0, "repeats": 1, "message_ids_equal": True}
    assert found["email"]["message_ids_equal"] is False
    assert count(tmp_path / "nowhere")["sms"]["total"] == 0


def test_faults_are_drawn_in_order_and_counted_off(tmp_path: Path) -> None:
    faults = Faults(tmp_path)
    faults.tell({"channel": "sms", "mode": "refuse", "times": 2, "match": "7"})
    faults.tell({"channel": "sms", "mode": "late"})
    drawn = [faults.next("sms", [to]) for to in ("137", "131", "137", "137")]
    assert [fault.mode if fault else None for fault in drawn] == ["refuse", "answer_late", "refuse", None]


def test_a_fault_may_last_until_it_is_cleared(tmp_path: Path) -> None:
    faults = Faults(tmp_path)
    faults.tell({"channel": "push", "mode": "429", "times": None})
    assert all(faults.next("app", ["x"]) for _ in range(5))
    faults.tell({"channel": "app", "mode": "none"})
    assert faults.next("app", ["x"]) is None


def test_faults_may_be_left_in_a_file(tmp_path: Path) -> None:
    faults = Faults(tmp_path)
    (tmp_path / "faults.json").write_text('[{"channel": "email", "mode": "defer"}]')
    assert faults.next("sms", ["x"]) is None
    assert not (tmp_path / "faults.json").exists()
    assert faults.next("email", ["x"]) is not None
    (tmp_path / "faults.json").write_text("{")
    assert faults.next("email", ["x"]) is None


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {"channel": "fax", "mode": "refuse"},
        {"channel": "sms", "mode": "explode"},
        {"channel": "sms", "mode": "delay", "seconds": -1},
        {"channel": "sms", "mode": "delay", "seconds": "1"},
        {"channel": "sms", "mode": "delay", "times": 0},
        {"channel": "sms", "mode": "delay", "times": True},
        {"channel": "sms", "mode": "delay", "match": 7},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(tmp_path: Path, told: object) -> None:
    with pytest.raises(ChannelError) as caught:
        Faults(tmp_path).tell(told)
    assert caught.value.code == "bad_fault"
