"""A feed by the page: what is kept is what would be worked out anew, whatever happened; Redis may hold or lose all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis
from sqlalchemy import text

from pushsvc.context import Context, Kept
from pushsvc.pipeline import feedback
from pushsvc.pipeline.feed_cache import KINDS, recall, remember
from pushsvc.pipeline.feed_pages import Asked, Page, feed_page
from pushsvc.pipeline.preferences import give_consent, set_choices, subscribe, switch_personalised, withdraw_consent
from pushsvc.pipeline.rights import erase
from pushsvc.pipeline.tags import delete_tag, pick_tag
from pushsvc.store.reading import marks
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.modelling import use_model
from tests.registering import OLD_ENOUGH, issue, register

TREES = (
    OLD_ENOUGH,
    {"fact": "owns_home", "eq": False},
    {"all": []},
    {"any_dependant": {"fact": "age", "lt": 3}},
    {"fact": "region", "in_region": ["990105"]},
    None,
)


@pytest.fixture
def ctx(ctx: Context, redis_url: str) -> Iterator[Context]:
    """A context with Redis."""
    with Redis.from_url(redis_url) as client:
        yield replace(ctx, redis=client)


def page(ctx: Context, person: int, **asked: object) -> Page:
    with transaction(ctx.engine) as conn:
        gone = frozenset(number for number, kinds in marks(conn, person).items() if "dismissed" in kinds)
        return feed_page(conn, ctx, Asked(person, hidden=gone, **asked))  # type: ignore[arg-type]


def anew(ctx: Context, person: int, **asked: object) -> Page:
    """As another process without Redis would work it out."""
    return page(replace(ctx, redis=None, kept=Kept()), person, **asked)


def run(ctx: Context, statement: str, **values: object) -> None:
    with transaction(ctx.engine) as conn:
        conn.execute(text(statement), values)


def fact(ctx: Context, person: int, n: int) -> None:
    born = (date(1950, 1, 1), date(1990, 1, 1), date(2015, 1, 1), None)[n % 4]
    run(
        ctx, "update profile set birth_date = :born, owns_home = :home where id = :id", born=born, home=n > 4, id=person
    )


def family(ctx: Context, person: int, n: int) -> None:
    row = "insert into dependant (profile_id, ref, birth_date) values (:id, :ref, :born) on conflict do nothing"
    run(
        ctx, row if n % 2 else "delete from dependant where profile_id = :id", id=person, ref="k", born=date(2025, 1, 1)
    )


def wish(ctx: Context, person: int, n: int) -> None:
    subscribe(ctx, person, {"ref": f"w{n}", "themes": ("safety", "talent", "elder")[n % 3]})
    run(ctx, "update subscription set ended_at = now() where profile_id = :id and ref <> :ref", id=person, ref=f"w{n}")


def tag(ctx: Context, person: int, n: int) -> None:
    word = ("租房", "养老")[n % 2]
    pick_tag(ctx, person, word) if n < 5 else delete_tag(ctx, person, word)


def switch(ctx: Context, person: int, n: int) -> None:
    switch_personalised(ctx, person, n % 3 > 0)


def consent(ctx: Context, person: int, n: int) -> None:
    (give_consent if n % 2 else withdraw_consent)(ctx, person, "sensitive")


def deed(ctx: Context, person: int, n: int) -> None:
    kind = feedback.REACTIONS[n % 3]
    feedback.react(
        ctx, person, 1 + n % 4, kind=kind, on=n > 2, reason="applied" if kind == "dismissed" and n > 2 else None
    )


def policy(ctx: Context, _: int, n: int) -> None:
    number = _number(ctx, "select coalesce(max(id), 0) from policy")
    if n < 4:
        issue(ctx, f"p{number + 1}", criteria=TREES[n], topic=("safety", "elder")[n % 2], tags="租房", themes="养老")
    else:
        state = "withdrawn" if n < 6 else "published"
        run(ctx, "update policy set state = :state, title = title || '!' where id = :id", state=state, id=1 + n % 5)


def model(ctx: Context, _: int, n: int) -> None:
    use_model(ctx, {"interest=租房": float(n), "region=990105": 1.0 - n})


def quiet(ctx: Context, person: int, n: int) -> None:
    set_choices(ctx, person, {"weekly_max": n})


def _number(ctx: Context, query: str) -> int:
    with transaction(ctx.engine) as conn:
        return int(conn.execute(text(query)).scalar_one())


CHANGES: tuple[Callable[[Context, int, int], None], ...] = (
    *(fact, family, wish, tag, switch, consent, deed, policy, model, quiet),
)
STEPS = st.lists(st.tuples(st.integers(0, len(CHANGES)), st.integers(0, 9)), min_size=1, max_size=12)


@given(steps=STEPS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_kept_is_what_would_be_worked_out_anew_after_any_changes(
    ctx: Context, clock: Clock, steps: list[tuple[int, int]]
) -> None:
    person = register(ctx, "a", region="990105", birth_date="1950-05-01", interests="租房")
    for n, tree in enumerate(() if _number(ctx, "select count(*) from policy") else TREES):
        issue(ctx, f"start-{n}", criteria=tree, kind="normative", tags="租房", themes="养老")
    for which, n in steps:
        for locale in ("zh", "en"):
            assert page(ctx, person, locale=locale, size=3) == anew(ctx, person, locale=locale, size=3)
        if which == len(CHANGES):
            clock.forward(days=n)
        else:
            CHANGES[which](ctx, person, n)
        for number in (1, 2):
            assert page(ctx, person, size=3, page=number) == anew(ctx, person, size=3, page=number)


def test_a_second_page_is_not_worked_out_again(ctx: Context) -> None:
    person = register(ctx, "a", birth_date="1950-05-01")
    issue(ctx, "p", criteria=OLD_ENOUGH)
    first = page(ctx, person)
    before = ctx.redis.dbsize() if ctx.redis else 0
    unread = replace(ctx, kept=Kept())
    assert page(unread, person) == first
    assert before == 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [b"", b"garbled", b"\0" * 200, b"[1,2", "not bytes at all"])
def test_whatever_stands_in_redis_the_feed_is_right(ctx: Context, kind: str, value: object) -> None:
    person = register(ctx, "a", birth_date="1950-05-01")
    issue(ctx, "p", criteria=OLD_ENOUGH)
    assert ctx.redis is not None
    ctx.redis.set(f"feed:{kind}:{person}", value)  # type: ignore[arg-type]  # anything
    assert page(ctx, person) == anew(ctx, person) == page(ctx, person)


def test_what_is_kept_of_another_person_cannot_be_put_under_mine(ctx: Context) -> None:
    """Whoever writes to Redis gains nothing: a value opens in its own place alone."""
    old, young = register(ctx, "a", birth_date="1950-05-01"), register(ctx, "b", birth_date="1990-05-01")
    issue(ctx, "p", criteria=OLD_ENOUGH)
    assert ctx.redis is not None
    assert page(ctx, old).fit == 1
    for kind in KINDS:
        stolen = ctx.redis.get(f"feed:{kind}:{old}")
        if stolen is not None:
            ctx.redis.set(f"feed:{kind}:{young}", stolen)  # type: ignore[arg-type]
    assert page(ctx, young).fit == 0


def test_what_is_kept_says_nothing_to_who_reads_redis(ctx: Context) -> None:
    person = register(ctx, "a", birth_date="1950-05-01")
    issue(ctx, "p", criteria=OLD_ENOUGH)
    page(ctx, person)
    assert ctx.redis is not None
    kept = [ctx.redis.get(key) for key in ctx.redis.keys("feed:*")]  # type: ignore[union-attr]
    assert len(kept) == 2
    assert not any("年龄".encode() in value or b"1950" in value for value in kept)  # type: ignore[operator]


def test_redis_emptied_or_away_costs_delay_only(ctx: Context, clock: Clock) -> None:
    person = register(ctx, "a", birth_date="1950-05-01")
    issue(ctx, "p", criteria=OLD_ENOUGH)
    first = page(ctx, person)
    assert ctx.redis is not None
    ctx.redis.flushall()
    assert page(ctx, person) == first
    away = replace(ctx, redis=Redis.from_url("redis://127.0.0.1:1/0"), kept=Kept())
    assert page(away, person) == page(away, person) == first


def test_nothing_is_kept_of_who_was_erased(ctx: Context) -> None:
    person = register(ctx, "a", birth_date="1950-05-01")
    issue(ctx, "p", criteria=OLD_ENOUGH)
    page(ctx, person)
    assert erase(ctx, person, actor="person")
    assert ctx.redis is not None
    assert ctx.redis.keys("feed:*") == []
    assert page(ctx, person) == Page()


def test_a_value_of_another_stamp_is_not_used(ctx: Context) -> None:
    remember(ctx, "order", 1, ["a"], [1])
    assert recall(ctx, "order", 1, ["a"]) == [1]
    assert recall(ctx, "order", 1, ["b"]) is None
    assert recall(ctx, "order", 2, ["a"]) is None


def test_a_page_past_the_end_is_the_last_one(ctx: Context) -> None:
    person = register(ctx, "a", birth_date="1950-05-01")
    for n in range(3):
        issue(ctx, f"p{n}", criteria=OLD_ENOUGH)
    found = page(ctx, person, size=2, page=9)
    assert (found.number, found.total, [line.policy_id for line in found.lines]) == (2, 3, [1])
