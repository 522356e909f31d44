"""The webhook: its platform over TLS by somebody else's server, the guard in the way, what it sends and hears."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.base import ChannelError
from channels.guard import Way
from channels.push.webhook import WebhookChannel
from channels.sandbox import Sandbox
from channels.signing import signed_headers
from tests.channels.contract import Stage, set_stage
from tests.channels.push.platform import HOST, Platform, certificate, serving
from tests.clock import Clock
from tests.draws import draws

NAME = "push.zj.example"


class Names:
    """A resolver that gives its answers in turn, the last one for ever, and counts."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The next answer."""
        assert host == NAME
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    """A certificate for NAME."""
    return certificate(tmp_path / "both.pem", NAME)


@pytest.fixture
def platform(pem: Path, key: bytes) -> Iterator[Platform]:
    """The platform, serving."""
    with serving(Platform(key), pem) as running:
        yield running


def opened(platform: Platform, clock: Clock, names: Names, pem: Path | None, **more: Any) -> Stage:
    """A channel before the platform, which believes `pem`."""
    tls = ssl.create_default_context(cafile=pem) if pem else None
    url = f"webhook+https://{NAME}:{platform.port}/messages?v=1"
    options: dict[str, Any] = {"allow_local": True, "timeout": 10.0, **more}
    url = options.pop("url", url.partition("?")[0])
    return Stage(WebhookChannel(url, key=platform.key, clock=clock, way=Way(names, tls), **options), clock, list)


def sent(stage: Stage, runner: asyncio.Runner, *keys: str) -> list[tuple[str, str]]:
    outcomes = runner.run(stage.channel.send(stage.batch(*keys)))
    runner.run(stage.channel.close())
    return [(outcome.status, outcome.code) for outcome in outcomes]


def test_it_reaches_the_checked_address_and_verifies_the_name(
    platform: Platform, pem: Path, clock: Clock, runner: asyncio.Runner
) -> None:
    names = Names([HOST])
    assert sent(opened(platform, clock, names, pem), runner, "a", "b") == [("accepted", "")] * 2
    assert platform.heads == [f"POST /messages/send {NAME}:{platform.port}"]
    assert platform.genuine == [True]
    assert [row["key"] for row in platform.told[0]["messages"]] == ["a", "b"]
    assert platform.told[0]["messages"][0].keys() == {"key", "to", "title", "text"}
    assert platform.told[0].keys() == {"batch_key", "expires_at", "messages"}
    assert names.asked == 1


def test_an_answer_that_changes_after_the_check_changes_nothing(
    platform: Platform, pem: Path, clock: Clock, runner: asyncio.Runner
) -> None:
    """DNS rebinding: nobody listens at the first address, and whoever asked again would reach the platform."""
    names = Names(["127.0.0.2"], [HOST])
    assert sent(opened(platform, clock, names, pem), runner, "a") == [("deferred", "connect_error")]
    assert names.asked == 1
    assert platform.heads == []


@pytest.mark.parametrize("found", [[HOST], ["1.1.1.1", HOST], ["::ffff:127.0.0.1"], ["169.254.169.254"], []])
def test_a_name_that_leads_inward_reaches_nothing(
    platform: Platform, pem: Path, clock: Clock, runner: asyncio.Runner, found: list[str]
) -> None:
    stage = opened(platform, clock, Names(found), pem, allow_local=False)
    assert sent(stage, runner, "a") == [("deferred", "blocked")]
    assert platform.heads == []


def test_a_certificate_for_another_name_is_not_believed(
    platform: Platform, tmp_path: Path, clock: Clock, runner: asyncio.Runner
) -> None:
    other = certificate(tmp_path / "other.pem", "other.example")
    with serving(Platform(platform.key), other) as elsewhere:
        assert sent(opened(elsewhere, clock, Names([HOST]), other), runner, "a") == [("deferred", "connect_error")]
        assert elsewhere.heads == []
    assert sent(opened(platform, clock, Names([HOST]), None), runner, "a") == [("deferred", "connect_error")]


def test_an_address_that_takes_no_connection_is_passed_over(
    platform: Platform, pem: Path, clock: Clock, runner: asyncio.Runner
) -> None:
    assert sent(opened(platform, clock, Names(["127.0.0.2", HOST]), pem), runner, "a") == [("accepted", "")]


def test_a_redirect_is_not_followed(platform: Platform, pem: Path, clock: Clock, runner: asyncio.Runner) -> None:
    platform.redirect = f"https://{NAME}:{platform.port}/elsewhere"
    assert sent(opened(platform, clock, Names([HOST]), pem), runner, "a") == [("deferred", "http_307")]
    assert len(platform.heads) == 1


def test_a_name_that_is_not_found_defers(platform: Platform, clock: Clock, runner: asyncio.Runner) -> None:
    class Nowhere(Names):
        async def __call__(self, host: str, port: int) -> Sequence[str]:
            raise OSError("no such host")

    assert sent(opened(platform, clock, Nowhere(), None), runner, "a") == [("deferred", "connect_error")]


def test_a_resolver_that_hangs_defers(platform: Platform, clock: Clock, runner: asyncio.Runner) -> None:
    class Slow(Names):
        async def __call__(self, host: str, port: int) -> Sequence[str]:
            await asyncio.Event().wait()
            return []

    stage = opened(platform, clock, Slow(), None, timeout=2.0)
    assert sent(stage, runner, "a") == [("deferred", "connect_timeout")]


@pytest.mark.parametrize(
    "url", ["https://push.zj.example", "webhook+http://push.zj.example", "webhook+https://10.0.0.1"]
)
def test_a_url_that_leads_elsewhere_is_not_opened(url: str, clock: Clock, key: bytes) -> None:
    with pytest.raises((ChannelError, ValueError)) as caught:
        WebhookChannel(url, key=key, clock=clock)
    assert "10.0.0.1" not in str(caught.value)


def test_a_link_goes_along_where_there_is_one(platform: Platform, pem: Path, clock: Clock) -> None:
    stage = opened(platform, clock, Names([HOST]), pem)
    stage.meta = {"url": "https://policy.example/p/7"}
    message = stage.batch("a").messages[0]
    assert stage.channel.words(message)["url"] == "https://policy.example/p/7"  # type: ignore[attr-defined]


def test_an_unknown_user_is_rejected_alone(
    sandbox: Sandbox, root: Path, key: bytes, clock: Clock, runner: asyncio.Runner
) -> None:
    stage = set_stage("webhook", sandbox, root, key=key, clock=clock)
    stage.address = lambda name: f"user-{name}"
    assert sent(stage, runner, "a", "dead") == [("accepted", ""), ("rejected", "bad_address")]
    assert stage.arrived() == ["a"]


def test_a_batch_of_unknown_outcome_is_repeated_and_arrives_once(
    sandbox: Sandbox, root: Path, key: bytes, clock: Clock, runner: asyncio.Runner
) -> None:
    stage = set_stage("webhook", sandbox, root, key=key, clock=clock)
    sandbox.faults.tell({"channel": "app", "mode": "hang_up_after"})
    assert [status for status, _ in sent(stage, runner, "a", "b")] == ["unknown"] * 2
    assert [status for status, _ in sent(stage, runner, "a", "b")] == ["accepted"] * 2
    assert stage.arrived() == ["a", "b"]
    assert runner.run(stage.channel.query(["a", "z"])) == {"a": "delivered", "z": "absent"}
    runner.run(stage.channel.close())


def test_a_request_without_our_signature_is_refused_by_the_platform(
    sandbox: Sandbox, root: Path, key: bytes, clock: Clock, runner: asyncio.Runner
) -> None:
    stage = set_stage("webhook", sandbox, root, key=b"another key", clock=clock)
    assert sent(stage, runner, "a") == [("deferred", "http_401")]
    assert stage.arrived() == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
ROWS = st.fixed_dictionaries(
    {},
    optional={"key": JSON | st.text(), "status": st.sampled_from(["delivered", "bounced", "x"]) | JSON, "code": JSON},
)
BODIES = st.binary(max_size=300) | st.builds(
    lambda rows: json.dumps({"receipts": rows}).encode(errors="replace"), st.lists(ROWS, max_size=5) | JSON
)


HEADERS = st.dictionaries(st.sampled_from(["X-Pushsvc-Timestamp", "X-Pushsvc-Signature", "x"]), st.text())


@settings(max_examples=draws(10_000))
@given(BODIES, HEADERS, st.booleans())
def test_no_callback_makes_it_crash_and_no_forged_one_says_anything(
    body: bytes, headers: dict[str, str], signed: bool
) -> None:
    now = datetime(2026, 6, 24, 1, 30, tzinfo=UTC)
    channel = WebhookChannel(f"webhook+https://{NAME}", key=b"k", clock=lambda: now)
    found, code = [], ""
    try:
        found = channel.receipts(body, signed_headers(b"k", body, now) if signed else headers)
    except ChannelError as exc:
        code = exc.code
    assert code in (("", "bad_receipt") if signed else ("bad_signature",))
    assert all(receipt.key and receipt.status in ("delivered", "bounced") for receipt in found)
