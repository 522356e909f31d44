"""Several commands, one set of servers."""

import fcntl
from pathlib import Path

import pytest

from pushsvc.embedded import EmbeddedError, processes, servers
from pushsvc.embedded.lock import owner
from tests.embedded.helpers import ask, begun, command, gone, listen, settings_for


def test_a_second_command_uses_the_first_ones_servers(var: Path) -> None:
    with command(var) as first, command(var) as second:
        assert second.said["database_url"] == first.said["database_url"]
        assert owner(var) == first.process.pid
        assert ask(second.said["database_url"], "select 1") == 1


def test_a_lone_owner_waits_for_its_guests(var: Path) -> None:
    with command(var) as first, command(var) as second:
        first.release()
        assert processes.wait(lambda: _is_waiting(var), seconds=0.3) is False
        assert first.process.poll() is None
        assert ask(second.said["database_url"], "select 1") == 1
        assert second.finish() == 0
        assert first.process.wait(timeout=30) == 0
        assert gone(var)


def test_two_commands_that_start_at_once_agree(var: Path) -> None:
    with begun(var) as one, begun(var) as other:
        first, second = listen(one), listen(other)
        assert first.said["database_url"] == second.said["database_url"]
        first.release()
        second.release()
        assert first.finish() == second.finish() == 0
    assert gone(var)


def test_the_next_command_takes_over_from_a_killed_owner(var: Path) -> None:
    with command(var) as first:
        first.kill()
        with command(var) as second:
            assert owner(var) == second.process.pid
            assert ask(second.said["database_url"], "select 1") == 1


def test_a_second_service_is_told_that_one_runs(var: Path) -> None:
    with command(var, words=["--service"]) as first:
        number = str(first.process.pid)
        with pytest.raises(EmbeddedError, match=number) as caught, servers(settings_for(var), service=True):
            pass
        assert caught.value.code == "already_up"


def test_servers_that_are_named_are_used_and_none_is_started(var: Path) -> None:
    from dataclasses import replace

    named = replace(settings_for(var), database_url="postgresql+psycopg://elsewhere/x", redis_url="redis://elsewhere/3")
    with servers(named) as urls:
        assert urls.database_url == "postgresql+psycopg://elsewhere/x"
        assert urls.broker_url == "redis://elsewhere/3"
    assert not (var / "postgres").exists()


def _is_waiting(var: Path) -> bool:
    """Whether the owner has the guests' lock for itself: it must not, as long as there is a guest."""
    with (var / "guests").open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
