"""The servers live as long as whoever needs them, and come back from every kind of end."""

import os
import signal
import subprocess
from pathlib import Path

import redis

from pushsvc.embedded import postgres, processes, restart_postgres, servers
from pushsvc.embedded.binaries import postgres_bin
from pushsvc.embedded.places import Places, find_places
from pushsvc.embedded.user import server_user
from tests.embedded.helpers import ask, command, gone, kill_all, server_pids, settings_for


def test_they_start_answer_and_are_gone_afterwards(var: Path) -> None:
    with servers(settings_for(var), durable=False) as urls:
        assert ask(urls.database_url, "show listen_addresses") == ""
        assert redis.Redis.from_url(urls.redis_url).ping()
    assert server_pids(var) == []


def test_the_database_sorts_and_stores_by_code_point(var: Path) -> None:
    with servers(settings_for(var), durable=False) as urls:
        said = (
            "select datlocprovider::text || ' ' || datlocale || ' ' || pg_encoding_to_char(encoding) from pg_database"
        )
        assert ask(urls.database_url, f"{said} where datname = current_database()") == "b C.UTF-8 UTF8"


def test_by_default_a_commit_waits_for_the_disk(var: Path) -> None:
    with servers(settings_for(var)) as urls:
        assert ask(urls.database_url, "show fsync") == "on"
        assert ask(urls.database_url, "show synchronous_commit") == "on"


def test_data_is_still_there_at_the_next_start(var: Path) -> None:
    with servers(settings_for(var), durable=False) as urls:
        ask(urls.database_url, "create table kept as select 7 as n")
    with servers(settings_for(var), durable=False) as urls:
        assert ask(urls.database_url, "select n from kept") == 7


def test_they_die_with_an_owner_that_is_killed(var: Path) -> None:
    with command(var) as owner:
        assert len(server_pids(var)) > 2
        owner.kill()
        assert gone(var)


def test_data_survives_when_everything_is_killed(var: Path) -> None:
    with command(var) as owner:
        ask(owner.said["database_url"], "create table kept as select 7 as n")
        os.kill(owner.process.pid, signal.SIGSTOP)  # or it would start them again before it dies
        kill_all(var)
        owner.kill()
    with servers(settings_for(var), durable=False) as urls:
        assert ask(urls.database_url, "select n from kept") == 7


def test_a_lock_file_that_names_another_process_does_not_stop_it(var: Path) -> None:
    with servers(settings_for(var), durable=False):
        pass
    data = find_places(var).data
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n0\n5432\n\n\n0 0\nready\n")
    with servers(settings_for(var), durable=False) as urls:
        assert ask(urls.database_url, "select 1") == 1


def test_an_orphan_of_an_earlier_start_is_ended_first(var: Path) -> None:
    with servers(settings_for(var), durable=False):
        pass
    places = find_places(var)
    user = server_user(var, places.data, [postgres_bin() / "postgres"])
    orphan = subprocess.Popen(["setpriv", *user.words, "--", *postgres.argv(places, durable=False)], stderr=-3)
    assert processes.wait(lambda: postgres.is_ready(places), seconds=20)
    with servers(settings_for(var), durable=False) as urls:
        assert orphan.wait(timeout=10) is not None
        assert ask(urls.database_url, "select 1") == 1


def test_postgresql_that_ends_is_started_again(var: Path) -> None:
    settings = settings_for(var)
    with servers(settings, durable=False) as urls:
        began = ask(urls.database_url, "select pg_postmaster_start_time()")
        restart_postgres(settings)
        places = find_places(var)
        assert processes.wait(lambda: _start_time(places, urls.database_url) not in (None, began), seconds=20)


def test_a_killed_valkey_is_started_again(var: Path) -> None:
    with servers(settings_for(var), durable=False) as urls:
        client = redis.Redis.from_url(urls.redis_url)
        before = client.info("server")["process_id"]
        processes.send(before, signal.SIGKILL)
        assert processes.wait(lambda: _redis_pid(urls.redis_url) not in (None, before), seconds=20)


def _start_time(places: Places, url: str) -> object:
    return ask(url, "select pg_postmaster_start_time()") if postgres.is_ready(places) else None


def _redis_pid(url: str) -> int | None:
    try:
        return int(redis.Redis.from_url(url).info("server")["process_id"])
    except redis.RedisError:
        return None
