"""A small service in mid-work whose tables agree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert, text

from pushsvc.context import Context
from pushsvc.store import tables
from tests.making import make_campaign, make_person, make_policy

CHANNELS = ("app", "sms", "email")  # the addresses 1, 2 and 3 of person 1, and so on
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
    people = [make_person(conn, ctx, n, channels=CHANNELS, consent=("notify",)) for n in range(1, 10)]
    policy, _ = make_policy(conn, ctx), make_policy(conn, ctx, "policy-2")
    for _ in range(2):
        make_campaign(conn, ctx, policy, selected_at=now, planned_at=now, planned_rank=8)
    for n, kind in ((1, "campaign"), (2, "campaign"), (3, "digest")):
        row = {"kind": kind, "key": f"{kind}:{n}", "campaign_id": n if n < 3 else None, "created_at": now}
        row |= {"due_at": now + timedelta(days=1) if kind == "digest" else None}
        conn.execute(insert(tables.run).values(row))
    _rows(conn, tables.slice_, ("run_id", "channel", "step", "state", "unsettled"), SLICES, lane="bulk", due_at=now)
    conn.execute(text("update slice set lease_token = gen_random_uuid(), lease_until = now() + '1 hour' where id = 4"))
    for n, (slice_id, done, *counts) in enumerate(ATTEMPTS, start=1):
        row = dict(zip(("accepted", "rejected", "deferred", "unknown"), counts, strict=True))
        about = {"slice_id": slice_id, "provider": "memory", "route": "main", "batch_key": str(n), "members": 1}
        moments = {"started_at": now, "expires_at": now, "finished_at": now if done else None}
        conn.execute(insert(tables.attempt).values(row | about | moments))
    names = ("run_id", "recipient_id", "channel", "step", "slice_id", "attempt_id", "state")
    for n, values in enumerate(DELIVERIES, start=1):
        row = dict(zip(names, values, strict=True))
        address = 3 * row["recipient_id"] - 2 + CHANNELS.index(row["channel"])
        row |= {"profile_id": row["recipient_id"], "address_id": address, "policy_id": policy}
        row |= {"attempts": int(row["attempt_id"] is not None)}
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
