"""Whom a campaign refused as told, though nobody told them after all, it tells: once, whoever dies on the way."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from channels.base import Message, Outcome
from channels.memory import MemoryChannel
from channels.signing import signed_headers
from pushsvc.context import Context, Kept
from pushsvc.keyring import Keyring
from pushsvc.pipeline import campaigns, ledger
from pushsvc.pipeline.advance import advance
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.digest import release_digests
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.receipt import accept, match_receipts
from pushsvc.pipeline.sweep import sweep
from pushsvc.pipeline.untold import take_up_untold
from pushsvc.store import tables, untold
from pushsvc.store.campaigns import ensure_run
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import choose, give, make_campaign, make_person, make_policy, moment, prefer
from tests.registering import ask

Memory = dict[str, MemoryChannel]
MORNING = "2026-06-25T08:31:00+08:00"


def two(ctx: Context, n: int, *cadences: str, app: bool = False, **columns: object) -> list[int]:
    """Two running campaigns of one event for the same people, by the cadences at which each tells them."""
    channels = ("app", "sms") if app else ("sms",)
    with transaction(ctx.engine) as conn:
        people = [make_person(conn, ctx, i, channels=channels, consent=("notify",)) for i in range(1, n + 1)]
        policy = make_policy(conn, ctx)
        made = [make_campaign(conn, ctx, policy, lane="bulk"), make_campaign(conn, ctx, policy, **columns)]
        for campaign_id, cadence in zip(made, cadences or ("immediate",) * 2, strict=True):
            choose(conn, ctx, campaign_id, people)
            mine = tables.subscription.c.ref == f"c{campaign_id}"
            conn.execute(update(tables.subscription).where(mine).values(cadence=cadence))
            key = f"campaign:{campaign_id}"
            ensure_run(conn, key=key, kind="campaign", now=ctx.clock(), campaign_id=campaign_id)
    return made


def refused(ctx: Context, n: int, *cadences: str, **columns: object) -> tuple[int, int]:
    """Both planned: the first is to tell everybody, the second refused them all as told."""
    first, second = two(ctx, n, *cadences, **columns)
    for campaign_id in (first, second):
        plan(ctx, campaign_id)
    assert campaigns.report(ctx, second)["refusals"] == {"told": n}
    return first, second


def send(ctx: Context, sender: Sender, *lanes: str) -> None:
    for lane in lanes or ("normal", "bulk"):
        while deliver_next(ctx, sender, lane):
            pass


def told(ctx: Context, memory: Memory) -> list[int]:
    """How often each was told; the ledger agrees."""
    assert ledger.check(ctx).differences == ()
    return sorted(Counter(message.recipient for message in memory["sms"].sent).values())


def state(ctx: Context, campaign_id: int) -> object:
    return campaigns.report(ctx, campaign_id)["state"]


def test_whom_a_cancelled_campaign_did_not_tell_the_other_tells_once(
    ctx: Context, sender: Sender, memory: Memory
) -> None:
    first, second = refused(ctx, 5)
    assert take_up_untold(ctx) == 0
    campaigns.cancel(ctx, first, "李萌")
    assert sweep(ctx, sender).untold == 5
    assert [sweep(ctx, sender).untold for _ in range(3)] == [0, 0, 0]
    assert campaigns.report(ctx, second)["refusals"] == {}
    send(ctx, sender)
    assert told(ctx, memory) == [1] * 5


def test_whom_it_told_before_it_was_cancelled_nobody_tells_again(ctx: Context, sender: Sender, memory: Memory) -> None:
    small = replace(ctx, settings=replace(ctx.settings, slice_size=2))
    first, second = refused(small, 5)
    deliver_next(small, sender, "bulk")
    campaigns.cancel(small, first, "李萌")
    assert take_up_untold(small) == 3
    send(small, sender)
    assert (told(small, memory), campaigns.report(small, second)["refusals"]) == ([1] * 5, {"told": 2})


def test_what_comes_back_unsent_to_a_cancelled_campaign_is_told_by_the_other(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    first, _ = refused(ctx, 1)
    seen: list[int] = []

    def answer(message: Message) -> Outcome:
        campaigns.cancel(ctx, first, "李萌")
        clock.forward(seconds=1)
        seen.append(take_up_untold(ctx))
        clock.forward(seconds=1)
        return Outcome("deferred", "throttled")

    deliver_next(ctx, replace(sender, channels=memory | {"sms": MemoryChannel("sms", answer=answer)}), "bulk")
    assert (seen, sweep(ctx, sender).untold) == ([0], 1)
    send(ctx, sender)
    assert told(ctx, memory) == [1]


def test_whom_an_expired_campaign_did_not_tell_the_other_tells(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    first, _ = refused(ctx, 3)
    with transaction(ctx.engine) as conn:
        mine = update(tables.campaign).where(tables.campaign.c.id == first)
        conn.execute(mine.values(expires_at=ctx.clock() + timedelta(minutes=1)))
    clock.forward(minutes=2)
    advance(ctx)
    assert (state(ctx, first), take_up_untold(ctx)) == ("expired", 3)
    send(ctx, sender)
    assert told(ctx, memory) == [1] * 3


@pytest.mark.parametrize("second", ["immediate", "daily"])
def test_what_a_cancelled_campaign_had_put_into_digests_the_other_tells(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock, second: str
) -> None:
    first, other = refused(ctx, 3, "daily", second)
    campaigns.cancel(ctx, first, "李萌")
    assert take_up_untold(ctx) == 3
    send(ctx, sender)
    assert len(memory["sms"].sent) == (3 if second == "immediate" else 0)
    clock.now = moment(MORNING)
    release_digests(ctx)
    send(ctx, sender)
    assert told(ctx, memory) == [1] * 3
    assert campaigns.report(ctx, other)["digests"] == (0 if second == "immediate" else 3)


def test_whoever_dies_between_two_pieces_leaves_the_rest_to_the_next(
    ctx: Context, sender: Sender, memory: Memory
) -> None:
    first, _ = refused(ctx, 7)
    campaigns.cancel(ctx, first, "李萌")
    assert take_up_untold(ctx, chunk=2) == 2
    assert [take_up_untold(replace(ctx, kept=Kept()), chunk=n) for n in (1, 3, 3, 3)] == [1, 3, 1, 0]
    send(ctx, sender)
    assert told(ctx, memory) == [1] * 7


def test_whoever_dies_inside_a_piece_leaves_it_as_it_was(
    ctx: Context, sender: Sender, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    class Dying(Keyring):
        def wire_keys(self, *_: object) -> bytes:  # type: ignore[override]  # it gives none
            raise RuntimeError("killed")

    first, second = refused(ctx, 3)
    campaigns.cancel(ctx, first, "李萌")
    dying = Dying(ctx.settings.data_keys, ctx.settings.secret_key)
    assert take_up_untold(replace(ctx, keyring=dying)) == 0
    assert campaigns.report(ctx, second)["refusals"] == {"told": 3}
    assert [record.getMessage().partition(",")[0] for record in caplog.records] == ["taking up whom nobody told"]
    assert take_up_untold(ctx) == 3
    send(ctx, sender)
    assert told(ctx, memory) == [1] * 3


def test_two_sweeps_in_turns_write_to_a_shared_number_once(ctx: Context, sender: Sender, memory: Memory) -> None:
    first, second = two(ctx, 6)
    plan(ctx, first)
    plan(ctx, second)
    with transaction(ctx.engine) as conn:  # since then the six of them have three numbers
        conn.execute(text("update profile_address set address_id = (profile_id + 1) / 2"))
    campaigns.cancel(ctx, first, "李萌")
    both = [replace(ctx, kept=Kept()), replace(ctx, kept=Kept())]
    assert sum(take_up_untold(both[n % 2], chunk=1) for n in range(8)) == 3
    send(ctx, sender)
    assert told(ctx, memory) == [1] * 3
    assert campaigns.report(ctx, second)["refusals"] == {"same_address": 3}


def test_a_paused_campaign_takes_them_up_and_tells_them_when_it_goes_on(
    ctx: Context, sender: Sender, memory: Memory
) -> None:
    first, second = refused(ctx, 2)
    campaigns.pause(ctx, second, "李萌")
    campaigns.cancel(ctx, first, "李萌")
    assert (take_up_untold(ctx), state(ctx, second)) == (2, "paused")
    send(ctx, sender)
    assert memory["sms"].sent == []
    campaigns.resume(ctx, second, "李萌")
    send(ctx, sender)
    assert told(ctx, memory) == [1, 1]


def test_a_finished_campaign_runs_again_and_finishes_again(ctx: Context, sender: Sender, memory: Memory) -> None:
    first, second = refused(ctx, 2)
    advance(ctx, {"normal"})
    assert state(ctx, second) == "finished"
    campaigns.cancel(ctx, first, "李萌")
    assert (take_up_untold(ctx), state(ctx, second)) == (2, "running")
    send(ctx, sender)
    advance(ctx, {"normal"})
    assert (state(ctx, second), told(ctx, memory)) == ("finished", [1, 1])
    assert ask(ctx, "select actor, detail from audit where action = 'campaign.untold'") == [("system", {"messages": 2})]


@pytest.mark.parametrize("end", ["cancelled", "expired"])
def test_a_campaign_that_has_ended_itself_takes_nobody_up(ctx: Context, clock: Clock, end: str) -> None:
    first, second = refused(ctx, 2, expires_at=ctx.clock() + timedelta(hours=1))
    if end == "cancelled":
        campaigns.cancel(ctx, second, "李萌")
    clock.forward(hours=2 if end == "expired" else 0)
    campaigns.cancel(ctx, first, "李萌")
    assert take_up_untold(ctx) == 0
    assert campaigns.report(ctx, second)["refusals"] == {"told": 2}


def test_the_gates_are_asked_anew_and_what_they_say_is_named(ctx: Context) -> None:
    first, second = refused(ctx, 2)
    with transaction(ctx.engine) as conn:
        give(conn, ctx, 1, "notify", given=False)
    campaigns.cancel(ctx, first, "李萌")
    assert take_up_untold(ctx) == 1
    assert campaigns.report(ctx, second)["refusals"] == {"no_basis": 1}
    assert ledger.check(ctx).differences == ()


def stopped(ctx: Context, sender: Sender, n: int) -> tuple[int, int]:
    """The second campaign was planned first; what the first plans stops its messages just before they leave."""
    first, second = two(ctx, n)
    plan(ctx, second)
    plan(ctx, first)
    send(ctx, sender, "normal")
    assert ask(ctx, "select distinct state, code from delivery where code is not null") == [("refused", "told")]
    return first, second


def test_what_was_stopped_just_before_its_attempt_goes_after_all(ctx: Context, sender: Sender, memory: Memory) -> None:
    first, second = stopped(ctx, sender, 3)
    campaigns.cancel(ctx, first, "李萌")
    assert (take_up_untold(ctx, chunk=2), take_up_untold(ctx, chunk=2), take_up_untold(ctx)) == (2, 1, 0)
    send(ctx, sender)
    assert (told(ctx, memory), campaigns.report(ctx, second)["refusals"]) == ([1] * 3, {})


def test_its_second_step_waits_behind_it_again(ctx: Context, sender: Sender, memory: Memory, clock: Clock) -> None:
    first, second = two(ctx, 1, app=True)
    with transaction(ctx.engine) as conn:
        prefer(conn, ctx, 1, escalate=["sms"], escalate_hours=2)
    plan(ctx, second)
    plan(ctx, first)
    send(ctx, sender, "normal")
    clock.forward(hours=5)
    sweep(ctx, sender)
    send(ctx, sender, "normal")
    mine = f"select d.step, d.state from delivery d join run r on r.id = d.run_id where r.campaign_id = {second}"
    assert ask(ctx, f"{mine} order by 1") == [(0, "refused"), (1, "refused")]
    campaigns.cancel(ctx, first, "李萌")
    assert take_up_untold(ctx) == 2
    assert ask(ctx, f"{mine} order by 1") == [(0, "planned"), (1, "waiting")]
    send(ctx, sender)
    assert (len(memory["app"].sent), len(memory["sms"].sent)) == (1, 0)
    clock.forward(hours=4)
    sweep(ctx, sender)
    send(ctx, sender)
    assert (len(memory["app"].sent), len(memory["sms"].sent)) == (1, 1)


def test_what_the_first_campaign_could_not_send_is_told_by_the_other_when_it_has_finished(
    ctx: Context, sender: Sender, memory: Memory
) -> None:
    first, _ = refused(ctx, 2)
    answers = iter([Outcome("rejected", "http_404")])
    broken = MemoryChannel("sms", answer=lambda _: next(answers, Outcome("accepted")))
    send(ctx, replace(sender, channels=memory | {"sms": broken}), "bulk")
    advance(ctx, {"bulk"})
    assert (state(ctx, first), take_up_untold(ctx)) == ("finished", 1)
    send(ctx, sender)
    assert told(ctx, memory) == [1]


def test_what_bounces_long_after_is_told_within_hours(
    ctx: Context, sender: Sender, memory: Memory, clock: Clock
) -> None:
    refused(ctx, 2)
    send(ctx, sender)
    advance(ctx)
    take_up_untold(ctx)
    receipt = {"key": memory["sms"].sent[0].key, "status": "bounced", "code": "mailbox_full"}
    body = json.dumps({"receipts": [receipt]}).encode()
    accept(ctx, memory["sms"], body, signed_headers(b"memory", body, ctx.clock()))
    match_receipts(ctx)
    assert take_up_untold(ctx) == 0
    clock.forward(hours=7)
    assert [take_up_untold(ctx) for _ in range(2)] == [1, 0]
    send(ctx, sender)
    assert told(ctx, memory) == [1, 2]


def test_nobody_is_looked_for_where_no_other_campaign_could_have_told(ctx: Context, clock: Clock) -> None:
    with transaction(ctx.engine) as conn:
        people = [make_person(conn, ctx, 1, consent=("notify",))]
        for ref in ("a", "b"):
            choose(conn, ctx, make_campaign(conn, ctx, make_policy(conn, ctx, ref)), people)
    plan(ctx, 1)
    plan(ctx, 2)
    campaigns.cancel(ctx, 1, "李萌")
    now = clock.forward(days=30)
    with transaction(ctx.engine) as conn:
        assert untold.due(conn, now, again=now, lately=now) == []
