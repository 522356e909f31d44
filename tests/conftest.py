"""Servers, a clean database for each test, and a clock that stands still."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import redis
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Engine, make_url

from pushsvc.embedded import Urls, servers, with_servers
from pushsvc.keyring import Keyring
from pushsvc.settings import Settings, read_settings
from pushsvc.store.session import connect
from tests import databases
from tests.clock import Clock

# Tests assert behaviour, never speed: a machine that is busy fails nobody.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """This process's name among pytest-xdist's ("main" without it)."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def urls(run_folder: Path) -> Iterator[Urls]:
    """One PostgreSQL and one Redis for the whole run: those of the environment, else embedded ones."""
    environ = {name: value for name, value in os.environ.items() if name.endswith(("DATABASE_URL", "REDIS_URL"))}
    keys = {"PUSHSVC_SECRET_KEY": "tests", "PUSHSVC_DATA_KEYS": "A" * 43 + "="}
    settings = read_settings({**environ, **keys, "PUSHSVC_VAR": str(run_folder / "servers")})
    with servers(settings, durable=False) as found:
        yield found


@pytest.fixture(scope="session")
def database_url(urls: Urls, run_folder: Path, worker_id: str) -> Iterator[str]:
    """A migrated database of this process's own, cloned from one that the run migrates once."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid.uuid4().hex)[:12]
    server = make_url(urls.database_url)
    template = databases.make_template(server, f"pushsvc_{run}_template", lock=run_folder / "template.lock")
    name = f"pushsvc_{run}_{worker_id}"
    databases.clone(server, template, name)
    yield server.set(database=name).render_as_string(hide_password=False)
    databases.drop(server, name)


@pytest.fixture(scope="session")
def shared_engine(database_url: str) -> Iterator[Engine]:
    """The engine behind `engine`; tests take that one."""
    engine = connect(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(shared_engine: Engine) -> Engine:
    """An engine on an empty, migrated database; numbers start at 1 again."""
    databases.empty(shared_engine)
    return shared_engine


@pytest.fixture
def redis_url(urls: Urls, worker_id: str) -> str:
    """An empty Redis database of this process's own."""
    number = 2 + int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 2
    url = databases.redis_database(urls.redis_url, number)
    client = redis.Redis.from_url(url)
    client.flushdb()
    client.close()
    return url


@pytest.fixture
def var(tmp_path: Path) -> Path:
    """An empty folder for what a service keeps on disk."""
    folder = tmp_path / "var"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(engine: Engine, database_url: str, redis_url: str, var: Path) -> Settings:
    """Settings of a service on the test's own database and Redis."""
    made = read_settings({"PUSHSVC_VAR": str(var), "PUSHSVC_GATEWAY_KEY": "gateway-key-of-the-tests"})
    return with_servers(made, Urls(database_url, redis_url, databases.broker_url(redis_url)))


@pytest.fixture
def keyring() -> Keyring:
    """Keys that never change, so that ciphertext and wire keys can be told in advance."""
    return Keyring(data_keys=(b"k" * 32,), secret=b"secret of the tests")


@pytest.fixture
def clock() -> Clock:
    """The moment 2026-06-24 09:30 in Shanghai, until a test moves it."""
    return Clock(datetime.fromisoformat("2026-06-24T09:30:00+08:00"))
