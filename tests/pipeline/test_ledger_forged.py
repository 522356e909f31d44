"""After a real run, the ledger names each row that was forged, deleted or added; without any it names nothing."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sqlalchemy import Connection, insert, text

from pushsvc.context import Context
from pushsvc.pipeline import ledger
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.ledger_keys import forged
from pushsvc.pipeline.plan import plan
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.making import choose, give, make_campaign, make_person, make_policy, prefer, send_to
from tests.pipeline.ledger_damages import RECEIPT

_TO_A_STRANGER = """insert into delivery (run_id, profile_id, recipient_id, address_id, policy_id, channel, door,
    slice_id, state, wire_key, planned_at, updated_at)
    select run_id, :stranger, :stranger, address_id, policy_id, channel, door,
    slice_id, 'planned', 'forged', planned_at, updated_at from delivery where id = :planned"""
_REFUSED = """insert into refusal (run_id, profile_id, recipient_id, door, code, at)
    values (1, :stranger, :stranger, 'subscribed', 'muted', now())"""
_LETTER = """insert into inbox (wire_key, recipient_id, profile_id, policy_id, title, body, at)
    select wire_key, recipient_id, profile_id, policy_id, 't', 'b', now() from delivery where id = """
_SAID = RECEIPT.partition("values")[0]

# What was done to the rows -> (the code of the difference, the statement).
FORGERIES = {
    "planned, called accepted": (
        "outcome_unattempted", "update delivery set state = 'accepted', accepted_at = now() where id = :planned"),
    "planned, called rejected": (
        "outcome_unattempted", "update delivery set state = 'rejected', code = 'x' where id = :planned"),
    "refused without a code": ("unreasoned", "update delivery set state = 'refused' where id = :planned"),
    "cancelled, though its campaign runs": (
        "ended_without_cause", "update delivery set state = 'cancelled', code = 'cancelled' where id = :planned"),
    "expired, though its campaign runs": (
        "ended_without_cause", "update delivery set state = 'expired', code = 'expired' where id = :planned"),
    "accepted, called rejected": (
        "underpaid_attempt", "update delivery set state = 'rejected', accepted_at = null where id = :sms"),
    "accepted, called opened": ("unproven", "update delivery set state = 'opened' where id = :sms"),
    "accepted, called delivered": ("unproven", "update delivery set state = 'delivered' where id = :sms"),
    "accepted, called bounced": ("unproven", "update delivery set state = 'bounced' where id = :sms"),
    "a person's delivery deleted": ("no_fate", "delete from delivery where id = :sms"),
    "a firm member's delivery deleted": ("underpaid_attempt", "delete from delivery where id = :member"),
    "a delivery to somebody never chosen": ("unchosen", _TO_A_STRANGER),
    "a refusal of somebody never chosen": ("unchosen", _REFUSED),
    "a code that nobody knows": ("unknown_refusal", _REFUSED.replace("muted", "banana")),
    "an inbox row of a refused message": ("letter_unsent", _LETTER + ":app"),
    "an inbox row of an SMS": ("letter_of_nothing", _LETTER + ":sms"),
    "another door": ("other_door", "update delivery set door = 'entitled' where id = :sms"),
    "two profiles of firm and person swapped": (
        "stranger", "update delivery set profile_id = :firm where id = :sms"),
    "one more deferred than was": (
        "overpaid_attempt", "update attempt set accepted = accepted - 1, deferred = deferred + 1"),
    "one more unknown than was": (
        "unanswered_outcome", "update attempt set accepted = accepted - 1, unknown = unknown + 1"),
    "more accepted than there are": (
        "underpaid_attempt", "update attempt set accepted = accepted + 5, members = members + 5"),
    "an attempt that never ended": ("unanswered_outcome", "update attempt set finished_at = null"),
    "an attempt on another channel": (
        "foreign_attempt", "update attempt set slice_id = (select id from slice where channel = 'app')"),
    "a receipt against the state": (
        "receipt_against_state",
        f"{_SAID} select 'm', '{{}}', '1', wire_key, 'bounced', now(), now() from delivery where id = :sms"),
    "a receipt for what was never sent": (
        "receipt_against_state",
        f"{_SAID} select 'm', '{{}}', '1', wire_key, 'delivered', now(), now() from delivery where id = :planned"),
    "a receipt for nothing": ("receipt_of_nothing", f"{RECEIPT} '1', 'nobody', 'delivered', now(), now())"),
    "a selection without a fate": (
        "no_fate", "insert into selection (campaign_id, profile_id, door, match, rank)"
        " values (1, :stranger, 'subscribed', 1, 0)"),
    "a selection deleted": (
        "unchosen", "delete from selection where profile_id = (select profile_id from delivery where id = :sms)"),
    "the watermark lowered": ("beyond_watermark", "update campaign set planned_rank = 0, planned_at = null"),
    "a lease long over": (
        "lease_lapsed", "update slice set state = 'leased', lease_until = now() - interval '1 day'"
        " where state = 'ready'"),
    "an item that no campaign chose": (
        "odd_item", "insert into delivery_item (delivery_id, policy_id, profile_id, campaign_id, position, door)"
        " select :sms, :policy, profile_id, 1, 0, 'subscribed' from delivery where id = :sms"),
    "a wire key": ("forged_key", "update delivery set wire_key = 'forged' where id = :sms"),
    "a wire key of the right shape": ("forged_key", "update delivery set wire_key = md5('') where id = :sms"),
    "somebody else's address": (
        "foreign_address", "update delivery set address_id = (select address_id from profile_address"
        " where profile_id = :stranger) where id = :sms"),
}  # fmt: skip


def run_of_all_kinds(ctx: Context, sender: Sender) -> Mapping[str, int]:
    """A campaign sent to three people and a firm of two, refused by one and not yet due for another; ids by name."""
    with transaction(ctx.engine) as conn:
        people = [make_person(conn, ctx, n, consent=("notify",)) for n in range(1, 4)]
        app = make_person(conn, ctx, 4, channels=("app",), consent=("notify",))
        members = [make_person(conn, ctx, n, consent=("notify",)) for n in (5, 6)]
        firm = make_person(conn, ctx, 7, channels=(), kind="enterprise")
        conn.execute(insert(tables.member), [{"profile_id": firm, "person_id": one} for one in members])
        stranger, late = (make_person(conn, ctx, n, consent=("notify",)) for n in (8, 9))
        prefer(conn, ctx, late, quiet_from="08:00", quiet_to="12:00")
        conn.execute(text("update profile set updated_at = updated_at - interval '1 day'"))
        campaign = make_campaign(conn, ctx, make_policy(conn, ctx))
        policy = make_policy(conn, ctx, "policy-2")
        choose(conn, ctx, campaign, [*people, app, firm, late])
    plan(ctx, campaign)
    with transaction(ctx.engine) as conn:
        give(conn, ctx, app, "notify", given=False)
    while deliver_next(ctx, sender, "normal"):
        pass
    with transaction(ctx.engine) as conn:
        ids = {row.recipient_id: row.id for row in conn.execute(text("select id, recipient_id from delivery"))}
    told = {"sms": ids[people[0]], "planned": ids[late], "app": ids[app], "member": ids[members[0]]}
    return {**told, "stranger": stranger, "firm": firm, "policy": policy}


def codes(ctx: Context, conn: Connection) -> set[str]:
    """The codes of what the ledger names."""
    return {one.code for one in ledger.differences(ctx, conn)}


def test_every_forgery_is_named(ctx: Context, sender: Sender) -> None:
    ids = run_of_all_kinds(ctx, sender)
    assert ledger.check(ctx).found == ()
    for name, (code, statement) in FORGERIES.items():
        with ctx.engine.connect() as conn:
            done = conn.execute(text(statement), {key: value for key, value in ids.items() if f":{key}" in statement})
            assert done.rowcount == 1, name
            assert code in codes(ctx, conn), name
            conn.rollback()
    assert ledger.check(ctx).found == ()


def test_a_member_without_a_fate_is_named_where_the_firm_is_as_it_was(ctx: Context, sender: Sender) -> None:
    ids = run_of_all_kinds(ctx, sender)
    with transaction(ctx.engine) as conn:
        conn.execute(text("insert into member (profile_id, person_id) values (:firm, :stranger)"), dict(ids))
        assert codes(ctx, conn) == {"no_fate_of_member"}
        conn.execute(text("update profile set updated_at = :now where id = :firm"), {**ids, "now": ctx.clock()})
        assert codes(ctx, conn) == set()  # the firm's file has changed since: they may have joined later


@pytest.mark.parametrize("piece", [1, 2, 100])
def test_wire_keys_are_made_anew_in_pieces_of_any_size(ctx: Context, piece: int) -> None:
    plan(ctx, send_to(ctx, 3).campaign_id)
    with transaction(ctx.engine) as conn:
        assert forged(conn, ctx.keyring, piece=piece) == []
        conn.execute(text("update delivery set step = 1 where id > 1"))
        (found,) = forged(conn, ctx.keyring, piece=piece)
    assert (found.n, found.examples) == (2, ("2", "3"))
