"""The real thing, broken in mid-campaign: workers, PostgreSQL and Redis are killed, and the sinks count on their own.

Nothing is lost, no SMS is sent twice, a mail's duplicates bear the same Message-ID (docs/decisions/0002).
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from channels.sandbox import count
from pushsvc.cli.supervisor import running, service_lines
from pushsvc.context import Context, make_context
from pushsvc.embedded import restart_postgres, servers, with_servers
from pushsvc.embedded.keeper import Keeper
from pushsvc.pipeline import campaigns
from pushsvc.pipeline.ledger import check, sink_keys
from pushsvc.settings import Settings, read_settings
from pushsvc.store.session import transaction
from tests.making import choose, make_campaign, make_person, make_policy

PEOPLE = 240
PATIENCE = 120.0  # seconds of the real clock; a lease is 4
CHANNELS = (("app",), ("sms",), ("email",))


@dataclass(frozen=True)
class Service:
    """A running service of our own to break."""

    settings: Settings
    ctx: Context
    keeper: Keeper
    people: list[int]

    @property
    def sinks(self) -> Path:
        return self.settings.var / "sandbox"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Servers, sandbox, beat and the workers of the normal lane, as real processes in a folder of their own."""
    smtp, http, web = free_ports(3)
    environ = {
        "PUSHSVC_VAR": str(tmp_path_factory.mktemp("faults")),
        "PUSHSVC_SMTP_URL": f"smtp://127.0.0.1:{smtp}",
        "PUSHSVC_SMS_URL": f"http://127.0.0.1:{http}",
        "PUSHSVC_APP_URL": f"http://127.0.0.1:{http}",
        "PUSHSVC_WEB_PORT": str(web),
        "PUSHSVC_LEASE_SECONDS": "4",
        "PUSHSVC_REQUEST_SECONDS": "2",
        "PUSHSVC_SLICE_SIZE": "10",
    }
    settings = read_settings(environ)
    wanted = ("sandbox", "release", "beat", "worker-normal", "worker-receipts")
    lines = {name: line for name, line in service_lines(sandbox=True).items() if name in wanted}
    with ExitStack() as stack:
        urls = stack.enter_context(servers(settings))
        keeper = stack.enter_context(running(settings, urls, lines, say=lambda name, line: None))
        ctx = make_context(with_servers(settings, urls))
        with transaction(ctx.engine) as conn:
            people = [
                make_person(conn, ctx, n, channels=CHANNELS[n % 3], consent=("notify",)) for n in range(1, PEOPLE + 1)
            ]
        yield Service(with_servers(settings, urls), ctx, keeper, people)
        ctx.engine.dispose()


def free_ports(n: int) -> list[int]:
    """Ports that nobody listens on now."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(n)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Look again and again; real processes need real time."""
    pause = threading.Event()
    for _ in range(int(PATIENCE / 0.1)):
        if condition():
            return
        pause.wait(0.1)
    raise AssertionError(f"waited {PATIENCE:.0f} s in vain: {what}")


def slow_down(service: Service) -> None:
    """Let every provider take its time, so that the fault comes in the middle."""
    faults = [{"channel": c, "mode": "delay", "times": 8, "seconds": 0.3} for c in ("app", "sms", "email")]
    draft = service.sinks / "faults.draft"
    draft.write_text(json.dumps(faults), encoding="utf-8")
    draft.rename(service.sinks / "faults.json")


def start_campaign(service: Service, ref: str) -> int:
    """A running campaign to everybody."""
    with transaction(service.ctx.engine) as conn:
        policy_id = make_policy(conn, service.ctx, ref)
        campaign_id = make_campaign(conn, service.ctx, policy_id)
        choose(conn, service.ctx, campaign_id, service.people)
    return campaign_id


def received(service: Service) -> int:
    return sum(len(keys) for keys in sink_keys(service.sinks).values())


def kill_worker(service: Service) -> None:
    service.keeper.kill("worker-normal")


def flush_redis(service: Service) -> None:
    assert service.settings.redis_url is not None
    redis.Redis.from_url(service.settings.redis_url).flushall()


def restart_database(service: Service) -> None:
    restart_postgres(service.settings)


def is_settled(service: Service, campaign_id: int) -> bool:
    """Whether the campaign is finished; a database that is just coming back is not a no for good."""
    try:
        return bool(campaigns.report(service.ctx, campaign_id)["state"] == "finished")
    except Exception:
        return False


@pytest.mark.parametrize("break_it", [kill_worker, flush_redis, restart_database])
def test_nothing_is_lost_and_no_sms_is_sent_twice(service: Service, break_it: Callable[[Service], None]) -> None:
    before = received(service)
    slow_down(service)
    campaign_id = start_campaign(service, break_it.__name__)
    wait_for(lambda: received(service) >= before + 20, "the first messages")
    break_it(service)
    assert received(service) < before + PEOPLE, "the fault must come in the middle"
    wait_for(lambda: is_settled(service, campaign_id), "the campaign to be finished")
    ledger = check(service.ctx, sink_keys(service.sinks))
    sinks = count(service.sinks)
    assert (ledger.lost, ledger.unexplained, ledger.differences) == (0, 0, ())
    assert sum(campaigns.report(service.ctx, campaign_id)["accepted"].values()) == PEOPLE
    assert sinks["sms"]["duplicates"] == 0
    assert sinks["email"]["duplicates"] <= 100
    assert sinks["email"]["message_ids_equal"]
    assert {name: sinks[name]["distinct"] for name in ledger.accepted} == ledger.accepted
