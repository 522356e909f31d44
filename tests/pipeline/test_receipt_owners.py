"""Receipts of vendors that never saw our keys find their message, by the route that sent it, and nobody else's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text

from channels.base import Outcome
from pushsvc.context import Context
from pushsvc.pipeline import ledger
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.digest import release_digests
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.receipt import accept, match_receipts
from pushsvc.pipeline.rights import erase
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import choose, make_campaign, make_person, make_policy, prefer
from tests.pipeline.blind import TOKEN, Blind, report, send, silent, tell, through
from tests.registering import ask


def states(ctx: Context) -> list[str]:
    return [state for (state,) in ask(ctx, "select state from delivery order by id")]


@pytest.fixture
def ali(clock: Clock) -> Blind:
    return Blind(clock)


def test_an_attempt_and_a_number_name_one_message(ctx: Context, sender: Sender, ali: Blind) -> None:
    send(ctx, through(sender, ali=ali), 3)
    assert tell(ctx, ali, report(ali, 1), report(ali, 2, "bounced")) == 2
    assert states(ctx) == ["accepted", "delivered", "bounced"]
    assert ledger.check(ctx).found == ()


def test_the_number_is_kept_as_a_keyed_hash_only(ctx: Context, sender: Sender, ali: Blind) -> None:
    send(ctx, through(sender, ali=ali))
    number = ali.sent[0].to
    row = report(ali, raw={"phone_number": number, "report": f"86{number} ok", "whole": int(number)}, code=number)
    tell(ctx, ali, row)
    ((raw, code, lookup),) = ask(ctx, "select raw, code, lookup from receipt")
    assert number not in f"{raw} {code}"
    assert bytes(lookup) == ctx.keyring.lookup("sms", number)
    assert set(raw) == {"phone_number", "report", "whole"}


def test_a_vendors_own_id_with_the_number_names_the_message(ctx: Context, sender: Sender, ali: Blind) -> None:
    send(ctx, through(sender, ali=ali), 2)
    first, second = ali.sent
    mine = {"provider_id": f"memory-{first.key}", "status": "delivered"}
    tell(ctx, ali, {**mine, "to": second.to})
    assert states(ctx) == ["accepted", "accepted"]
    tell(ctx, ali, {**mine, "to": first.to})
    assert states(ctx) == ["delivered", "accepted"]


@pytest.mark.parametrize("first", [0, 1])
def test_receipts_come_twice_in_any_order_and_in_batches(ctx: Context, sender: Sender, ali: Blind, first: int) -> None:
    send(ctx, through(sender, ali=ali), 2)
    rows = [report(ali, 0), report(ali, 1), report(ali, 1, "bounced")]
    tell(ctx, ali, *rows[first:], *rows[:first])
    assert tell(ctx, ali, *rows) == 0
    assert states(ctx) == ["delivered", "bounced"]


def test_one_that_overtakes_our_own_commit_waits_for_it(ctx: Context, sender: Sender, ali: Blind, clock: Clock) -> None:
    early: list[int] = []

    def said(_: object) -> Outcome:
        early.append(tell(ctx, ali, report(ali)))
        return Outcome("accepted")

    ali._answer = said
    send(ctx, through(sender, ali=ali))
    assert (early, states(ctx)) == ([1], ["accepted"])
    match_receipts(ctx)
    assert states(ctx) == ["delivered"]


def test_what_names_no_attempt_of_ours_waits_a_week_and_proves_nothing(
    ctx: Context, sender: Sender, ali: Blind, clock: Clock
) -> None:
    send(ctx, through(sender, ali=ali))
    tell(ctx, ali, report(ali) | {"batch": "nobody's"}, report(ali) | {"to": "13900000000"})
    for hours, waiting in ((6 * 24, 2), (2 * 24, 0)):
        clock.forward(hours=hours)
        match_receipts(ctx)
        assert ask(ctx, "select count(*) from receipt where matched_at is null") == [(waiting,)]
    assert states(ctx) == ["accepted"]
    assert ledger.check(ctx).found == ()


def test_a_person_who_was_erased_meanwhile_still_has_a_fate(ctx: Context, sender: Sender, ali: Blind) -> None:
    sent = send(ctx, through(sender, ali=ali))
    erase(ctx, sent.people[0], actor="person")
    tell(ctx, ali, report(ali))
    assert states(ctx) == ["delivered"]


@pytest.mark.parametrize("name", ["batch", "key", "provider_id"])
def test_another_providers_word_changes_nothing(
    ctx: Context, sender: Sender, ali: Blind, clock: Clock, name: str
) -> None:
    ten = Blind(clock)
    send(ctx, through(sender, ali=ali, ten=ten))
    sent, row = ali.sent[0], {"to": ali.sent[0].to, "status": "complained"}
    row[name] = {"batch": ali.batches[0].key, "key": sent.key, "provider_id": f"memory-{sent.key}"}[name]
    assert tell(ctx, ten, row, route="ten") == 1
    assert states(ctx) == ["accepted"]
    clock.forward(days=8)
    match_receipts(ctx)
    assert (states(ctx), ask(ctx, "select count(*) from suppression")) == (["accepted"], [(0,)])
    assert ledger.check(ctx).found == ()
    tell(ctx, ali, row | {"status": "delivered"})
    assert states(ctx) == ["delivered"]


def test_the_same_words_of_another_provider_do_not_hide_the_right_ones(
    ctx: Context, sender: Sender, ali: Blind, clock: Clock
) -> None:
    send(ctx, through(sender, ali=ali, ten=Blind(clock)))
    assert tell(ctx, ali, report(ali), route="ten") == 1
    assert tell(ctx, ali, report(ali), route="ali") == 1
    assert states(ctx) == ["delivered"]


def test_what_was_put_back_on_a_guess_is_proven_by_the_route_that_had_it_first(
    ctx: Context, sender: Sender, ali: Blind, clock: Clock
) -> None:
    send(ctx, through(sender, ali=ali, ten=Blind(clock)))
    key = ali.sent[0].key
    with transaction(ctx.engine) as conn:  # as a repeat through `reserve` left it
        conn.execute(text("update delivery set doubtful = true, state = 'unknown'"))
        conn.execute(
            text(
                "insert into attempt (slice_id, provider, route, batch_key, members, started_at, expires_at)"
                " select slice_id, provider, 'reserve', 'again', 1, started_at, expires_at from attempt"
            )
        )
        conn.execute(text("update delivery set attempt_id = 2"))
    tell(ctx, ali, {"key": key, "status": "delivered"}, route="ten")
    assert states(ctx) == ["unknown"]
    tell(ctx, ali, {"key": key, "status": "delivered"}, route="ali")
    assert states(ctx) == ["delivered"]


def test_an_unknown_message_is_settled_by_a_receipt(ctx: Context, sender: Sender, clock: Clock) -> None:
    lost = Blind(clock, answer=silent)
    send(ctx, through(sender, ali=lost))
    assert states(ctx) == ["unknown"]
    tell(ctx, lost, report(lost))
    assert states(ctx) == ["delivered"]
    assert ledger.check(ctx).found == ()


def test_a_message_rejected_by_a_receipt_leaves_the_ledger_whole(ctx: Context, sender: Sender, clock: Clock) -> None:
    lost = Blind(clock, answer=silent)
    send(ctx, through(sender, ali=lost))
    tell(ctx, lost, report(lost, status="rejected", code="isv.SMS_CONTENT_ILLEGAL"))
    assert (states(ctx), ledger.check(ctx).found) == (["rejected"], ())


@pytest.mark.parametrize(
    "row",
    [
        {"batch": "a\0b"},
        {"to": "\ud800"},
        {"to": "1" * 400},
        {"batch": "b" * 201},
        {"status": "read"},
        {"batch": "", "to": ""},
        {"batch": ""},
        {"to": ""},
    ],
)
def test_a_receipt_that_cannot_be_kept_costs_no_other(
    ctx: Context, sender: Sender, ali: Blind, row: dict[str, Any]
) -> None:
    send(ctx, through(sender, ali=ali), 2)
    body = json.dumps([report(ali, 0) | row, report(ali, 1)]).encode()
    assert accept(ctx, ali, body, {"X-Pushsvc-Token": TOKEN}, route="ali") == 1
    match_receipts(ctx)
    assert states(ctx) == ["accepted", "delivered"]


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("route", "update receipt set route = 'ten'"),
        ("batch", "update receipt set batch_key = 'another'"),
        ("number", "update receipt set lookup = 'x'"),
        ("key", "update receipt set wire_key = null"),
    ],
)
def test_the_ledger_names_a_receipt_that_was_given_to_another_message(
    ctx: Context, sender: Sender, ali: Blind, name: str, damage: str
) -> None:
    send(ctx, through(sender, ali=ali))
    tell(ctx, ali, report(ali))
    assert ledger.check(ctx).found == ()
    with transaction(ctx.engine) as conn:
        conn.execute(text(damage))
    expected = {"receipt_of_nothing", "unproven"} if name == "key" else {"receipt_misgiven"}
    assert {one.code for one in ledger.check(ctx).found} == expected


def digests_to_one_number(ctx: Context, sender: Sender, clock: Clock) -> None:
    """Two people with one telephone have a digest each; all is sent that is due."""
    with transaction(ctx.engine) as conn:
        people = [make_person(conn, ctx, n, consent=("notify", "recommend")) for n in (1, 2)]
        conn.execute(text("update profile_address set address_id = 1"))
        campaigns = [make_campaign(conn, ctx, make_policy(conn, ctx, f"policy-{person}")) for person in people]
        for person, campaign in zip(people, campaigns, strict=True):
            prefer(conn, ctx, person, cadence="daily")
            choose(conn, ctx, campaign, [person])
    for campaign in campaigns:
        plan(ctx, campaign)
    clock.forward(days=1)
    release_digests(ctx)
    while deliver_next(ctx, sender, "bulk"):
        pass


@pytest.mark.parametrize("lost", [0, 1])
def test_of_two_messages_to_one_number_the_one_that_arrived_proves_nothing_of_the_other(
    ctx: Context, sender: Sender, clock: Clock, lost: int
) -> None:
    answers = [Outcome("accepted"), Outcome("accepted")]
    answers[lost] = Outcome("unknown", "read_timeout")
    left = iter(answers)
    ali = Blind(clock, answer=lambda _: next(left))
    digests_to_one_number(ctx, through(sender, ali=ali), clock)
    ((batch_key,),) = ask(
        ctx, "select a.batch_key from attempt a join delivery d on d.attempt_id = a.id where d.state = 'accepted'"
    )
    tell(ctx, ali, {"batch": batch_key, "to": ali.sent[0].to, "status": "delivered"})
    expected = ["delivered", "delivered"]
    expected[lost] = "unknown"
    assert states(ctx) == expected
    assert ledger.check(ctx).found == ()
