"""Planning by any chunks decides as planning one by one, and what was decided once stands when it is sent."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, union_all, update

from pushsvc.context import Context
from pushsvc.pipeline import ledger
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.digest import release_digests
from pushsvc.pipeline.plan import Used, plan, plan_chunk
from pushsvc.store import campaigns, tables
from pushsvc.store.addresses import NewAddress, replace_addresses
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.databases import empty
from tests.making import choose, give, make_campaign, make_person, make_policy, moment, prefer

Fates = list[tuple[object, ...]]


@dataclass(frozen=True)
class Person:
    """A person of a small town where numbers are shared, and the door their selection has."""

    sms: int | None
    email: int | None
    consents: tuple[str, ...]
    daily: bool
    weekly_max: int
    door: str


PERSON = st.builds(
    Person,
    sms=st.one_of(st.none(), st.integers(1, 3)),
    email=st.one_of(st.none(), st.integers(1, 3)),
    consents=st.sampled_from([(), ("notify",), ("notify", "recommend")]),
    daily=st.booleans(),
    weekly_max=st.integers(0, 1),
    door=st.sampled_from(["subscribed", "recommended", "entitled"]),
)
FIRM = st.tuples(st.sets(st.integers(0, 5), max_size=3), st.sampled_from(["subscribed", "recommended"]))


def build(
    ctx: Context, town: list[Person], firms: list[tuple[set[int], str]], order: list[int], *, same: bool = False
) -> list[int]:
    """Two running campaigns that choose everybody in `order`, of different events or of the `same`; their ids."""
    with transaction(ctx.engine) as conn:
        chosen: list[tuple[int, str]] = []
        for n, one in enumerate(town):
            person = make_person(conn, ctx, n, channels=())
            near = [("sms", f"1380000000{one.sms}")] if one.sms else []
            near += [("email", f"p{one.email}@city.example")] if one.email else []
            for channel, value in near:
                replace_addresses(conn, ctx.keyring, [NewAddress(person, channel, value, "*")])
            for purpose in one.consents:
                give(conn, ctx, person, purpose)
            prefer(conn, ctx, person, cadence="daily" if one.daily else "immediate", weekly_max=one.weekly_max)
            chosen.append((person, one.door))
        people = [person for person, _ in chosen]
        for n, (members, door) in enumerate(firms):
            firm = make_person(conn, ctx, 100 + n, channels=(), kind="enterprise")
            for i in members:
                if i < len(people):
                    conn.execute(insert(tables.member).values(profile_id=firm, person_id=people[i]))
            chosen.append((firm, door))
        chosen = [chosen[i % len(chosen)] for i in dict.fromkeys(i % len(chosen) for i in order)] or chosen
        runs = []
        for ref in ("a", "b"):
            event = {"family": "a", "event": "new:a"} if same else {}
            runs.append(make_campaign(conn, ctx, make_policy(conn, ctx, ref, **event), basis="办法第十条"))
            choose(conn, ctx, runs[-1], [profile for profile, _ in chosen])
            for profile, door in chosen:
                mine = tables.selection.c.campaign_id == runs[-1], tables.selection.c.profile_id == profile
                conn.execute(update(tables.selection).where(*mine).values(door=door))
    return runs


def fates(ctx: Context) -> Fates:
    """Deliveries, digest items and refusals of the whole database, in an order of their own."""
    d, i, r, run = tables.delivery.c, tables.delivery_item.c, tables.refusal.c, tables.run.c
    with transaction(ctx.engine) as conn:
        own = select(run.key, d.profile_id, d.recipient_id, d.channel, d.step, d.door, d.state)
        own = own.join(tables.run, run.id == d.run_id)
        items = select(i.campaign_id, i.profile_id, i.policy_id, d.channel, i.door, d.recipient_id)
        items = items.select_from(tables.delivery_item.join(tables.delivery))
        no = select(run.key, r.profile_id, r.recipient_id, r.channel, r.door, r.code)
        no = no.select_from(tables.refusal.join(tables.run, run.id == r.run_id))
        found = [tuple(row) for query in (own, items, no) for row in conn.execute(query)]
    return sorted(found, key=repr)


def ends(ctx: Context) -> Fates:
    """Who was told by which channel, alone or in a digest, and who was refused why: when planned, or just before the
    attempt."""
    query = """
        select r.key, d.profile_id, d.recipient_id, case when d.state = 'refused' then d.code else d.channel end
        from delivery d join run r on r.id = d.run_id where d.policy_id is not null
        union all select r.key, i.profile_id, d.recipient_id, d.channel || ' ' || d.state from delivery_item i
        join delivery d on d.id = i.delivery_id join run r on r.campaign_id = i.campaign_id
        union all select r.key, f.profile_id, f.recipient_id, f.code from refusal f join run r on r.id = f.run_id
    """
    with transaction(ctx.engine) as conn:
        return sorted((tuple(row) for row in conn.execute(text(query))), key=repr)


def again(ctx: Context, runs: list[int]) -> None:
    """Forget all that was planned."""
    with transaction(ctx.engine) as conn:
        for table in (tables.delivery_item, tables.refusal, tables.delivery, tables.attempt, tables.slice_, tables.run):
            conn.execute(delete(table))
        conn.execute(update(tables.campaign).values(planned_rank=0, planned_at=None))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    town=st.lists(PERSON, min_size=1, max_size=6),
    firms=st.lists(FIRM, max_size=2),
    order=st.lists(st.integers(0, 7), max_size=8),
    chunk=st.integers(2, 9),
)
def test_any_chunking_decides_as_one_by_one(
    ctx: Context, town: list[Person], firms: list[tuple[set[int], str]], order: list[int], chunk: int
) -> None:
    empty(ctx.engine)
    runs = build(ctx, town, firms, order)
    found = []
    for size in (1, chunk):
        for campaign_id in runs:
            plan(ctx, campaign_id, chunk=size)
        assert ledger.check(ctx).differences == ()
        found.append(fates(ctx))
        again(ctx, runs)
    assert found[0] == found[1]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    town=st.lists(PERSON, min_size=1, max_size=6),
    same=st.booleans(),
    turns=st.lists(st.booleans(), max_size=12),
    chunk=st.integers(1, 3),
)
def test_two_campaigns_end_the_same_in_whatever_order_they_are_planned(
    ctx: Context, sender: Sender, clock: Clock, town: list[Person], same: bool, turns: list[bool], chunk: int
) -> None:
    empty(ctx.engine)
    # Nobody shares an address here: of two who do, the second may be told by the later campaign where it was planned
    # after the first was refused, and not where it was planned before.
    apart = [replace(one, sms=one.sms and n, email=one.email and n) for n, one in enumerate(town, start=1)]
    runs = build(ctx, apart, [], [], same=same)
    with transaction(ctx.engine) as conn:  # one of the two is told at once, the other in a digest
        conn.execute(update(tables.subscription).where(tables.subscription.c.id % 2 == 0).values(cadence="immediate"))
    found = []
    for order in ([], turns):
        clock.now = moment("2026-06-24T09:30:00+08:00")
        with transaction(ctx.engine) as conn:  # the first was started first
            for campaign_id in runs:
                key = f"campaign:{campaign_id}"
                campaigns.ensure_run(conn, key=key, kind="campaign", now=ctx.clock(), campaign_id=campaign_id)
        for second in order:
            plan_chunk(ctx, runs[second], chunk, Used())
        for campaign_id in runs:
            plan(ctx, campaign_id)
        while deliver_next(ctx, sender, "normal"):
            pass
        clock.now = moment("2026-06-25T08:31:00+08:00")
        release_digests(ctx)
        while deliver_next(ctx, sender, "bulk"):
            pass
        assert ledger.check(ctx).differences == ()
        found.append(ends(ctx))
        again(ctx, runs)
    assert found[0] == found[1]


def test_the_town_really_meets_refusals_and_digests(ctx: Context) -> None:
    town = [Person(1, None, ("notify",), True, 0, "subscribed"), Person(1, 2, ("notify",), True, 0, "subscribed")]
    for campaign_id in build(ctx, town, [({0}, "subscribed")], []):
        plan(ctx, campaign_id, chunk=1)
    with transaction(ctx.engine) as conn:
        both = union_all(select(tables.delivery.c.state), select(tables.refusal.c.code))
        assert sorted(conn.scalars(both)) == ["gathering", "gathering", "same_address", "same_address"]
