"""`pushsvc offline`: the figures, as text and JSON, and the masked list as a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pushsvc.cli.main import cli, main
from pushsvc.context import Context
from pushsvc.keyring import Keyring
from pushsvc.settings import Settings
from pushsvc.store.session import Engine
from tests.clock import Clock
from tests.unreached import STREET, campaign, deliver, refuse, someone


@pytest.fixture
def number(settings: Settings, engine: Engine, keyring: Keyring, clock: Clock) -> int:
    """A campaign that could not reach two people of one street and one of nowhere."""
    ctx = Context(settings=settings, engine=engine, keyring=keyring, clock=clock)
    made = campaign(ctx)
    refuse(ctx, made, someone(ctx, 1, STREET), "no_basis")
    deliver(ctx, made, someone(ctx, 2, STREET), "bounced")
    refuse(ctx, made, someone(ctx, 3, None), "no_basis")
    return made


@pytest.fixture
def environ(settings: Settings, database_url: str, redis_url: str, var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the command finds the service."""
    values = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "VAR": str(var), "SECRET_KEY": "tests"}
    for name, value in {**values, "DATA_KEYS": "A" * 43 + "="}.items():
        monkeypatch.setenv(f"PUSHSVC_{name}", value)


def run(*words: str) -> str:
    """A command that goes well; what it says."""
    done = CliRunner().invoke(cli, ["offline", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.usefixtures("environ")
def test_it_tells_how_many_by_street_and_reason(number: int) -> None:
    lines = run(str(number)).splitlines()
    assert lines[0] == f"campaign {number}: 3 could not be reached"
    assert "清波街道" in lines[1]
    assert lines[1].endswith("2  bounced 1, no_basis 1")
    assert "Street unknown" in lines[2]


@pytest.mark.usefixtures("environ")
def test_the_json_adds_up(number: int) -> None:
    found = json.loads(run(str(number), "--json"))
    assert found["total"] == sum(found["reasons"].values()) == sum(place["total"] for place in found["places"]) == 3


@pytest.mark.usefixtures("environ")
def test_the_list_is_written_to_a_file(number: int, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    assert f"3 lines in {file}" in run(str(number), "--csv", str(file))
    assert len(file.read_text(encoding="utf-8-sig").splitlines()) == 4


@pytest.mark.usefixtures("environ")
def test_a_file_that_cannot_be_written_is_said(number: int, tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["offline", str(number), "--csv", str(tmp_path / "no" / "list.csv")])
    assert done.exit_code == 1
    assert "No such file or directory" in done.stderr


@pytest.mark.usefixtures("environ")
def test_a_campaign_that_is_none_is_one_sentence(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["offline", str(number + 1)])
    assert capsys.readouterr().err == f"pushsvc: There is no campaign {number + 1}.\n"
