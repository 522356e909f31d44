"""Soft bounces: three messages in a row end an address; one that arrives starts the count anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from channels.memory import MemoryChannel
from channels.reasons import REASONS
from pushsvc.context import Context
from pushsvc.pipeline import ledger
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.receipt import match_receipts
from pushsvc.pipeline.soft_bounces import MOST, PASSING, WITHIN, is_soft, worn_out
from pushsvc.store.receipts import store_receipts
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import choose, make_campaign, make_policy, send_to
from tests.registering import ask

NOW = datetime(2026, 6, 24, tzinfo=UTC)
DAYS = st.integers(0, 40)


def suppressed(ctx: Context) -> list[str]:
    return [reason for (reason,) in ask(ctx, "select reason from suppression")]


def message(ctx: Context, sender: Sender, people: Sequence[int], ref: str) -> int:
    """One more message to the same people; its delivery."""
    with transaction(ctx.engine) as conn:
        campaign = make_campaign(conn, ctx, make_policy(conn, ctx, ref))
        choose(conn, ctx, campaign, people)
    plan(ctx, campaign)
    while deliver_next(ctx, sender, "normal"):
        pass
    return int(ask(ctx, "select max(id) from delivery")[0][0])


def hear(ctx: Context, delivery: int, status: str, code: str = "", *, soft: bool = True) -> None:
    """A receipt about one delivery, matched."""
    ((key,),) = ask(ctx, "select wire_key from delivery where id = :id", id=delivery)
    row = {"wire_key": key, "status": status, "code": code, "raw": {}, "soft": soft and status == "bounced"}
    with transaction(ctx.engine) as conn:
        store_receipts(conn, "smtp", [row], ctx.clock())
    match_receipts(ctx)


@pytest.fixture
def people(ctx: Context) -> list[int]:
    return send_to(ctx, 1, channels=("email",), ref="none").people


def run(ctx: Context, sender: Sender, clock: Clock, people: Sequence[int], said: str, gap: timedelta) -> None:
    """One message for each letter, `gap` apart: b bounces softly, d arrives, h bounces hard, - is silent."""
    words = {"b": ("bounced", "452 4.2.2", True), "d": ("delivered", "", False), "h": ("bounced", "550 5.1.1", False)}
    for place, letter in enumerate(said):
        clock.forward(seconds=gap.total_seconds())
        delivery = message(ctx, sender, people, f"p{place}")
        if letter in words:
            status, code, soft = words[letter]
            hear(ctx, delivery, status, code, soft=soft)


@pytest.mark.parametrize(
    ("said", "gap", "reasons"),
    [
        ("bb", timedelta(days=1), []),
        ("bbb", timedelta(days=1), ["soft_bounces"]),
        ("bbdbb", timedelta(days=1), []),
        ("bbdbbb", timedelta(days=1), ["soft_bounces"]),
        ("h", timedelta(days=1), ["bounce"]),
        ("bbb", timedelta(days=16), []),  # the first was more than 30 days ago
        ("bb-b", timedelta(days=1), ["soft_bounces"]),  # what was accepted yesterday may still come back
        ("bb-b", timedelta(days=6), []),  # what was accepted six days ago has arrived
    ],
)
def test_an_address_is_worn_out_by_three_in_a_row(
    ctx: Context, sender: Sender, clock: Clock, people: list[int], said: str, gap: timedelta, reasons: list[str]
) -> None:
    run(ctx, sender, clock, people, said, gap)
    assert suppressed(ctx) == reasons
    assert ledger.check(ctx).found == ()


def test_one_message_counts_once_however_often_it_is_told(
    ctx: Context, sender: Sender, clock: Clock, people: list[int]
) -> None:
    delivery = message(ctx, sender, people, "p")
    for code in ("452 4.2.2", "451 4.4.1", "452 4.3.1", "450 4.2.0"):
        clock.forward(minutes=5)
        hear(ctx, delivery, "bounced", code)
    assert (suppressed(ctx), ask(ctx, "select count(*) from soft_bounce")) == ([], [(1,)])


def test_its_own_word_that_it_may_pass_goes_before_the_code(ctx: Context, sender: Sender, people: list[int]) -> None:
    hear(ctx, message(ctx, sender, people, "p"), "bounced", "550 5.1.1", soft=True)
    assert suppressed(ctx) == []


def test_whoever_is_worn_out_is_not_written_to_again(
    ctx: Context, sender: Sender, memory: dict[str, MemoryChannel], clock: Clock, people: list[int]
) -> None:
    run(ctx, sender, clock, people, "bbb", timedelta(days=1))
    before = len(memory["email"].sent)
    with transaction(ctx.engine) as conn:
        campaign = make_campaign(conn, ctx, make_policy(conn, ctx, "after"))
        choose(conn, ctx, campaign, people)
    plan(ctx, campaign)
    assert ask(ctx, "select code from refusal") == [("suppressed",)]
    assert len(memory["email"].sent) == before


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.text("bd-", min_size=3, max_size=7))
def test_by_receipts_it_is_three_in_a_row(
    ctx: Context, sender: Sender, clock: Clock, people: list[int], said: str
) -> None:
    with transaction(ctx.engine) as conn:
        conn.execute(text("truncate soft_bounce, suppression, receipt, delivery, refusal, attempt, slice cascade"))
        conn.execute(text("truncate run, selection, campaign, policy cascade"))
    run(ctx, sender, clock, people, said, timedelta(hours=1))
    told = said.replace("-", "")
    end = next((n for n in range(len(told)) if told[: n + 1].endswith("bbb")), None)
    assert suppressed(ctx) == ([] if end is None else ["soft_bounces"])


@given(st.lists(DAYS, max_size=6), st.none() | DAYS)
def test_the_rule_counts_what_is_young_and_after_the_last_that_arrived(ago: list[int], arrived: int | None) -> None:
    moment = None if arrived is None else NOW - timedelta(days=arrived)
    found = worn_out([NOW - timedelta(days=n) for n in ago], moment, NOW)
    young = [n for n in ago if n < WITHIN.days and (arrived is None or n < arrived)]
    assert found == (len(young) >= MOST)


@pytest.mark.parametrize(
    ("provider", "status", "code", "soft"),
    [
        ("smtp", "bounced", "552 5.2.2", True),
        ("smtp", "bounced", "550 5.1.1", False),
        ("cmpp", "bounced", "UNDELIV", True),
        ("cmpp", "bounced", "MA:0001", True),
        ("cmpp", "bounced", "REJECTD", False),
        ("aliyun_sms", "bounced", "SP:0001", True),
        ("aliyun_sms", "rejected", "SP:0001", False),
        ("aliyun_sms", "rejected", "isv.SMS_CONTENT_ILLEGAL", False),
        ("smtp", "delivered", "452 4.2.2", False),
        ("smtp", "complained", "", False),
    ],
)
def test_what_counts(provider: str, status: str, code: str, soft: bool) -> None:
    assert is_soft(provider, status, code, False) == soft


def test_every_class_that_may_pass_is_a_class_and_ends_nothing_by_itself() -> None:
    assert not any(REASONS[name].suppress for name in PASSING)
