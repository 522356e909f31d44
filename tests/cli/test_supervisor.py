"""The service's processes: prefixed, started again, stopped, and none survives a killed parent."""

import io
import os
import queue
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pushsvc.cli.procfile import read_procfile
from pushsvc.cli.supervisor import ServiceError, child_environ, printer, running
from pushsvc.embedded import Urls, processes
from pushsvc.embedded.keeper import Keeper
from pushsvc.settings import Settings, read_settings

URLS = Urls("postgresql+psycopg://there/db", "redis://there/0", "redis://there/1")
SLEEP = "python -c 'import time; print(\"up\", flush=True); time.sleep(600)'"


class Words:
    """What the processes say, to be waited for."""

    def __init__(self) -> None:
        self.lines: queue.Queue[tuple[str, str]] = queue.Queue()

    def __call__(self, name: str, line: str) -> None:
        self.lines.put((name, line))

    def wait_for(self, name: str, text: str) -> str:
        """The next line of `name` with `text` in it."""
        while True:
            who, line = self.lines.get(timeout=30)
            if who == name and text in line:
                return line


@contextmanager
def service(var: Path, lines: dict[str, str]) -> Iterator[tuple[Keeper, Words]]:
    words = Words()
    with running(plain(var), URLS, lines, say=words) as keeper:
        yield keeper, words


def plain(var: Path) -> Settings:
    return read_settings({"PUSHSVC_VAR": str(var)})


def test_the_processes_are_known_by_name(var: Path) -> None:
    with service(var, {"one": SLEEP, "two": SLEEP}) as (keeper, words):
        words.wait_for("two", "up")
        assert set(keeper.pids()) == {"one", "two"}
    assert not any(Path(f"/proc/{pid}").exists() for pid in keeper.pids().values())


def test_a_killed_one_is_started_again(var: Path) -> None:
    with service(var, {"worker": SLEEP}) as (keeper, words):
        words.wait_for("worker", "up")
        killed = keeper.kill("worker")
        assert "SIGKILL" in words.wait_for("up", "started again")
        words.wait_for("worker", "up")
        assert keeper.pids()["worker"] != killed


def test_one_that_ends_by_itself_is_started_again_more_slowly(var: Path) -> None:
    with service(var, {"worker": "sh -c 'exit 75'"}) as (_, words):
        assert "in 0.5 s" in words.wait_for("up", "exit code 75")
        assert "in 1.0 s" in words.wait_for("up", "exit code 75")


def test_the_release_line_runs_first_and_alone(var: Path) -> None:
    lines = {"release": "echo $PUSHSVC_DATABASE_URL", "web": SLEEP}
    with service(var, lines) as (keeper, words):
        assert words.wait_for("release", "") == URLS.database_url
        assert set(keeper.pids()) == {"web"}


def test_nothing_starts_when_the_release_line_fails(var: Path) -> None:
    with pytest.raises(ServiceError, match="exit code 1") as caught, service(var, {"release": "false", "web": SLEEP}):
        pass
    assert caught.value.code == "release"


def test_a_process_that_ignores_sigterm_is_stopped_all_the_same(var: Path) -> None:
    stubborn = "python -c 'import signal, time; signal.signal(15, print); print(\"up\", flush=True); time.sleep(600)'"
    with service(var, {"worker": stubborn}) as (keeper, words):
        words.wait_for("worker", "up")
        pid = keeper.pids()["worker"]
    assert not Path(f"/proc/{pid}").exists()


def test_a_killed_parent_takes_its_processes_along(var: Path) -> None:
    code = (
        "import sys, time; from tests.cli.test_supervisor import *\n"
        f"with service(Path({str(var)!r}), {{'worker': SLEEP}}) as (keeper, words):\n"
        "    words.wait_for('worker', 'up'); print(keeper.pids()['worker'], flush=True); time.sleep(600)"
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", code], cwd=root, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
    assert processes.wait(lambda: not _lives(child), seconds=15)


def test_children_are_told_every_plain_setting_and_no_key(var: Path) -> None:
    told = child_environ(plain(var), URLS)
    assert told["PUSHSVC_DATABASE_URL"] == URLS.database_url
    assert told["PUSHSVC_VAR"] == str(var)
    assert told["PUSHSVC_WEB_PORT"] == "8000"
    assert not {name for name in told if "KEY" in name or "SECRET" in name}


def test_lines_carry_the_process_name_and_no_colour_in_a_file() -> None:
    out = io.StringIO()
    printer(["web", "worker-bulk"], out)("web", "hello")
    assert out.getvalue() == "web         | hello\n"


def test_a_procfile_may_have_comments_and_colons(tmp_path: Path) -> None:
    (tmp_path / "Procfile").write_text("# who\n\nweb: run a:b\nbeat:  tick \n")
    assert read_procfile(tmp_path / "Procfile") == {"web": "run a:b", "beat": "tick"}


def _lives(pid: int) -> bool:
    try:
        return b"time.sleep(600)" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
