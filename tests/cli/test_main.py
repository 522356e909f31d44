"""The command as it is typed."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from pushsvc.cli import main
from pushsvc.embedded import EmbeddedError
from pushsvc.settings import SettingsError
from pushsvc.store import schema
from tests.embedded.helpers import gone


def test_the_overview_names_every_command_and_imports_none() -> None:
    said = CliRunner().invoke(main.cli, ["--help"]).output
    assert all(name in said for name in main.COMMANDS)


def test_an_unknown_command_is_named() -> None:
    result = CliRunner().invoke(main.cli, ["dance"])
    assert result.exit_code == 2
    assert "dance" in result.output


def test_an_error_of_ours_is_one_sentence(tmp_path: Path) -> None:
    done = run("init-db", tmp_path, PUSHSVC_LEASE_SECONDS="soon")
    assert done.returncode == 1
    assert done.stderr == "pushsvc: PUSHSVC_LEASE_SECONDS is not a number: 'soon'.\n"


@pytest.mark.parametrize(
    ("exc", "ours"), [(SettingsError("x"), True), (EmbeddedError("a", "b"), True), (KeyError("x"), False)]
)
def test_only_our_own_errors_are_told_without_a_traceback(exc: Exception, ours: bool) -> None:
    assert main.is_ours(exc) is ours


def test_the_database_is_made_by_a_command_from_any_folder(var: Path) -> None:
    for command in ("init-db", "init-db", "upgrade-db"):
        done = run(command, var)
        assert (done.returncode, done.stderr) == (0, "")
        assert f"step {schema.head()}" in done.stdout
    assert gone(var)


def test_the_doctor_calls_a_wrong_setting_wrong(tmp_path: Path) -> None:
    done = run("doctor", tmp_path, PUSHSVC_LEASE_SECONDS="soon")
    assert done.returncode == 1
    assert "wrong  PUSHSVC_LEASE_SECONDS is not a number: 'soon'." in done.stdout


def run(command: str, var: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """One command from a folder of its own, with nothing else in the environment."""
    environ |= {"PUSHSVC_VAR": str(var), "PATH": "/usr/bin:/bin"}
    words = [sys.executable, "-m", "pushsvc", command]
    return subprocess.run(words, cwd="/", env=environ, capture_output=True, text=True, check=False)
