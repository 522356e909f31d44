"""`pushsvc doctor`: what is wrong with this set-up, in sentences."""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import click
import redis

from pushsvc.cli.supervisor import ServiceError
from pushsvc.cli.up import check_ports
from pushsvc.embedded import EmbeddedError, Urls, servers, with_servers
from pushsvc.embedded.lock import owner
from pushsvc.embedded.places import make_var
from pushsvc.keyring import Keyring
from pushsvc.pipeline import audit_chain
from pushsvc.settings import Settings, SettingsError, read_settings
from pushsvc.store import schema
from pushsvc.store.event_answers import count_troubled, troubled
from pushsvc.store.providers import decisions
from pushsvc.store.session import Connection, connect, transaction
from pushsvc.store.sources import unregistered_sources

_SHORTEST = 16
_SHOWN = 5  # names in one sentence
_OLDEST = 15  # of a PostgreSQL that is not ours: what the statements in use were written for


@dataclass(frozen=True)
class Finding:
    """One sentence; `bad` keeps the service from working, the others are worth knowing."""

    bad: bool
    text: str


@click.command()
def doctor() -> None:
    """Say what is wrong with this set-up, in sentences; exit code 1 when something is."""
    findings = list(examine())
    for finding in findings:
        click.echo(f"{'wrong' if finding.bad else ' note'}  {finding.text}")
    wrong = sum(finding.bad for finding in findings)
    click.echo(f"{wrong} thing{'s' if wrong > 1 else ''} to mend." if wrong else "The service can run here.")
    sys.exit(1 if wrong else 0)


def examine(read: Callable[[], Settings] = read_settings) -> Iterator[Finding]:
    """Everything found, the cause before its consequences."""
    try:
        settings = read()
    except SettingsError as exc:
        yield Finding(True, str(exc))
        return
    yield from _surroundings(settings)
    try:
        make_var(settings.var)  # servers elsewhere leave it alone, the sandbox and the demo do not
        with servers(settings) as urls:
            yield from _servers(urls)
            yield from _audit(urls.database_url, settings)
            yield from _providers(with_servers(settings, urls))
    except EmbeddedError as exc:
        yield Finding(True, str(exc))


def _surroundings(settings: Settings) -> Iterator[Finding]:
    if owner(settings.var) is None:
        try:
            check_ports(settings, sandbox=False)
        except ServiceError as exc:
            yield Finding(True, str(exc))
    if importlib.util.find_spec("lightfm") is None:
        yield Finding(
            False, "LightFM is not installed (extra `train`): policies go out by rules and wishes, not by a model."
        )
    if len(settings.secret_key) < _SHORTEST:
        yield Finding(True, f"PUSHSVC_SECRET_KEY is short: take {_SHORTEST} random characters or more.")
    if settings.ahead_seconds:
        yield Finding(True, "PUSHSVC_AHEAD_SECONDS is set: the service's clock is wrong, which is for rehearsals only.")
    if settings.trial:
        whose = f"policies of {settings.trial_agencies}" if settings.trial_agencies else "all messages"
        yield Finding(False, f"A trial is on: {whose} go to the recipients of PUSHSVC_TRIAL only.")
    here = datetime.now().astimezone()
    yield Finding(False, f"The clock says {here:%Y-%m-%d %H:%M}, zone {os.environ.get('TZ') or time.tzname[0]}.")


def _servers(urls: Urls) -> Iterator[Finding]:
    yield from database_findings(urls.database_url)
    yield from redis_findings(urls.redis_url)


def database_findings(url: str) -> Iterator[Finding]:
    """What is wrong with the database behind a SQLAlchemy URL."""
    try:
        state = schema.look(url)
    except schema.SchemaError as exc:
        yield Finding(True, str(exc))
        return
    if state.major < _OLDEST:
        yield Finding(True, f"The database is PostgreSQL {state.major}; {_OLDEST} or newer is needed.")
    if state.encoding != "UTF8":
        yield Finding(True, f"The database stores text as {state.encoding}; it must be UTF8.")
    if state.step is None:
        yield Finding(False, "The database is empty: `pushsvc init-db` prepares it (`pushsvc up` does so by itself).")
    elif state.step != schema.head():
        yield Finding(True, f"The database stands at step {state.step}, not {schema.head()}: run `pushsvc upgrade-db`.")
    else:
        engine = connect(url, pool=1)
        try:
            with transaction(engine) as conn:
                found = [*_sources(conn), *_model(conn), *_events(conn)]
        finally:
            engine.dispose()
        yield from found


def _model(conn: Connection) -> Iterator[Finding]:
    """What keeps the model that should serve from serving, and what a law asks of it."""
    from pushsvc.pipeline.models import state_of_serving

    state = state_of_serving(conn, datetime.now(UTC))
    if state is None:
        return
    if state.damage:
        instead = f"model {state.instead} serves in its place" if state.instead else "nothing is recommended"
        remedy = "`pushsvc model rollback` or `pushsvc train` mends it"
        yield Finding(True, f"Model {state.id} cannot serve: {state.damage} Now {instead}; {remedy}.")
    if not state.assessed:
        yield Finding(
            False, f"No valid impact assessment covers model {state.id}, which serves: `pushsvc model assess`."
        )


def _events(conn: Connection) -> Iterator[Finding]:
    """Events of policies that nobody is told of because their answer goes wrong."""
    waiting, given_up = count_troubled(conn)
    if not waiting + given_up:
        return
    worst = troubled(conn, 1)[0]
    tried = f"{given_up:,} given up, {waiting:,} tried again later"
    first = f"Event {worst['id']} ({worst['kind']} of {worst['policy']}): {worst['error']}"
    remedy = "`pushsvc events` lists them, `pushsvc events retry ID --by NAME` tries one again."
    yield Finding(False, f"Events of policies went wrong ({tried}). {first} {remedy}")


def _providers(settings: Settings) -> Iterator[Finding]:
    """Which providers take nothing at present, channels of which none does, and SMS that no vendor may carry."""
    from pushsvc.pipeline.sms_gate import unfiled

    try:
        if settings.database_url is None or schema.look(settings.database_url).step != schema.head():
            return
    except schema.SchemaError:
        return  # said before
    engine = connect(settings.database_url, pool=1)
    try:
        with transaction(engine) as conn:
            decided, unsaid = decisions(conn), unfiled(conn, settings, datetime.now(UTC).date())
    finally:
        engine.dispose()
    for name in unsaid:
        what = "sign-in codes by SMS" if name == "code" else "SMS that need it"
        yield Finding(False, f"No SMS vendor has approved a template {name!r}: {what} wait (`pushsvc sms-template`).")
    resting: dict[str, bool] = {}
    for offer in settings.offers():
        one = decided.get(offer.name)
        resting[offer.channel] = resting.get(offer.channel, True) and one is not None and one.state != "on"
        if one is not None and one.state != "on":
            since = f"{one.changed_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
            yield Finding(False, f"Provider {offer.name} is {one.state} since {since}: {one.reason}.")
    for channel in (channel for channel, rests in resting.items() if rests):
        yield Finding(False, f"No provider of {channel} takes anything: what is due waits (`pushsvc provider list`).")


def _audit(url: str, settings: Settings) -> Iterator[Finding]:
    """Whether the audit log is what was written; only where the database is ready to be asked."""
    try:
        if schema.look(url).step != schema.head():
            return
    except schema.SchemaError:
        return  # told above
    engine = connect(url, pool=1)
    try:
        with transaction(engine) as conn:
            found = audit_chain.check(conn, Keyring(settings.data_keys, settings.secret_key))
    finally:
        engine.dispose()
    if found.broken:
        yield Finding(True, found.broken)
        return
    head = f", {found.seals:,} seals; the last hash is {found.head}" if found.head else ""
    yield Finding(False, f"The audit log is whole: {found.entries:,} entries{head}.")


def _sources(conn: Connection) -> Iterator[Finding]:
    strangers = unregistered_sources(conn)
    if strangers:
        facts, names = sum(strangers.values()), ", ".join(list(strangers)[:_SHOWN])
        more = ", …" if len(strangers) > _SHOWN else ""
        yield Finding(
            False,
            f"{facts:,} facts come from {len(strangers)} sources that are not registered ({names}{more}): "
            "they have the rank of `import`, and neither purpose nor basis.",
        )


def redis_findings(url: str) -> Iterator[Finding]:
    """What is wrong with the Redis behind a URL."""
    try:
        client = redis.Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3)
        policy = client.info("memory").get("maxmemory_policy", "noeviction")
    except (redis.RedisError, ValueError, OSError) as exc:
        yield Finding(True, f"Redis does not answer ({exc}): check PUSHSVC_REDIS_URL.")
        return
    if policy != "noeviction":
        yield Finding(False, f"Redis drops keys when full ({policy}); that costs delay, never a message.")
