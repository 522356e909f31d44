"""Providers in people's hands: refused with a code, written once, audited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from pushsvc.context import Context
from pushsvc.pipeline import providers
from pushsvc.pipeline.routing import ProviderError, Routes
from pushsvc.store import audit
from pushsvc.store.providers import Decision, decide, decisions
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.pipeline.test_routing import two

__all__ = ["two"]


def seen(ctx: Context, name: str) -> providers.Seen:
    """One provider as people see it."""
    return next(one for one in providers.list_providers(ctx) if one.name == name)


def test_a_provider_nobody_touched_is_on_with_its_share(two: Context) -> None:
    main = seen(two, "main")
    assert (main.channel, main.state, main.weight, main.share, main.unknown) == ("sms", "on", 80.0, 0.8, 0)


def test_a_paused_provider_has_no_share_and_says_why(two: Context) -> None:
    providers.pause(two, "main", by="李萌", reason="合同到期")
    assert (seen(two, "main").state, seen(two, "main").share, seen(two, "main").reason) == ("paused", 0.0, "合同到期")
    assert seen(two, "reserve").share == 1.0


def test_a_weight_changes_the_share_and_goes_back_to_the_settings(two: Context) -> None:
    providers.weigh(two, "main", 20, by="李萌")
    assert seen(two, "main").share == 0.5
    providers.pause(two, "main", by="李萌", reason="合同到期")
    providers.resume(two, "main", by="李萌")
    assert seen(two, "main").weight == 20
    providers.weigh(two, "main", None, by="李萌")
    assert seen(two, "main").share == 0.8


def test_a_new_weight_leaves_a_paused_provider_paused(two: Context) -> None:
    providers.pause(two, "main", by="李萌", reason="合同到期")
    providers.weigh(two, "main", 5, by="王强")
    assert (seen(two, "main").state, seen(two, "main").weight) == ("paused", 5)


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda ctx: providers.pause(ctx, "pigeon", by="李萌", reason="x"), "unknown_provider"),
        (lambda ctx: providers.resume(ctx, "pigeon", by="李萌"), "unknown_provider"),
        (lambda ctx: providers.weigh(ctx, "pigeon", 1, by="李萌"), "unknown_provider"),
        (lambda ctx: providers.pause(ctx, "main", by="李萌", reason=" "), "no_reason"),
        (lambda ctx: providers.pause(ctx, "main", by="李萌", reason="x" * 501), "no_reason"),
        (lambda ctx: providers.weigh(ctx, "main", -1, by="李萌"), "bad_weight"),
        (lambda ctx: providers.weigh(ctx, "main", float("nan"), by="李萌"), "bad_weight"),
        (lambda ctx: providers.weigh(ctx, "app", 0, by="李萌"), "no_weight"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(two: Context, act: Callable[[Context], None], code: str) -> None:
    with pytest.raises(ProviderError) as caught:
        act(two)
    assert caught.value.code == code
    with transaction(two.engine) as conn:
        assert (decisions(conn), audit.recent(conn)) == ({}, [])


def test_of_two_who_decide_at_once_one_wins(two: Context, clock: Clock) -> None:
    new = Decision("main", "sms", "paused", None, "合同到期", "李萌", clock(), None)
    with transaction(two.engine) as conn:
        assert decide(conn, None, new)
        assert not decide(conn, None, replace(new, state="on"))
        assert not decide(conn, replace(new, changed_by="王强"), replace(new, state="on"))
        assert decide(conn, new, replace(new, state="on"))
        assert decisions(conn)["main"].state == "on"


def test_who_resumes_what_the_breaker_opened_gets_the_whole_share_at_once(two: Context, clock: Clock) -> None:
    opened = Decision("main", "sms", "open", None, "down", "breaker", clock(), clock())
    with transaction(two.engine) as conn:
        decide(conn, None, opened)
    assert seen(two, "main").state == "half_open"
    providers.resume(two, "main", by="李萌")
    assert seen(two, "main").share == 0.8
    assert Routes(two, two.settings.offers()).pick("sms", 1) in ("main", "reserve")
