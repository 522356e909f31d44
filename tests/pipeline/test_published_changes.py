"""Whatever changes, in whatever order: what a process serves is what one sees that reads the database anew."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, text

from profiles.columns import Column, Nested
from profiles.facts import KINDS
from profiles.snapshot.segments import Segment
from profiles.snapshot.views import View
from profiles.subscriptions import PolicyTags
from pushsvc.context import Context, Kept
from pushsvc.pipeline.published import Published, published
from pushsvc.pipeline.snapshots import publish_snapshot
from pushsvc.store.session import transaction

PEOPLE, ADDRESSES = 9, 6
Told = dict[int, dict[str, Any]]


def told(now: Published) -> Told:
    """By profile what is published of it."""
    found: Told = {}
    for segment in now.snapshot.segments:
        for number, one in told_of(segment):
            assert number not in found, "two rows live"
            found[number] = one
    for one in found.values():  # who once shared an address may still say so, where nobody else is reached there
        others = [other["shared"] for other in found.values() if other is not one]
        if not any(one["shared"] & shared for shared in others):
            one["shared"] = set()
    return found


def told_of(segment: Segment) -> list[tuple[int, dict[str, Any]]]:
    living = np.flatnonzero(np.ones(len(segment), np.bool_) if segment.dead is None else ~segment.dead)
    frame, shared, found = View(segment, living).frame(), shared_of(segment), []
    for row, place in enumerate(living.tolist()):
        columns = {name: cell(frame.columns[name], row) for name in frame.columns}
        told_ = {
            "kind": segment.kind,
            "tags": set(frame.tags.words(row)),
            "stages": set(frame.stages.words(row)),
            "personalised": bool(segment.personalised[place]),
            "lists": {name: set(one.sets.words(row)) for name, one in frame.lists.items() if one.told[row]},
            "family": cells(frame.dependants, row),
            "papers": cells(frame.certificates(), row),
            "columns": {name: value for name, value in columns.items() if value is not None},
            "shared": shared.get(place, set()),
        }
        found.append((int(frame.ids[row]), told_))
    return found


def shared_of(segment: Segment) -> dict[int, set[int]]:
    if segment.shared is None:
        return {}
    held = segment.shared
    ends = zip(held.rows.tolist(), held.offsets[:-1].tolist(), held.offsets[1:].tolist(), strict=True)
    return {row: set(held.addresses[start:end].tolist()) for row, start, end in ends}


def cell(column: Column, row: int) -> object:
    if not column.known()[row]:
        return None
    value = column.values[row]
    return column.levels[value] if column.kind == "code" else float(value)


def cells(nested: Nested, row: int) -> list[str]:
    rows = range(int(nested.offsets[row]), int(nested.offsets[row + 1]))
    return sorted(str([cell(one, i) for _, one in sorted(nested.columns.items())]) for i in rows)


def wishes(now: Published) -> dict[int, list[int]]:
    return now.wishes.matching(PolicyTags(frozenset({"talent"}), (), "990105", "词")).by_profile()


OPS = [
    "update profile set region = :region, birth_date = :day where id = :a",
    "update profile set kind = :kind where id = :a",
    "update profile set shard = :shard where id = :a",
    "update profile set erased_at = now(), region = null where id = :a",
    "update profile set erased_at = null where id = :a",
    "update profile set guardian_id = :b, locale = 'en' where id = :a",
    "update profile set interests = :words, benefits = :benefits where id = :a",
    "update profile set industry = 'I65', employees = :n, revenue = :n, assets = null where id = :a",
    "insert into yearly_fact (profile_id, year, revenue) values (:a, :year, :n) on conflict (profile_id, "
    "year) do update set revenue = excluded.revenue",
    "delete from yearly_fact where profile_id = :a",
    "update yearly_fact y set profile_id = :b where profile_id = :a and not exists (select from "
    "yearly_fact z where z.profile_id = :b)",
    "insert into qualification values (:a, :word, :day, null, 's', '2024-01-01') on conflict do nothing",
    "update qualification set valid_until = :day where profile_id = :a",
    "delete from qualification where profile_id = :a",
    "insert into dependant (profile_id, ref, birth_date) values (:a, :word, :day) on conflict do nothing",
    "update dependant set profile_id = :b where profile_id = :a and ref not in (select ref from dependant "
    "where profile_id = :b)",
    "delete from dependant where profile_id = :a",
    "insert into preference (profile_id, personalised, updated_at) values (:a, :flag, now()) on conflict "
    "(profile_id) do update set personalised = excluded.personalised",
    "delete from preference where profile_id = :a",
    "insert into profile_address values (:a, :address) on conflict do nothing",
    "update profile_address set profile_id = :b where profile_id = :a and address_id = :address and not "
    "exists (select from profile_address where profile_id = :b and address_id = :address)",
    "delete from profile_address where profile_id = :a",
    "delete from profile_address where profile_id = :a and address_id = :address",
    "insert into member (profile_id, person_id) values (:a, :b) on conflict do nothing",
    "update member set wants = :flag where profile_id = :a",
    "update member set left_at = now() where person_id = :a and profile_id = :b",
    "delete from member where profile_id = :a",
    "insert into subscription (profile_id, ref, themes, created_at) values (:a, :word, '{talent}', now()) "
    "on conflict (profile_id, ref) do update set ended_at = null",
    "update subscription set ended_at = now() where profile_id = :a",
    "update subscription set profile_id = :b where profile_id = :a and ref not in (select ref from "
    "subscription where profile_id = :b)",
    "delete from subscription where profile_id = :a",
    "insert into consent (profile_id, purpose, channel, given, wording, source, at) values (:a, 'notify', "
    "'any', true, 'v1', 's', now())",
]
CASTS = {"day": "date", "words": "text[]", "benefits": "text[]", "region": "text"}


def values(rnd: random.Random) -> dict[str, Any]:
    a, b = rnd.sample(range(1, PEOPLE + 1), 2)
    return {
        "a": a,
        "b": b,
        "region": rnd.choice(["990101", "990105", None]),
        "day": rnd.choice(["1950-05-01", "2020-02-29", "1999-12-31"]),
        "kind": rnd.choice(KINDS),
        "shard": rnd.randrange(64),
        "words": rnd.choice([[], ["a,b"], ['c"d', "e\\f"]]),
        "benefits": rnd.choice([None, [], ["低保"]]),
        "n": rnd.choice([1.0, 0.1, -0.0, 1e300]),
        "year": rnd.choice([2023, 2024]),
        "word": rnd.choice(["k", "l", "m n"]),
        "flag": rnd.random() < 0.5,
        "address": rnd.randrange(1, ADDRESSES + 1),
    }


def settle(conn: Connection) -> None:
    for i in range(PEOPLE):
        row = {"ref": f"p{i}", "kind": KINDS[i % len(KINDS)]}
        conn.execute(text("insert into profile (ref, kind, updated_at) values (:ref, :kind, now())"), row)
    for i in range(ADDRESSES):
        row = {"lookup": bytes([i])}
        conn.execute(text("insert into address (channel, lookup, cipher, mask) values ('sms', :lookup, '', '')"), row)


def change(conn: Connection, rnd: random.Random) -> None:
    op, given = rnd.choice(OPS), values(rnd)
    for name, kind in CASTS.items():
        op = re.sub(rf":{name}\b", f"cast(:{name} as {kind})", op)
    conn.execute(text(op), {name: given[name] for name in re.findall(r":([a-z]+)", op)})


def step(ctx: Context, rnd: random.Random) -> None:
    """Something changes, in a transaction that may be rolled back; or a snapshot is published; or all is looked at."""
    what = rnd.random()
    if what < 0.04:
        assert publish_snapshot(ctx) is not None
    elif what < 0.75:
        with ctx.engine.connect() as conn:
            for _ in range(rnd.choice([1, 1, 3])):
                change(conn, rnd)
            conn.commit() if rnd.random() < 0.9 else conn.rollback()
    else:
        now, anew = published(ctx), read_anew(ctx)
        assert wishes(now) == wishes(anew)
        assert told(now) == told(anew)


def read_anew(ctx: Context) -> Published:
    """What a process sees that finds no snapshot."""
    with transaction(ctx.engine) as conn:
        conn.execute(text("update snapshot set state = 'hidden' where state = 'ready'"))
    found = published(replace(ctx, kept=Kept()))
    with transaction(ctx.engine) as conn:
        conn.execute(text("update snapshot set state = 'ready' where state = 'hidden'"))
    assert not found.base.version
    return found


@pytest.mark.parametrize("seed", range(8))
def test_what_is_served_is_what_one_sees_who_reads_anew(ctx: Context, seed: int) -> None:
    rnd = random.Random(seed)
    with transaction(ctx.engine) as conn:
        settle(conn)
    for _ in range(120):
        step(ctx, rnd)


def test_a_member_who_loses_an_address_takes_it_from_their_firm_too(ctx: Context) -> None:
    """E is reached at X by P and at Y by R."""
    with transaction(ctx.engine) as conn:
        settle(conn)
        conn.execute(text("update profile set kind = 'citizen'"))
        conn.execute(text("update profile set kind = 'enterprise' where id = 3"))
        conn.execute(text("insert into profile_address values (1, 1), (2, 2)"))
        conn.execute(text("insert into member (profile_id, person_id) values (3, 1), (3, 2)"))
    assert publish_snapshot(ctx) is not None
    assert told(published(ctx))[3]["shared"] == {1, 2}
    with transaction(ctx.engine) as conn:
        conn.execute(text("delete from profile_address where profile_id = 1"))
    assert told(published(ctx))[3]["shared"] == {2}
    with transaction(ctx.engine) as conn:
        conn.execute(text("insert into profile_address values (5, 1)"))
    found = told(published(ctx))
    assert (found[3]["shared"], found[5]["shared"]) == ({2}, set())
