"""A process that keeps the policies in force up to date by itself lets no page wait for that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from redis import Redis

from pushsvc.context import Context, Kept
from pushsvc.pipeline.feed_pages import latest_page
from pushsvc.pipeline.in_force import STALE_SECONDS, keep_up
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import make_policy
from tests.pipeline.test_feed_pages import page, run
from tests.registering import OLD_ENOUGH, issue, register


@pytest.fixture
def ctx(ctx: Context, redis_url: str) -> Iterator[Context]:
    """A context with Redis."""
    with Redis.from_url(redis_url) as client:
        yield replace(ctx, redis=client)


def test_a_page_takes_what_is_seconds_old_and_never_what_was_withdrawn(ctx: Context, clock: Clock) -> None:
    person = register(ctx, "a", birth_date="1950-05-01")
    for ref in ("first", "second"):
        issue(ctx, ref, criteria=OLD_ENOUGH)
    keep_up(ctx)
    issue(ctx, "third", criteria=OLD_ENOUGH)
    run(ctx, "update policy set state = 'withdrawn' where ref = 'first'")
    assert [line.policy_id for line in page(ctx, person).lines] == [2]
    with transaction(ctx.engine) as conn:
        assert latest_page(conn, ctx, page=1, size=5)[0] == [2, 1]
    keep_up(ctx)
    assert [line.policy_id for line in page(ctx, person).lines] == [3, 2]


def test_where_it_stops_pages_look_for_themselves(ctx: Context, clock: Clock) -> None:
    person = register(ctx, "a", birth_date="1950-05-01")
    issue(ctx, "first", criteria=OLD_ENOUGH)
    keep_up(ctx)
    issue(ctx, "second", criteria=OLD_ENOUGH)
    clock.forward(seconds=STALE_SECONDS)
    assert [line.policy_id for line in page(ctx, person).lines] == [2, 1]


def test_what_is_seconds_old_is_kept_for_nobody(ctx: Context) -> None:
    person = register(ctx, "a", birth_date="1950-05-01")
    issue(ctx, "first", criteria=OLD_ENOUGH)
    keep_up(ctx)
    with transaction(ctx.engine) as conn:
        make_policy(conn, ctx, "second", visible_no=99, criteria=OLD_ENOUGH)
    assert page(ctx, person).total == 1
    assert page(replace(ctx, kept=Kept()), person).total == 2
