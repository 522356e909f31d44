"""Retry these only: what was refused for a passing cause goes again, by a person's word; all else stays as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, text, update

from channels.base import Outcome
from channels.memory import MemoryChannel
from channels.reasons import REASONS
from pushsvc.context import Context
from pushsvc.pipeline import campaigns, ledger
from pushsvc.pipeline.advance import advance
from pushsvc.pipeline.campaigns import CampaignError
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.retry_these import AGAIN, Wanted, kind_of, put_back, rejected, retry_these
from pushsvc.store import again, ending, tables
from pushsvc.store.audit import recent
from pushsvc.store.session import transaction
from pushsvc.store.states import TOLD
from tests.clock import Clock
from tests.making import Sent, give, send_to

CODES = ("gave_up:busy", "http_404", "bad_address", "refused", "UNDELIV", "no_such_code")


def turned_down(ctx: Context, sender: Sender, codes: tuple[str, ...] = CODES) -> Sent:
    """A finished campaign whose messages were rejected, each with one of the codes."""
    sent = send_to(ctx, len(codes))
    plan(ctx, sent.campaign_id)
    code_of = dict(zip(sent.people, codes, strict=True))
    gateway = MemoryChannel("sms", answer=lambda m: Outcome("rejected", code_of[m.recipient]))
    deliver_next(ctx, replace(sender, channels={"sms": gateway}), "normal")
    with transaction(ctx.engine) as conn:
        conn.execute(text("delete from suppression"))
    advance(ctx)
    advance(ctx)
    return sent


def states(ctx: Context) -> list[str]:
    with transaction(ctx.engine) as conn:
        return list(conn.scalars(text("select state from delivery order by id")))


def go_on(ctx: Context, sender: Sender) -> None:
    while deliver_next(ctx, sender, "normal"):
        pass


def code_of(error: pytest.ExceptionInfo[CampaignError]) -> str:
    return error.value.code


def test_it_lists_what_was_rejected_and_what_may_go_again(ctx: Context, sender: Sender) -> None:
    found = rejected(ctx, turned_down(ctx, sender).campaign_id)
    assert {one.code: (one.kind, one.n, one.may) for one in found} == {
        "gave_up:busy": ("transient", 1, True),
        "http_404": ("permanent_config", 1, True),
        "bad_address": ("permanent_recipient", 1, False),
        "refused": ("permanent_content_or_policy", 1, False),
        "UNDELIV": ("failed_unknown", 1, False),
        "no_such_code": ("", 1, False),
    }


@pytest.mark.parametrize(
    ("wanted", "place"),
    [(Wanted(code="busy"), 0), (Wanted(code="gave_up:busy"), 0), (Wanted(kind="permanent_config"), 1)],
)
def test_those_go_again_and_no_others(ctx: Context, sender: Sender, wanted: Wanted, place: int) -> None:
    sent = turned_down(ctx, sender)
    assert retry_these(ctx, sent.campaign_id, wanted, actor="周岚") == 1
    assert [n for n, state in enumerate(states(ctx)) if state == "planned"] == [place]
    go_on(ctx, sender)
    assert (states(ctx)[place], states(ctx).count("rejected")) == ("accepted", len(CODES) - 1)
    assert ledger.check(ctx).found == ()


def test_the_same_row_and_key_go_again(ctx: Context, sender: Sender) -> None:
    sent = turned_down(ctx, sender, ("gave_up:busy",))
    with transaction(ctx.engine) as conn:
        before = conn.execute(text("select id, wire_key from delivery")).all()
    retry_these(ctx, sent.campaign_id, Wanted("busy"), actor="周岚")
    with transaction(ctx.engine) as conn:
        assert conn.execute(text("select id, wire_key from delivery")).all() == before
        assert conn.execute(text("select attempts from delivery")).scalar_one() == 0


def test_a_finished_campaign_runs_again_and_finishes_again(ctx: Context, sender: Sender) -> None:
    sent = turned_down(ctx, sender, ("gave_up:busy",))
    assert campaigns.report(ctx, sent.campaign_id)["state"] == "finished"
    retry_these(ctx, sent.campaign_id, Wanted("busy"), actor="周岚")
    assert campaigns.report(ctx, sent.campaign_id)["state"] == "running"
    go_on(ctx, sender)
    advance(ctx)
    assert campaigns.report(ctx, sent.campaign_id)["state"] == "finished"


def test_a_second_click_does_nothing(ctx: Context, sender: Sender) -> None:
    sent = turned_down(ctx, sender)
    assert [retry_these(ctx, sent.campaign_id, Wanted("busy"), actor="周岚") for _ in range(3)] == [1, 0, 0]
    with transaction(ctx.engine) as conn:
        entries = [row for row in recent(conn) if row["action"] == "campaign.retry"]
    assert [(row["actor"], row["detail"]) for row in entries] == [
        ("周岚", {"code": "busy", "class": None, "deliveries": 1})
    ]


def test_of_two_who_click_at_once_each_message_goes_once(ctx: Context, sender: Sender) -> None:
    sent = turned_down(ctx, sender, ("gave_up:busy",) * 3)
    with transaction(ctx.engine) as conn:
        (run_id,) = ending.runs_of(conn, sent.campaign_id)
        ids = again.rejected_ids(conn, sent.campaign_id, again.rejected_by_code(conn, sent.campaign_id))
    counts = []
    for _ in range(2):  # both had looked before either wrote
        with transaction(ctx.engine) as conn:
            counts.append(again.put_back(conn, run_id, ids, now=ctx.clock(), slice_size=2))
    assert counts == [3, 0]
    with transaction(ctx.engine) as conn:
        assert conn.scalar(text("select count(*) from slice where state = 'ready'")) == 2


def test_the_gates_are_asked_again(ctx: Context, sender: Sender, clock: Clock) -> None:
    sent = turned_down(ctx, sender, ("gave_up:busy",))
    clock.forward(minutes=1)
    with transaction(ctx.engine) as conn:
        give(conn, ctx, sent.people[0], "notify", given=False)
    retry_these(ctx, sent.campaign_id, Wanted("busy"), actor="周岚")
    go_on(ctx, sender)
    assert states(ctx) == ["refused"]


def test_it_is_told_only_once_though_a_later_campaign_told_it_meanwhile(ctx: Context, sender: Sender) -> None:
    sent = turned_down(ctx, sender, ("gave_up:busy",))
    with transaction(ctx.engine) as conn:
        conn.execute(
            text(
                "insert into campaign (policy_id, family, event, title, doors, author, state, created_at, selected_at)"
                " select policy_id, family, event, title, doors, author, 'running', created_at, created_at"
                " from campaign"
            )
        )
        conn.execute(text("insert into selection select 2, profile_id, door, match, score, rank, why from selection"))
    plan(ctx, 2)
    go_on(ctx, sender)
    retry_these(ctx, sent.campaign_id, Wanted("busy"), actor="周岚")
    go_on(ctx, sender)
    assert sorted(states(ctx)) == ["accepted", "refused"]
    assert ledger.check(ctx).found == ()


@pytest.mark.parametrize("state", TOLD)
def test_whoever_is_told_on_another_channel_is_not_told_twice(ctx: Context, sender: Sender, state: str) -> None:
    sent = turned_down(ctx, sender, ("gave_up:busy",))
    with transaction(ctx.engine) as conn:
        conn.execute(
            text(
                "insert into delivery (run_id, profile_id, recipient_id, address_id, channel, step, door, state,"
                " wire_key, planned_at, updated_at) select run_id, profile_id, recipient_id, address_id, 'email', 1,"
                " door, :state, 'second', planned_at, updated_at from delivery"
            ),
            {"state": state},
        )
    waits = state == "waiting"  # for the first copy, which has not come
    assert retry_these(ctx, sent.campaign_id, Wanted("busy"), actor="周岚") == int(waits)


@pytest.mark.parametrize("status", ["delivered", "complained"])
def test_what_a_receipt_says_arrived_is_not_sent_again(ctx: Context, sender: Sender, status: str) -> None:
    sent = turned_down(ctx, sender, ("gave_up:busy",))
    with transaction(ctx.engine) as conn:
        key = conn.scalar(text("select wire_key from delivery"))
        row = {"provider": "memory", "raw": {}, "checksum": b"1", "wire_key": key, "status": status}
        conn.execute(insert(tables.receipt).values(row | {"received_at": ctx.clock()}))
    assert retry_these(ctx, sent.campaign_id, Wanted("busy"), actor="周岚") == 0


def test_an_unknown_sms_is_never_tried_again_by_it(ctx: Context, sender: Sender) -> None:
    sent = send_to(ctx, 1)
    plan(ctx, sent.campaign_id)
    silent = MemoryChannel("sms", answer=lambda m: Outcome("unknown", "busy"))
    deliver_next(ctx, replace(sender, channels={"sms": silent}), "normal")
    assert retry_these(ctx, sent.campaign_id, Wanted("busy"), actor="周岚") == 0
    assert states(ctx) == ["unknown"]


@pytest.mark.parametrize(
    ("wanted", "actor", "code"),
    [
        (Wanted("bad_address"), "周岚", "not_again"),
        (Wanted(kind="permanent_recipient"), "周岚", "not_again"),
        (Wanted(kind="recipient_opt_out"), "周岚", "not_again"),
        (Wanted(kind="no_such_class"), "周岚", "not_again"),
        (Wanted("busy"), " ", "no_name"),
        (Wanted(), "周岚", "bad_choice"),
        (Wanted("busy", "transient"), "周岚", "bad_choice"),
    ],
)
def test_what_may_not_be_is_refused_by_name(
    ctx: Context, sender: Sender, wanted: Wanted, actor: str, code: str
) -> None:
    sent = turned_down(ctx, sender)
    with pytest.raises(CampaignError) as error:
        retry_these(ctx, sent.campaign_id, wanted, actor=actor)
    assert code_of(error) == code
    assert set(states(ctx)) == {"rejected"}


@pytest.mark.parametrize("state", ["cancelled", "expired", "draft"])
def test_nothing_of_a_campaign_that_has_ended_goes_again(ctx: Context, sender: Sender, state: str) -> None:
    sent = turned_down(ctx, sender)
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.campaign).values(state=state))
    with pytest.raises(CampaignError) as error:
        retry_these(ctx, sent.campaign_id, Wanted("busy"), actor="周岚")
    assert code_of(error) == "state"


def test_nothing_goes_again_after_the_expiry(ctx: Context, sender: Sender, clock: Clock) -> None:
    sent = turned_down(ctx, sender)
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.campaign).values(expires_at=clock() + timedelta(hours=1)))
    clock.forward(hours=2)
    with pytest.raises(CampaignError) as error:
        retry_these(ctx, sent.campaign_id, Wanted("busy"), actor="周岚")
    assert code_of(error) == "expired"


def test_an_unknown_campaign_is_said_to_be_one(ctx: Context) -> None:
    for act in (lambda: rejected(ctx, 7), lambda: retry_these(ctx, 7, Wanted("busy"), actor="周岚")):
        with pytest.raises(CampaignError) as error:
            act()
        assert code_of(error) == "unknown_campaign"


def test_no_class_that_ends_an_address_or_leaves_the_outcome_open_is_among_those() -> None:
    assert set(REASONS) > AGAIN
    assert not [name for name in AGAIN if REASONS[name].suppress or REASONS[name].status in ("unknown", "accepted")]


@pytest.mark.parametrize(
    ("code", "kind"),
    [("gave_up:absent", "transient"), ("gave_up:http_429", "throttled_api"),
     ("gave_up:bad_address", "permanent_recipient"),
     ("absent", ""), ("settled_by_query", "")],
)  # fmt: skip
def test_what_was_given_up_was_put_off_each_time(code: str, kind: str) -> None:
    assert kind_of("memory", code) == kind


def test_a_campaign_cancelled_meanwhile_takes_the_piece_back(ctx: Context, sender: Sender) -> None:
    sent = turned_down(ctx, sender, ("gave_up:busy",) * 2)
    with transaction(ctx.engine) as conn:
        ids = list(conn.scalars(text("select id from delivery")))
        conn.execute(update(tables.campaign).values(state="cancelled"))
        (run_id,) = ending.runs_of(conn, sent.campaign_id)
    with pytest.raises(CampaignError) as error:
        put_back(ctx, sent.campaign_id, run_id, ids)
    assert (code_of(error), states(ctx)) == ("state", ["rejected", "rejected"])
    with transaction(ctx.engine) as conn:
        assert conn.scalar(text("select count(*) from slice where state = 'ready'")) == 0
