"""A service without its processes: the real database, steps called by hand; and 江澜市, served to a browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from sqlalchemy import make_url

from pushsvc.context import Context
from pushsvc.embedded import Urls, with_servers
from pushsvc.keyring import Keyring
from pushsvc.settings import Settings, read_settings
from pushsvc.store.session import Engine, connect
from tests import databases
from tests.apps import open_app
from tests.clock import Clock
from tests.features.chrome import chromium, visitor
from tests.features.journeys import Home, Phone
from tests.features.town import Town, open_town, serve


@pytest.fixture
def ctx(settings: Settings, engine: Engine, keyring: Keyring, clock: Clock) -> Context:
    """What a verb is handed."""
    return Context(settings=settings, engine=engine, keyring=keyring, clock=clock)


@pytest.fixture(scope="module")
def chrome() -> Iterator[Chromium]:
    """Chromium, for one file's tests: while it is there no other event loop may run in this thread."""
    with chromium() as started:
        yield started


@pytest.fixture
def home(ctx: Context, clock: Clock) -> Iterator[Home]:
    """A served city of the test's own, with nobody in it."""
    app = open_app(ctx)
    with serve(app) as url:
        yield Home(ctx, clock, app, url)


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def scripts(request: pytest.FixtureRequest) -> bool:
    """With script and without it: every page works both ways."""
    return bool(request.param)


@pytest.fixture
def phone(home: Home, chrome: Chromium, scripts: bool) -> Iterator[Phone]:
    """A phone in the hand of somebody in that city, who is not signed in; nothing may have gone wrong in it."""
    with visitor(chrome, home.url, java_script_enabled=scripts) as found:
        yield Phone(found, home, scripts)
        assert [one for one in found.errors if "status of" not in one] + found.strangers == []  # a status is no error


@pytest.fixture(scope="session")
def city(urls: Urls, database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The filled city, for all tests of this process that change nothing in it: it has a database of its own."""
    here = make_url(database_url)
    name, template = f"{here.database}_city", f"{str(here.database).rpartition('_')[0]}_template"
    databases.clone(make_url(urls.database_url), template, name)
    found = here.set(database=name).render_as_string(hide_password=False)
    engine = connect(found)
    clock = Clock(datetime.fromisoformat("2026-06-24T09:30:00+08:00"))
    made = read_settings({"PUSHSVC_VAR": str(_folder(tmp_path_factory)), "PUSHSVC_GATEWAY_KEY": "gateway-key"})
    settings = with_servers(made, Urls(found, "", ""))
    keyring = Keyring(data_keys=(b"k" * 32,), secret=b"secret of the tests")
    with open_town(Context(settings=settings, engine=engine, keyring=keyring, clock=clock), clock) as town:
        yield town
    engine.dispose()
    databases.drop(make_url(urls.database_url), name)


def _folder(factory: pytest.TempPathFactory) -> Path:
    return factory.mktemp("city")
