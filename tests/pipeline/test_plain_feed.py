"""The list that looks at nobody: by date or deadline, of a place that the reader names."""

from __future__ import annotations

import inspect

import pytest

from pushsvc.context import Context
from pushsvc.pipeline import plain_feed
from pushsvc.pipeline.feed import Wanted, policy_for, read_feed
from pushsvc.pipeline.plain_feed import NOT_ASKED, plain_item, plain_items
from pushsvc.pipeline.preferences import switch_personalised
from pushsvc.store.session import transaction
from tests.modelling import use_model
from tests.registering import OLD_ENOUGH, issue, register


def refs(ctx: Context, wanted: Wanted, limit: int = 30) -> list[str]:
    with transaction(ctx.engine) as conn:
        return [item.policy.ref for item in plain_items(conn, ctx, wanted, limit)]


@pytest.fixture
def city(ctx: Context) -> None:
    """Policies of the city, of two districts and of everywhere."""
    issue(ctx, "city", region="990100", window_closes="2026-07-20")
    issue(ctx, "here", region="990105", window_closes="2026-07-01")
    issue(ctx, "there", region="990101")
    issue(ctx, "late", region="990105", window_closes="2026-07-20")


@pytest.mark.usefixtures("city")
def test_the_newest_stands_first_or_what_ends_first(ctx: Context) -> None:
    assert refs(ctx, Wanted()) == ["late", "there", "here", "city"]
    assert refs(ctx, Wanted("deadline")) == ["here", "late", "city", "there"]
    assert refs(ctx, Wanted("deadline"), limit=2) == ["here", "late"]


@pytest.mark.usefixtures("city")
def test_a_region_takes_what_holds_there_with_all_above_and_below(ctx: Context) -> None:
    assert refs(ctx, Wanted(region="990105")) == ["late", "here", "city"]
    assert refs(ctx, Wanted(region="990100")) == ["late", "there", "here", "city"]
    assert refs(ctx, Wanted(region="990102")) == ["city"]


def test_no_function_of_it_is_handed_a_person() -> None:
    known = {"conn", "ctx", "wanted", "limit", "policy", "policies", "on", "region"}
    for _, made in inspect.getmembers(plain_feed, inspect.isfunction):
        if made.__module__ == plain_feed.__name__:
            assert set(inspect.signature(made).parameters) <= known, made


def test_a_reader_who_wants_it_plain_gets_it_plain_for_whom_they_act(ctx: Context) -> None:
    person = register(ctx, "a", birth_date="1950-05-01")
    issue(ctx, "p", criteria=OLD_ENOUGH)
    assert read_feed(ctx, person).personalised
    found = read_feed(ctx, person, plain=True)
    assert (found.personalised, found.items[0].fit, found.questions) == (False, NOT_ASKED, [])
    assert read_feed(ctx, 999, plain=True).items == []


def test_opening_a_policy_looks_at_nobody_who_wishes_no_such_thing_until_they_ask(ctx: Context) -> None:
    person = register(ctx, "a", birth_date="1950-05-01", region="990105")
    use_model(ctx, {"region=990105": 1.0})
    issue(ctx, "p", criteria=OLD_ENOUGH)
    looks = ("always", "if_personal", "never")

    def states() -> list[int | None]:
        found = [policy_for(ctx, person, 1, look=look) for look in looks]  # type: ignore[arg-type]
        return [one.fit.state for one in found if one]

    assert states() == [1, 1, None]
    switch_personalised(ctx, person, False)
    assert states() == [1, None, None]
    item = policy_for(ctx, person, 1, look="if_personal")
    assert item is not None
    assert item == plain_item(item.policy, ctx.clock().date())
