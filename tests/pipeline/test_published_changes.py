"""Whatever changes, in whatever order: what a process serves is what one sees that reads the database anew."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, text

from profiles.facts import KINDS
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
        living = np.flatnonzero(np.ones(len(segment), np.bool_) if segment.dead is None else ~segment.dead)
        frame = View(segment, living).frame()
        shared = shared_of(segment)
        for row, place in enumerate(living.tolist()):
            number = int(frame.ids[row])
            assert number not in found, "two rows live"
            family, papers = frame.dependants, frame.certificates()
            found[number] = {
                "kind": segment.kind,
                "tags": set(frame.tags.words(row)),
                "stages": set(frame.stages.words(row)),
                "personalised": bool(segment.personalised[place]),
                "lists": {
                    n: (bool(one.told[row]), set(one.sets.words(row)))
                    for n, one in frame.lists.items()
                    if one.told[row]
                },
                "family": sorted(map(str, cells(family, row))),
                "papers": sorted(map(str, cells(papers, row))),
                "columns": {
                    n: cell(frame.columns[n], row) for n in frame.columns if cell(frame.columns[n], row) is not None
                },
                "shared": shared.get(place, set()),
            }
    holders: dict[int, int] = {}
    for one in found.values():
        for address in one["shared"]:
            holders[address] = holders.get(address, 0) + 1
    for one in found.values():
        if not any(holders[address] > 1 for address in one["shared"]):
            one["shared"] = set()
    return found


def shared_of(segment: Any) -> dict[int, set[int]]:
    if segment.shared is None:
        return {}
    held = segment.shared
    return {
        int(row): set(held.addresses[held.offsets[i] : held.offsets[i + 1]].tolist()) for i, row in enumerate(held.rows)
    }


def cell(column: Any, row: int) -> Any:
    if not column.known()[row]:
        return None
    value = column.values[row]
    return column.levels[value] if column.kind == "code" else float(value)


def cells(nested: Any, row: int) -> list[Any]:
    return [
        [cell(c, i) for _, c in sorted(nested.columns.items())]
        for i in range(int(nested.offsets[row]), int(nested.offsets[row + 1]))
    ]


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
    "insert into yearly_fact (profile_id, year, revenue) values (:a, :year, :n) on conflict (profile_id, year) do update set revenue = excluded.revenue",
    "delete from yearly_fact where profile_id = :a",
    "update yearly_fact y set profile_id = :b where profile_id = :a and not exists (select from yearly_fact z where z.profile_id = :b)",
    "insert into qualification values (:a, :word, :day, null, 's', '2024-01-01') on conflict do nothing",
    "update qualification set valid_until = :day where profile_id = :a",
    "delete from qualification where profile_id = :a",
    "insert into dependant (profile_id, ref, birth_date) values (:a, :word, :day) on conflict do nothing",
    "update dependant set profile_id = :b where profile_id = :a and ref not in (select ref from dependant where profile_id = :b)",
    "delete from dependant where profile_id = :a",
    "insert into preference (profile_id, personalised, updated_at) values (:a, :flag, now()) on conflict (profile_id) do update set personalised = excluded.personalised",
    "delete from preference where profile_id = :a",
    "insert into profile_address values (:a, :address) on conflict do nothing",
    "update profile_address set profile_id = :b where profile_id = :a and address_id = :address and not exists (select from profile_address where profile_id = :b and address_id = :address)",
    "delete from profile_address where profile_id = :a",
    "delete from profile_address where profile_id = :a and address_id = :address",
    "insert into member (profile_id, person_id) values (:a, :b) on conflict do nothing",
    "update member set wants = :flag where profile_id = :a",
    "update member set left_at = now() where person_id = :a and profile_id = :b",
    "delete from member where profile_id = :a",
    "insert into subscription (profile_id, ref, themes, created_at) values (:a, :word, '{talent}', now()) on conflict (profile_id, ref) do update set ended_at = null",
    "update subscription set ended_at = now() where profile_id = :a",
    "update subscription set profile_id = :b where profile_id = :a and ref not in (select ref from subscription where profile_id = :b)",
    "delete from subscription where profile_id = :a",
    "insert into consent (profile_id, purpose, channel, given, wording, source, at) values (:a, 'notify', 'any', true, 'v1', 's', now())",
]


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
        conn.execute(
            text("insert into profile (ref, kind, updated_at) values (:ref, :kind, now())"),
            {"ref": f"p{i}", "kind": KINDS[i % len(KINDS)]},
        )
    for i in range(ADDRESSES):
        conn.execute(
            text("insert into address (channel, lookup, cipher, mask) values ('sms', :l, '', '')"), {"l": bytes([i])}
        )


def change(conn: Connection, rnd: random.Random) -> None:
    op, given = rnd.choice(OPS), values(rnd)
    import re

    names = set(re.findall(r"(?<!:):([a-z]+)", op))
    cast = {
        "day": "cast(:day as date)",
        "words": "cast(:words as text[])",
        "benefits": "cast(:benefits as text[])",
        "region": "cast(:region as text)",
    }
    for name, put in cast.items():
        op = re.sub(rf"(?<!:):{name}\b", put, op)
    conn.execute(text(op), {n: given[n] for n in names})


import os


@pytest.mark.parametrize("seed", range(int(os.environ.get("SEEDS", "8"))))
def test_what_is_served_is_what_a_fresh_look_sees(ctx: Context, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rnd = random.Random(seed)
    with transaction(ctx.engine) as conn:
        settle(conn)
    log = []
    for step in range(120):
        act = rnd.random()
        if act < 0.04:
            assert publish_snapshot(ctx) is not None
        elif act < 0.75:
            with ctx.engine.connect() as conn:
                for _ in range(rnd.choice([1, 1, 3])):
                    change(conn, rnd)
                conn.commit() if rnd.random() < 0.9 else conn.rollback()
        else:
            from pushsvc.pipeline import published as mod

            now = published(ctx)
            with monkeypatch.context() as m:
                m.setattr(mod, "ready_versions", lambda conn, n: [])
                fresh = published(replace(ctx, kept=Kept()))
            assert wishes(now) == wishes(fresh)
            have, want = told(now), told(fresh)
            assert have == want, step
