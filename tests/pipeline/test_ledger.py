"""The ledger names every difference, and only differences: what is under way is none."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from channels.sandbox.journal import journal_path
from pushsvc.context import Context
from pushsvc.pipeline import campaigns, ledger, why
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import plan
from pushsvc.store import ledger_fates, tables
from pushsvc.store.ledger import EXAMPLES, Difference, differences, one_moment
from pushsvc.store.ledger_checks import GROUPS
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import send_to
from tests.pipeline.ledger_damages import DAMAGES, DELIVERY, RECEIPT, tried
from tests.pipeline.ledger_scene import make_scene

CODES = [check.code for group in GROUPS for check in group.checks]


def after(ctx: Context, damage: str) -> list[Difference]:
    """What the ledger finds after a damage to the scene; nothing is kept of either."""
    with ctx.engine.connect() as conn:
        make_scene(conn, ctx)
        for statement in filter(None, damage.split(";")):
            conn.execute(text(statement))
        found = differences(conn, ctx.clock())
        conn.rollback()
    return found


def test_a_service_in_mid_work_has_no_differences(ctx: Context) -> None:
    assert after(ctx, "") == []


@pytest.mark.parametrize("code", sorted(DAMAGES))
def test_each_damage_is_named_and_only_it(ctx: Context, code: str) -> None:
    (found,) = after(ctx, DAMAGES[code])
    assert found.code == code
    assert 1 <= len(found.examples) <= found.n <= 2
    assert found.sentence in str(found)


def test_no_check_is_without_its_damage() -> None:
    assert sorted(CODES) == sorted(DAMAGES)
    assert len(set(CODES)) == len(CODES)


def test_five_examples_are_named_of_many(ctx: Context) -> None:
    (found,) = after(
        ctx,
        "insert into selection select 1, id, 'subscribed', 1, null, id - 1 from profile where id = 9;"
        "insert into profile (ref, kind, updated_at) select 'x' || g, 'citizen', now()"
        " from generate_series(1, 8) g;"
        "insert into selection select 1, id, 'subscribed', 1, null, id - 1 from profile where id > 9",
    )
    assert (found.n, len(found.examples)) == (9, EXAMPLES)
    assert str(found).endswith(" …)")


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        ("update campaign set state = 'cancelled' where id = 1", "the end is being carried out"),
        ("update campaign set state = 'cancelled' where id = 1; update delivery set updated_at = '2026-06-01'", "too"),
        ("update campaign set state = 'cancelled', finished_at = '2026-06-24T09:25+08:00' where id = 1", "just ended"),
        ("update slice set state = 'ready' where id = 5", "a slice is claimed for what is left of it"),
        ("update campaign set planned_at = null, planned_rank = 6; delete from refusal", "half planned"),
        ("update attempt set route = '', accepted = 0 where id = 1", "an attempt from before counts were kept"),
        ("update delivery set state = 'planned', slice_id = 2 where id = 5", "a person has it tried again"),
        ("update receipt set matched_at = null, received_at = '2026-06-24T09:20+08:00';"
         "update delivery set state = 'accepted' where id = 1", "it came a moment ago"),
        (f"{RECEIPT} '1', 'key-2', 'bounced', '2026-06-01', null)", "it waits for what is tried again"),
        ("delete from inbox; update profile set erased_at = now() where id = 1", "the person was erased"),
        ("update delivery set state = 'refused', code = 'no_basis' where id = 2;"
         f"{DELIVERY} (1, 2, 2, 6, 1, 'email', 'subscribed', 4, null, 0, 'planned', 'key-8', now(), now(), null)",
         "refused on one channel, planned on the next"),
        ("update attempt set finished_at = null, unknown = 0 where id = 2; update delivery set code = 'lease_lapsed'"
         " where id = 3", "its worker was killed"),
        (f"{tried(5, '1, 0, 0, 0')}; update attempt set finished_at = '2026-06-26' where id = 5",
         "a worker woke after its lease: the member was tried again"),
        ("update run set due_at = '2026-06-23' where id = 3", "digests are being released, some at a time"),
        ("update slice set lease_until = now() - interval '1 minute' where id = 4", "the sweep is about to come"),
    ],
)  # fmt: skip
def test_what_is_under_way_is_no_difference(ctx: Context, damage: str, why: str) -> None:
    assert after(ctx, damage) == [], why


def test_a_receipt_of_an_earlier_attempt_contradicts_nothing(ctx: Context) -> None:
    said = "insert into receipt (provider, raw, checksum, wire_key, status, received_at, matched_at)"
    said += " values ('m', '{}', '1', 'key-1', 'rejected', '2026-06-23', '2026-06-23')"
    assert after(ctx, said) == []


def test_every_code_of_a_refusal_is_known_here_and_to_whoever_asks_why() -> None:
    assert set(ledger_fates.REFUSED) == set(why.REFUSED)


def test_figures_and_states_add_up(ctx: Context, sender: Sender) -> None:
    plan(ctx, send_to(ctx, 3).campaign_id)
    deliver_next(ctx, sender, "normal")
    found = ledger.check(ctx)
    assert (found.states, found.found) == ({"sms": {"accepted": 3}}, ())
    assert (found.expected["sms"], found.accepted["sms"], found.pending["sms"], found.listed["sms"]) == (3, 3, 0, 0)


def test_a_sink_without_the_message_has_lost_it_and_one_with_more_is_unexplained(ctx: Context, sender: Sender) -> None:
    plan(ctx, send_to(ctx, 2).campaign_id)
    deliver_next(ctx, sender, "normal")
    with transaction(ctx.engine) as conn:
        keys = sorted(conn.scalars(text("select wire_key from delivery")))
    found = ledger.check(ctx, {"sms": {keys[0], "stranger"}})
    assert (found.lost, found.unexplained) == (1, 1)
    assert {one.code: one.examples for one in found.found} == {
        "lost": (f"sms {keys[1]}",), "unexplained": ("sms stranger",)
    }  # fmt: skip


def test_what_stands_twice_at_a_sink_is_named_but_not_a_copy_of_the_same_mail(
    ctx: Context, sender: Sender, tmp_path: Path
) -> None:
    plan(ctx, send_to(ctx, 1).campaign_id)
    deliver_next(ctx, sender, "normal")
    with transaction(ctx.engine) as conn:
        key = conn.scalar(text("select wire_key from delivery"))
    twice = {
        "sms": [{"key": key}, {"key": key}],
        "app": [{"key": "push"}, {"key": "push", "repeat": True}],
        "email": [{"key": "copy", "message_id": "1"}] * 2 + [{"key": "other", "message_id": one} for one in "12"],
    }
    for channel, arrivals in twice.items():
        lines = (json.dumps(one) + "\n" for one in arrivals)
        journal_path(tmp_path, channel).write_text("".join(lines))
    assert {channel: sorted(keys) for channel, keys in ledger.sink_keys(tmp_path).items()} == {
        "sms": [key, key], "app": ["push"], "email": ["copy", "other", "other"]
    }  # fmt: skip
    found = ledger.check(ctx, {"sms": ledger.sink_keys(tmp_path)["sms"]}).found
    assert [(one.code, one.n, one.examples) for one in found] == [("sink_duplicates", 1, (f"sms {key}",))]


def test_the_sinks_are_read_after_the_ledger(ctx: Context, sender: Sender) -> None:
    plan(ctx, send_to(ctx, 1).campaign_id)

    def sinks() -> dict[str, set[str]]:
        deliver_next(ctx, sender, "normal")
        with transaction(ctx.engine) as conn:
            return {"sms": set(conn.scalars(text("select wire_key from delivery")))}

    assert ledger.check(ctx, sinks).found == ()


def test_it_sees_one_moment_though_others_write(ctx: Context) -> None:
    with one_moment(ctx.engine) as conn:
        before = conn.scalar(text("select count(*) from campaign"))
        send_to(ctx, 1)
        assert conn.scalar(text("select count(*) from campaign")) == before


def test_a_working_service_gives_no_false_alarm(ctx: Context, sender: Sender, clock: Clock) -> None:
    sent = send_to(ctx, 40)
    stop, alarms = threading.Event(), []

    def look() -> None:
        while not stop.is_set():
            alarms.extend(ledger.check(ctx).found)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        plan(ctx, sent.campaign_id)
        deliver_next(ctx, sender, "normal")
        campaigns.pause(ctx, sent.campaign_id, "李萌")
        clock.forward(minutes=1)
        campaigns.resume(ctx, sent.campaign_id, "李萌")
        campaigns.cancel(ctx, sent.campaign_id, "李萌")
    finally:
        stop.set()
        looking.join()
    assert alarms == []


def test_what_was_never_ended_is_named_after_a_while(ctx: Context, clock: Clock) -> None:
    sent = send_to(ctx, 1)
    plan(ctx, sent.campaign_id)
    with transaction(ctx.engine) as conn:
        conn.execute(text("update campaign set state = 'expired', finished_at = :at"), {"at": clock()})
    assert ledger.check(ctx).found == ()
    clock.forward(minutes=11)
    assert [one.code for one in ledger.check(ctx).found] == ["unsent_after_end"]


def test_an_old_receipt_is_named_and_a_fresh_one_is_not(ctx: Context, clock: Clock) -> None:
    row = {"provider": "m", "raw": {}, "checksum": b"1", "wire_key": "x", "received_at": clock()}
    with transaction(ctx.engine) as conn:
        conn.execute(insert(tables.receipt).values(row))
    assert ledger.check(ctx).found == ()
    clock.forward(seconds=timedelta(hours=2).total_seconds())
    assert [one.code for one in ledger.check(ctx).found] == ["receipt_unmatched"]
