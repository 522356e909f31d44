"""A cadence that changes while items gather: nothing is lost, nothing is told twice, and what may come sooner does."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from pushsvc.context import Context
from pushsvc.pipeline.digest import release_digests
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.preferences import set_choices
from pushsvc.pipeline.self_service import set_cadence
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.databases import empty
from tests.making import make_campaign, make_person, make_policy, moment, prefer
from tests.registering import ask

CADENCES = ["immediate", "daily", "weekly"]
TUESDAY = moment("2026-06-23T12:00:00+08:00")


def reader(ctx: Context, cadence: str) -> tuple[int, int]:
    """A person who wishes recommendations by this cadence, with a subscription of the same; both numbers."""
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1, consent=("notify", "recommend"))
        prefer(conn, ctx, person, cadence=cadence, weekly_max=0)
        return person, wish(ctx, conn, person, cadence)


def wish(ctx: Context, conn: object, person: int, cadence: str) -> int:
    row = {
        "profile_id": person,
        "ref": f"w-{cadence}",
        "cadence": cadence,
        "keyword": "补贴",
        "created_at": ctx.clock(),
    }
    made = insert(tables.subscription).values(row).returning(tables.subscription.c.id)
    return int(conn.execute(made).scalar_one())  # type: ignore[attr-defined]  # a connection


def tell(ctx: Context, ref: str, person: int, *, subscription: int | None = None, policy: int | None = None) -> int:
    """A planned campaign to one person, by a subscription or as a recommendation; returns its policy."""
    door = "recommended" if subscription is None else "subscribed"
    with transaction(ctx.engine) as conn:
        policy_id = policy or make_policy(conn, ctx, ref, agency=f"{ref}局")
        campaign_id = make_campaign(conn, ctx, policy_id, doors=[door], selected_at=ctx.clock())
        conn.execute(update(tables.campaign).where(tables.campaign.c.id == campaign_id).values(event=ref))
        why = None if subscription is None else {"subscriptions": [subscription]}
        row = {"campaign_id": campaign_id, "profile_id": person, "door": door, "match": 1, "rank": 1, "why": why}
        conn.execute(insert(tables.selection).values(row))
    plan(ctx, campaign_id)
    return policy_id


def held(ctx: Context) -> list[tuple[str, str, str]]:
    """(digest, state, policy) of every item."""
    return ask(
        ctx,
        """select split_part(r.key, ':', 2), d.state, p.ref from delivery_item i join delivery d on d.id = i.delivery_id
           join run r on r.id = d.run_id join policy p on p.id = i.policy_id order by p.ref""",
    )


def test_who_wants_all_at_once_gets_what_was_gathered_with_the_next_sweep(ctx: Context, clock: Clock) -> None:
    person, subscription = reader(ctx, "weekly")
    tell(ctx, "tip", person)
    tell(ctx, "asked", person, subscription=subscription)
    set_choices(ctx, person, {"cadence": "immediate"})
    assert release_digests(ctx) == 1
    assert held(ctx) == [("weekly", "gathering", "asked"), ("immediate", "planned", "tip")]
    clock.forward(minutes=1)
    assert set_cadence(ctx, person, subscription, "immediate")
    assert release_digests(ctx) == 1
    assert held(ctx) == [("immediate", "planned", "asked"), ("immediate", "planned", "tip")]
    assert ask(ctx, "select count(*) from delivery") == [(2,)], "the emptied digest is gone"


def test_from_weekly_to_daily_all_comes_with_the_next_daily_one(ctx: Context, clock: Clock) -> None:
    person, _ = reader(ctx, "weekly")
    tell(ctx, "a", person)
    set_choices(ctx, person, {"cadence": "daily"})
    tell(ctx, "b", person)
    assert held(ctx) == [("daily", "gathering", "a"), ("daily", "gathering", "b")]
    clock.now += timedelta(days=1)
    assert release_digests(ctx) == 1


def test_a_slower_cadence_leaves_what_is_gathered_where_it_is(ctx: Context) -> None:
    person, subscription = reader(ctx, "daily")
    tell(ctx, "a", person)
    tell(ctx, "b", person, subscription=subscription)
    set_choices(ctx, person, {"cadence": "weekly"})
    set_cadence(ctx, person, subscription, "weekly")
    assert {digest for digest, _, _ in held(ctx)} == {"daily"}


def test_a_subscription_takes_only_its_own_items_along(ctx: Context) -> None:
    person, first = reader(ctx, "weekly")
    with transaction(ctx.engine) as conn:
        other = insert(tables.subscription).values(
            profile_id=person, ref="other", cadence="weekly", keyword="人才", created_at=ctx.clock()
        )
        second = int(conn.execute(other.returning(tables.subscription.c.id)).scalar_one())
    tell(ctx, "a", person, subscription=first)
    tell(ctx, "b", person, subscription=second)
    tell(ctx, "c", person)
    set_cadence(ctx, person, second, "daily")
    assert held(ctx) == [("weekly", "gathering", "a"), ("daily", "gathering", "b"), ("weekly", "gathering", "c")]


def test_a_firms_subscription_moves_for_each_of_its_members(ctx: Context) -> None:
    with transaction(ctx.engine) as conn:
        people = [make_person(conn, ctx, n, consent=("notify",)) for n in (1, 2)]
        firm = make_person(conn, ctx, 9, channels=(), kind="enterprise")
        conn.execute(insert(tables.member), [{"profile_id": firm, "person_id": one} for one in people])
        subscription = wish(ctx, conn, firm, "weekly")
    tell(ctx, "a", firm, subscription=subscription)
    set_cadence(ctx, firm, subscription, "immediate")
    assert release_digests(ctx) == 2
    assert held(ctx) == [("immediate", "planned", "a")] * 2


STEP = st.one_of(
    st.tuples(st.just("tell"), st.booleans()),
    st.tuples(st.just("again"), st.booleans()),
    st.tuples(st.just("prefer"), st.sampled_from(CADENCES)),
    st.tuples(st.just("pace"), st.sampled_from(CADENCES)),
    st.tuples(st.just("wait"), st.sampled_from([1, 11, 20, 24, 70, 170])),
    st.tuples(st.just("sweep"), st.none()),
)


@pytest.mark.parametrize("piece", [1, 5000])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cadence=st.sampled_from(CADENCES), steps=st.lists(STEP, min_size=4, max_size=14))
def test_whatever_changes_everything_is_told_exactly_once(
    ctx: Context, clock: Clock, piece: int, cadence: str, steps: list[tuple[str, object]]
) -> None:
    empty(ctx.engine)
    clock.now = TUESDAY
    person, subscription = reader(ctx, cadence)
    policies: list[int] = []
    for n, (step, value) in enumerate(steps):
        how = {"subscription": subscription if value else None}
        if step == "tell":
            policies.append(tell(ctx, f"p{n}", person, **how))
        elif step == "again" and policies:
            tell(ctx, f"p{n}", person, **how, policy=policies[-1])
        elif step == "prefer":
            set_choices(ctx, person, {"cadence": value})
        elif step == "pace":
            set_cadence(ctx, person, subscription, str(value))
        elif step == "wait":
            clock.forward(hours=float(str(value)))
        elif step == "sweep":
            sweep_once(ctx, piece)
    clock.forward(days=30)
    sweep_once(ctx, piece)
    fates(ctx)


def sweep_once(ctx: Context, piece: int) -> None:
    """What one round lets go is one message."""
    assert release_digests(ctx, piece=piece) <= 1


def fates(ctx: Context) -> None:
    """Each campaign told its person once, alone or in a digest that left, or it is refused as told."""
    told = Counter(one for (one,) in ask(ctx, "select campaign_id from delivery_item"))
    alone = "select r.campaign_id from delivery d join run r on r.id = d.run_id where d.policy_id is not null"
    told.update(one for (one,) in ask(ctx, alone))
    refused = Counter(ask(ctx, "select r.campaign_id, f.code from refusal f join run r on r.id = f.run_id"))
    with transaction(ctx.engine) as conn:
        campaigns = conn.scalars(select(tables.campaign.c.id)).all()
    assert all(told[one] + refused[one, "told"] == 1 for one in campaigns)
    assert sum(refused.values()) == sum(n for (_, code), n in refused.items() if code == "told")
    assert ask(ctx, "select 1 from delivery where state <> 'planned' or slice_id is null") == []
    holds = "select from delivery_item i where i.delivery_id = d.id"
    assert ask(ctx, f"select 1 from delivery d where policy_id is null and not exists ({holds})") == []
