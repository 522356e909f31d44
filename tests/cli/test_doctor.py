"""The doctor says what is wrong in sentences that name the remedy."""

import re
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from pushsvc.cli.doctor import database_findings, examine, redis_findings
from pushsvc.context import Context
from pushsvc.keyring import Keyring
from pushsvc.pipeline.events import pass_events
from pushsvc.pipeline.providers import pause
from pushsvc.settings import Settings, SettingsError
from pushsvc.store import schema
from tests.clock import Clock
from tests.pipeline.test_event_trouble import broken
from tests.pipeline.vendors import ALIYUN, CODE, approved, with_routes, write


def said(settings: Settings) -> list[str]:
    return [finding.text for finding in examine(lambda: settings) if finding.bad]


def test_a_good_set_up_has_nothing_wrong(settings: Settings) -> None:
    assert said(replace(settings, web_port=free_port())) == []


def test_it_tells_the_time_zone_of_the_clock(settings: Settings) -> None:
    assert any("zone" in finding.text for finding in examine(lambda: settings))


def test_a_taken_port_is_named(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"Port {port} is taken" in said(replace(settings, web_port=port))[0]


def test_a_missing_key_is_named() -> None:
    def read() -> Settings:
        raise SettingsError("PUSHSVC_SECRET_KEY is missing")

    assert [finding.text for finding in examine(read)] == ["PUSHSVC_SECRET_KEY is missing"]


def test_a_short_key_is_wrong(settings: Settings) -> None:
    assert "PUSHSVC_SECRET_KEY is short" in said(replace(settings, secret_key=b"abc", web_port=free_port()))[0]


def test_a_folder_that_cannot_be_written_is_named(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    broken = replace(settings, var=tmp_path / "file" / "var", database_url=None, web_port=free_port())
    assert "cannot be made" in said(broken)[0]


def test_the_folder_matters_with_servers_elsewhere_too(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be made" in said(replace(settings, var=tmp_path / "file" / "var", web_port=free_port()))[0]


def test_a_path_that_postgresql_cannot_hold_is_named(settings: Settings, tmp_path: Path) -> None:
    far = tmp_path.joinpath(*["long-folder-name"] * 60)
    assert "PUSHSVC_VAR" in said(replace(settings, var=far, database_url=None, web_port=free_port()))[0]


def test_a_database_of_bytes_without_a_meaning_is_named(engine: Engine) -> None:
    name = f"{engine.url.database}_bytes"
    here = create_engine(engine.url, isolation_level="AUTOCOMMIT")
    with here.connect() as connection:
        connection.execute(text(f"create database {name} encoding 'SQL_ASCII' locale 'C' template template0"))
        try:
            url = engine.url.set(database=name).render_as_string(hide_password=False)
            assert "SQL_ASCII" in next(database_findings(url)).text
        finally:
            connection.execute(text(f"drop database {name} with (force)"))
    here.dispose()


def test_a_database_that_does_not_answer_is_wrong() -> None:
    findings = list(database_findings("postgresql+psycopg://nobody@127.0.0.1:1/none"))
    assert [finding.bad for finding in findings] == [True]
    assert "PUSHSVC_DATABASE_URL" in findings[0].text


def test_an_older_step_is_wrong(engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '0000'"))
    try:
        assert "upgrade-db" in next(database_findings(url)).text
    finally:
        with engine.begin() as connection:
            connection.execute(text("update alembic_version set version_num = :head"), {"head": schema.head()})


def test_an_empty_database_is_worth_a_note(engine: Engine) -> None:
    url = engine.url.set(database=f"{engine.url.database}_empty")
    admin = create_engine(engine.url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'create database "{url.database}"'))
        findings = list(database_findings(url.render_as_string(hide_password=False)))
        connection.execute(text(f'drop database "{url.database}" with (force)'))
    admin.dispose()
    assert [(finding.bad, "init-db" in finding.text) for finding in findings] == [(False, True)]


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "unix:///nowhere/valkey.sock", "what?"])
def test_a_redis_that_refuses_is_wrong(url: str) -> None:
    findings = list(redis_findings(url))
    assert [finding.bad for finding in findings] == [True]
    assert "PUSHSVC_REDIS_URL" in findings[0].text


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_provider_that_takes_nothing_is_named(
    settings: Settings, engine: Engine, keyring: Keyring, clock: Clock
) -> None:
    settings = replace(settings, web_port=free_port())
    ctx = Context(settings, engine, keyring, clock)
    assert not any("Provider" in finding.text for finding in examine(lambda: settings))
    pause(ctx, "sms", by="李萌", reason="合同到期")
    noted = [finding.text for finding in examine(lambda: settings) if "rovider" in finding.text]
    assert noted[0].startswith("Provider sms is paused since 2026-06-24 01:30 UTC: 合同到期")
    assert noted[1].startswith("No provider of sms takes anything")


def test_what_no_sms_vendor_may_say_is_named(
    settings: Settings, engine: Engine, keyring: Keyring, clock: Clock
) -> None:
    ctx = with_routes(Context(replace(settings, web_port=free_port()), engine, keyring, clock), aliyun=ALIYUN)
    approved(ctx, write(ctx))

    def lacking() -> list[str]:
        texts = (finding.text for finding in examine(lambda: ctx.settings))
        return re.findall(r"approved a template '(\w+)'", " ".join(texts))

    assert lacking() == ["digest", "code"]
    approved(ctx, write(ctx, CODE, "code", kind="code"))
    assert lacking() == ["digest"]


def test_an_event_that_cannot_be_answered_is_named(
    settings: Settings, engine: Engine, keyring: Keyring, clock: Clock
) -> None:
    settings = replace(settings, web_port=free_port())
    ctx = Context(settings, engine, keyring, clock)
    (number,) = broken(ctx, "x")
    pass_events(ctx)
    (noted,) = (finding for finding in examine(lambda: settings) if "Events of policies" in finding.text)
    assert not noted.bad
    assert noted.text.startswith("Events of policies went wrong (0 given up, 1 tried again later). Event ")
    assert f"Event {number} (deadline of a): " in noted.text
