"""Arguments and files nobody should hand in: one sentence and an exit code, never a traceback."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from pushsvc.cli import main
from pushsvc.embedded import Urls


@pytest.fixture
def _service(monkeypatch: pytest.MonkeyPatch, urls: Urls, database_url: str, redis_url: str, var: Path) -> None:
    """The environment of a service on the test's own servers."""
    given = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "VAR": str(var)}
    given |= {"SECRET_KEY": "0123456789abcdef", "DATA_KEYS": "A" * 43 + "="}
    for name, value in given.items():
        monkeypatch.setenv(f"PUSHSVC_{name}", value)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """A command's exit code, what it printed, what it complained of."""
    with pytest.raises(SystemExit) as end:
        main.main(words)
    said = capsys.readouterr()
    return int(end.value.code or 0), said.out, said.err


@pytest.mark.parametrize("words", [("match", "\udcff"), ("campaign", "approve", "1", "--by", "\udcff\udcfe")])
def test_bytes_that_are_no_text_are_refused(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "")
    assert err.endswith("is not UTF-8 text.\n")


@pytest.mark.parametrize("number", ["0", str(2**63), "9" * 30])
@pytest.mark.parametrize("verb", [("report",), ("submit", "--by", "李萌")])
def test_a_number_no_campaign_can_have_is_refused(
    capsys: pytest.CaptureFixture[str], number: str, verb: tuple[str, ...]
) -> None:
    code, _, err = run(capsys, "campaign", *verb, number)
    assert code == 2
    assert "is not in the range" in err


@pytest.mark.parametrize("seed", ["-1", str(2**32)])
@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_a_seed_that_no_generator_takes_is_refused(capsys: pytest.CaptureFixture[str], command: str, seed: str) -> None:
    code, _, err = run(capsys, command, "--seed", seed)
    assert code == 2
    assert "is not in the range" in err


@pytest.mark.parametrize("what", ["policies", "criteria", "profiles", "interactions", "subscriptions"])
def test_a_device_or_a_pipe_is_no_file_to_import(capsys: pytest.CaptureFixture[str], tmp_path: Path, what: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        code, out, err = run(capsys, "import", what, str(path))
        assert (code, out) == (2, "")
        assert "is a pipe or a device" in err


@pytest.mark.usefixtures("_service")
def test_a_database_that_is_away_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUSHSVC_DATABASE_URL", "postgresql://nobody:hidden@127.0.0.1:1/nothing")
    code, out, err = run(capsys, "match", "p")
    assert (code, out) == (1, "")
    assert err.startswith("pushsvc: The database does not answer (")
    assert err.count("\n") == 1
    assert "hidden" not in err


def test_other_errors_keep_their_traceback() -> None:
    assert not main.is_ours(OperationalError("select 1", {}, Exception("x")))
