"""A small service in mid-work whose tables agree, and statements that make them disagree, each in one way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, text

from pushsvc.context import Context
from pushsvc.store import tables
from tests.making import make_campaign, make_person, make_policy

# Slices, by the letter the deliveries name them with: run, channel, step, state, unsettled.
SLICES = (
    (1, "app", 0, "done", False),
    (1, "sms", 0, "ready", False),
    (1, "email", 0, "done", True),
    (1, "email", 0, "leased", False),
    (1, "sms", 0, "done", False),
    (1, "sms", 1, "waiting", False),
    (3, "sms", 0, "ready", False),
    (2, "sms", 0, "done", False),
)
# Attempts: slice, finished, accepted, rejected, deferred, unknown; one member each.
ATTEMPTS = ((1, True, 1, 0, 0, 0), (3, True, 0, 0, 0, 1), (4, False, 0, 0, 0, 0), (5, True, 0, 1, 0, 0))
# Deliveries 1 to 7: run, person, channel, step, slice, attempt, state.
DELIVERIES = (
    (1, 1, "app", 0, 1, 1, "delivered"),
    (1, 2, "sms", 0, 2, None, "planned"),
    (1, 3, "email", 0, 3, 2, "unknown"),
    (1, 4, "email", 0, 4, 3, "sending"),
    (1, 5, "sms", 0, 5, 4, "rejected"),
    (3, 6, "sms", 0, None, None, "gathering"),
    (1, 1, "sms", 1, 6, None, "waiting"),
)


def make_scene(conn: Connection, ctx: Context) -> None:
    """Campaign 1 at work, campaign 2 of the same event without anybody, a digest that gathers; person 9 is in none."""
    now = ctx.clock()
    people = [make_person(conn, ctx, n, channels=("app",), consent=("notify",)) for n in range(1, 10)]
    policy = make_policy(conn, ctx)
    for _ in range(2):
        make_campaign(conn, ctx, policy, selected_at=now, planned_at=now, planned_rank=8)
    for n, kind in ((1, "campaign"), (2, "campaign"), (3, "digest")):
        row = {"kind": kind, "key": f"{kind}:{n}", "campaign_id": n if n < 3 else None, "created_at": now}
        conn.execute(insert(tables.run).values(row))
    _rows(conn, tables.slice_, ("run_id", "channel", "step", "state", "unsettled"), SLICES, lane="bulk", due_at=now)
    for n, (slice_id, done, *counts) in enumerate(ATTEMPTS, start=1):
        row = dict(zip(("accepted", "rejected", "deferred", "unknown"), counts, strict=True))
        about = {"slice_id": slice_id, "provider": "memory", "route": "main", "batch_key": str(n), "members": 1}
        moments = {"started_at": now, "expires_at": now, "finished_at": now if done else None}
        conn.execute(insert(tables.attempt).values(row | about | moments))
    names = ("run_id", "recipient_id", "channel", "step", "slice_id", "attempt_id", "state")
    for n, values in enumerate(DELIVERIES, start=1):
        row = dict(zip(names, values, strict=True))
        row |= {"profile_id": row["recipient_id"], "address_id": row["recipient_id"], "policy_id": policy}
        row |= {"door": "subscribed", "wire_key": f"key-{n}", "planned_at": now, "updated_at": now}
        row |= {"accepted_at": now if n == 1 else None}
        conn.execute(insert(tables.delivery).values(row))
    conn.execute(text("update delivery set policy_id = null where id = 6"))
    _fates(conn, ctx, people)


def _fates(conn: Connection, ctx: Context, people: Sequence[int]) -> None:
    now = ctx.clock()
    for rank, person in enumerate((1, 2, 3, 4, 5, 6, 8), start=1):
        row = {"campaign_id": 1, "profile_id": person, "door": "subscribed", "match": 1, "rank": rank}
        conn.execute(insert(tables.selection).values(row))
    refused = {"run_id": 1, "profile_id": 8, "recipient_id": 8, "door": "subscribed", "code": "muted", "at": now}
    conn.execute(insert(tables.refusal).values(refused))
    item = {"delivery_id": 6, "policy_id": 1, "profile_id": 6, "campaign_id": 1, "position": 0, "door": "subscribed"}
    conn.execute(insert(tables.delivery_item).values(item))
    letter = {"wire_key": "key-1", "recipient_id": 1, "profile_id": 1, "policy_id": 1, "title": "t", "body": "b"}
    conn.execute(insert(tables.inbox).values(letter | {"at": now}))
    told = {"provider": "memory", "raw": {}, "checksum": b"0", "wire_key": "key-1", "status": "delivered"}
    conn.execute(insert(tables.receipt).values(told | {"received_at": now, "matched_at": now}))


def _rows(conn: Connection, table: Any, names: Sequence[str], rows: Sequence[Sequence[Any]], **same: Any) -> None:
    for values in rows:
        conn.execute(insert(table).values(dict(zip(names, values, strict=True)) | same))


_RECEIPT = "insert into receipt (provider, raw, checksum, wire_key, status, received_at, matched_at) values ('m', '{}',"

# Code of the difference -> what makes it.
DAMAGES: Mapping[str, str] = {
    "unknown_run": "update delivery set run_id = 900 where id = 7",
    "unknown_profile": "update delivery set profile_id = 900 where id = 7",
    "unknown_recipient": "update delivery set recipient_id = 900 where id = 5",
    "unknown_address": "update delivery set address_id = 900 where id = 5",
    "unknown_policy": "update delivery set policy_id = 900 where id = 5",
    "unknown_slice": "update delivery set slice_id = 900 where id = 5",
    "unknown_attempt": "update delivery set attempt_id = 900 where id = 5",
    "unknown_state": "update delivery set state = 'mislaid' where id = 5",
    "foreign_slice": "update delivery set slice_id = 3 where id = 5",
    "sending_unheld": "update slice set state = 'done' where id = 4",
    "sending_unattempted": "update delivery set attempt_id = null where id = 4",
    "planned_homeless": "update slice set state = 'done' where id = 2",
    "waiting_adrift": "update slice set state = 'ready' where id = 6",
    "unknown_unmarked": "update slice set unsettled = false where id = 3",
    "gathering_sliced": "update delivery set slice_id = 7 where id = 6",
    "accepted_without_moment": "update delivery set accepted_at = null where id = 1",
    "moment_without_acceptance": "update delivery set accepted_at = updated_at where id = 7",
    "unsent_after_end": "update campaign set state = 'cancelled', finished_at = '2026-06-01' where id = 1;"
    "update delivery set updated_at = '2026-06-01' where id in (2, 7)",
    "no_letter": "delete from inbox where id = 1",
    "letter_of_nothing": "insert into inbox (wire_key, recipient_id, profile_id, title, body, at)"
    " values ('stray', 1, 1, 't', 'b', now())",
    "letter_to_another": "update inbox set recipient_id = 2 where id = 1",
    "letter_of_nobody": "update inbox set policy_id = 900 where id = 1",
    "uneven_attempt": "update attempt set deferred = 1 where id = 1",
    "crowded_attempt": "update delivery set attempt_id = 4 where id = 2",
    "overpaid_attempt": "update attempt set accepted = 0, deferred = 1 where id = 1",
    "receipt_against_state": _RECEIPT + " '1', 'key-5', 'delivered', '2026-06-25', '2026-06-25')",
    "receipt_unmatched": _RECEIPT + " '1', 'nobody', 'delivered', '2026-06-01', null)",
    "no_fate": "insert into selection (campaign_id, profile_id, door, match, rank) values (1, 9, 'subscribed', 1, 99)",
    "refused_and_planned": "insert into refusal (run_id, profile_id, recipient_id, door, code, at)"
    " values (1, 5, 5, 'subscribed', 'muted', now())",
    "told_twice": "insert into delivery (run_id, profile_id, recipient_id, address_id, policy_id, channel, door,"
    " slice_id, state, wire_key, planned_at, updated_at, accepted_at) values (2, 1, 1, 1, 1, 'sms', 'subscribed', 8,"
    " 'accepted', 'key-8', now(), now(), now())",
    "key_twice": "alter table delivery drop constraint uq_delivery_wire_key;"
    "update delivery set wire_key = 'key-2' where id = 5",
    "letter_twice": "alter table inbox drop constraint uq_inbox_wire_key; insert into inbox (wire_key, recipient_id,"
    " profile_id, title, body, at) select wire_key, recipient_id, profile_id, title, body, at from inbox",
}
