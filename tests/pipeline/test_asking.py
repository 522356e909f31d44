"""A silent vendor is asked what became of its messages: when, how many, and what its silence proves (nothing)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from channels.base import Asked, Outcome, Receipt
from pushsvc.context import Context
from pushsvc.pipeline import asking, ledger
from pushsvc.pipeline.asking import ask_vendor
from pushsvc.pipeline.deliver import Sender
from pushsvc.pipeline.rights import erase
from pushsvc.pipeline.sweep import sweep
from pushsvc.store import asking as store
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.pipeline.blind import Blind, report, send, silent, tell, through
from tests.registering import ask


def states(ctx: Context) -> list[str]:
    return [state for (state,) in ask(ctx, "select state from delivery order by id")]


def delivered(one: Asked) -> Receipt:
    """The vendor names a message as it knows it."""
    return Receipt("", "delivered", "DELIVERED", {"PhoneNum": one.to}, batch=one.batch, to=one.to)


def after_expiry(ctx: Context, clock: Clock, **wait: float) -> None:
    """The clock stands so long after the last attempt expired."""
    ((moment,),) = ask(ctx, "select max(expires_at) from attempt")
    clock.now = moment + timedelta(**wait)


def test_it_is_asked_after_twenty_minutes_six_hours_and_a_day(ctx: Context, sender: Sender, clock: Clock) -> None:
    ali = Blind(clock)
    out = through(sender, ali=ali)
    send(ctx, out)
    seen = []
    for minutes in (19, 20, 21, 359, 360, 1439, 1440, 1441, 3000):
        after_expiry(ctx, clock, minutes=minutes)
        sweep(ctx, out)
        seen.append((minutes, len(ali.asked)))
    assert seen == [(19, 0), (20, 1), (21, 1), (359, 1), (360, 2), (1439, 2), (1440, 3), (1441, 3), (3000, 3)]
    assert states(ctx) == ["accepted"]
    sent = ali.sent[0]
    (asked,) = ali.asked[0]
    assert (asked.key, asked.to, asked.batch) == (sent.key, sent.to, ali.batches[0].key)
    assert asked.sent_at.isoformat() == ask(ctx, "select started_at from attempt")[0][0].isoformat()
    assert asked.provider_id == f"memory-{sent.key}"


def test_its_answers_are_receipts_and_only_the_silent_are_asked_about(
    ctx: Context, sender: Sender, clock: Clock
) -> None:
    ali = Blind(clock, delivered)
    out = through(sender, ali=ali)
    send(ctx, out, 3)
    tell(ctx, ali, report(ali, 1))
    after_expiry(ctx, clock, minutes=20)
    assert sweep(ctx, out).asked == 2
    assert [one.to for one in ali.asked[0]] == [ali.sent[0].to, ali.sent[2].to]
    assert states(ctx) == ["delivered"] * 3
    assert ask(ctx, "select distinct route from receipt") == [("ali",)]
    assert ali.sent[0].to not in str(ask(ctx, "select raw from receipt"))
    assert ledger.check(ctx).found == ()
    clock.forward(hours=24)
    assert sweep(ctx, out).asked == 0
    assert len(ali.asked) == 1


def test_who_slept_through_a_step_asks_once(ctx: Context, sender: Sender, clock: Clock) -> None:
    ali = Blind(clock)
    out = through(sender, ali=ali)
    send(ctx, out)
    after_expiry(ctx, clock, hours=30)
    for _ in range(3):
        ask_vendor(ctx, out, "ali")
    assert len(ali.asked) == 1


def test_what_is_a_week_old_is_let_be(ctx: Context, sender: Sender, clock: Clock) -> None:
    ali = Blind(clock)
    out = through(sender, ali=ali)
    send(ctx, out)
    after_expiry(ctx, clock, days=7)
    ask_vendor(ctx, out, "ali")
    assert ali.asked == []


@pytest.mark.parametrize("most", [1, 2, 3, 4, 5, 7])
def test_a_round_asks_about_so_many_and_the_next_goes_on(
    ctx: Context, sender: Sender, clock: Clock, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(asking, "MOST", most)
    ali = Blind(clock, batch_size=3)
    out = through(sender, ali=ali)
    send(ctx, out, 5)
    after_expiry(ctx, clock, minutes=20)
    for _ in range(6):
        ask_vendor(ctx, out, "ali")
    keys = [one.key for call in ali.asked for one in call]
    assert keys == [message.key for message in ali.sent]
    assert max(map(len, ali.asked)) == min(most, 5)


def test_what_is_unknown_is_asked_about_sooner_and_then_ever_more_seldom(
    ctx: Context, sender: Sender, clock: Clock
) -> None:
    lost = Blind(clock, answer=silent)
    out = through(sender, ali=lost)
    send(ctx, out)
    after_expiry(ctx, clock)
    rounds = []
    for minute in range(260):
        before = len(lost.asked)
        sweep(ctx, out)
        if len(lost.asked) > before:
            rounds.append(minute)
        clock.forward(minutes=1)
    assert rounds == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    assert states(ctx) == ["unknown"]
    assert ledger.check(ctx).listed["sms"] == 1


def test_what_it_knows_settles_the_unknown(ctx: Context, sender: Sender, clock: Clock) -> None:
    lost = Blind(clock, lambda one: Receipt(one.key, "rejected", "isv.MOBILE_NUMBER_ILLEGAL", {}), answer=silent)
    out = through(sender, ali=lost)
    send(ctx, out)
    after_expiry(ctx, clock, minutes=1)
    sweep(ctx, out)
    assert (states(ctx), ledger.check(ctx).found) == (["rejected"], ())


def test_the_absence_of_a_key_proves_nothing_at_a_vendor_that_never_saw_it(
    ctx: Context, sender: Sender, clock: Clock
) -> None:
    lost = Blind(clock, answer=silent)  # its `query` would say "absent"
    out = through(sender, ali=lost)
    send(ctx, out)
    for _ in range(4):
        clock.forward(hours=12)
        sweep(ctx, out)
    assert (states(ctx), len(lost.batches)) == (["unknown"], 1)


def test_a_route_whose_vendor_cannot_be_asked_so_is_not(ctx: Context, sender: Sender, clock: Clock) -> None:
    send(ctx, sender)
    after_expiry(ctx, clock, hours=30)
    assert sweep(ctx, sender).asked == 0
    assert ask(ctx, "select asked from attempt") == [(0,)]


def test_nobody_asks_about_what_another_route_sent(ctx: Context, sender: Sender, clock: Clock) -> None:
    ali, ten = Blind(clock), Blind(clock)
    out = through(sender, ali=ali, ten=ten)
    send(ctx, out)
    after_expiry(ctx, clock, minutes=20)
    sweep(ctx, out)
    assert (len(ali.asked), len(ten.asked)) == (1, 0)


def test_no_transaction_is_open_and_no_other_asks_meanwhile(ctx: Context, sender: Sender, clock: Clock) -> None:
    seen: list[tuple[object, int]] = []

    def look(one: Asked) -> Receipt:
        with transaction(ctx.engine) as conn:  # both would wait for locks that a transaction held
            conn.execute(text("set local lock_timeout = '1s'"))
            conn.execute(text("update attempt set asked = asked"))
            conn.execute(text("update delivery set state = state"))
            open_ = conn.scalar(
                text(
                    "select count(*) from pg_stat_activity where state like 'idle in%' and datname = current_database()"
                )
            )
        turn = store.Turn()
        with transaction(ctx.engine) as conn:
            turn = store.claim(conn, "ali", clock(), limit=10)
        seen.append((open_, len(turn.members)))
        return delivered(one)

    ali = Blind(clock, look)
    out = through(sender, ali=ali)
    send(ctx, out)
    after_expiry(ctx, clock, minutes=20)
    assert ask_vendor(ctx, out, "ali") == 1
    assert seen == [(0, 0)]


def test_who_dies_while_asking_is_followed_by_another_after_ten_minutes(
    ctx: Context, sender: Sender, clock: Clock
) -> None:
    class Dies(Blind):
        async def ask(self, members: object) -> list[Receipt]:
            raise KeyboardInterrupt

    dying = through(sender, ali=Dies(clock))
    send(ctx, dying)
    after_expiry(ctx, clock, minutes=20)
    with pytest.raises(KeyboardInterrupt):
        ask_vendor(ctx, replace(dying, run=_driven), "ali")
    ali = Blind(clock)
    found = []
    for minutes in (25, 29, 30):
        after_expiry(ctx, clock, minutes=minutes)
        ask_vendor(ctx, through(sender, ali=ali), "ali")
        found.append(len(ali.asked))
    assert found == [0, 0, 1]


def _driven(step: Any) -> object:
    """Runs a coroutine that waits for nothing."""
    return step.send(None)


def test_nobody_is_asked_about_who_was_erased(ctx: Context, sender: Sender, clock: Clock) -> None:
    ali = Blind(clock)
    out = through(sender, ali=ali)
    sent = send(ctx, out, 2)
    erase(ctx, sent.people[0], actor="person")
    after_expiry(ctx, clock, minutes=20)
    ask_vendor(ctx, out, "ali")
    assert [one.to for one in ali.asked[0]] == [ali.sent[1].to]


def test_an_address_that_no_key_opens_holds_up_no_other(ctx: Context, sender: Sender, clock: Clock) -> None:
    ali = Blind(clock)
    out = through(sender, ali=ali)
    send(ctx, out, 2)
    with transaction(ctx.engine) as conn:
        conn.execute(text("update address set cipher = 'spoilt' where id = 1"))
    after_expiry(ctx, clock, minutes=20)
    ask_vendor(ctx, out, "ali")
    assert [one.to for one in ali.asked[0]] == [ali.sent[1].to]


def test_a_deferred_message_is_not_asked_about(ctx: Context, sender: Sender, clock: Clock) -> None:
    ali = Blind(clock, answer=lambda message: Outcome("deferred", "isv.BUSINESS_LIMIT_CONTROL"))
    out = through(sender, ali=ali)
    send(ctx, out)
    after_expiry(ctx, clock, minutes=20)
    ask_vendor(ctx, out, "ali")
    assert ali.asked == []
