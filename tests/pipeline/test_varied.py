"""Lists that are varied: one text on a matter, so many of an agency; what was asked for or must be told stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from pushsvc.context import Context
from pushsvc.pipeline.digest import release_digests
from pushsvc.pipeline.faces import face_codes
from pushsvc.pipeline.feed import feed
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.preferences import subscribe, switch_personalised
from pushsvc.pipeline.varied import AGENCY_MAX, SAME_FAMILY, About, Listed, too_many
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import choose, make_campaign, make_person, make_policy, prefer
from tests.registering import OLD_ENOUGH, ask, issue, register

OTHER = "江澜市教育局"


def of_three(ctx: Context) -> Context:
    """The same service with three of an agency in a list."""
    return replace(ctx, settings=replace(ctx.settings, agency_max=3))


def refs(ctx: Context, person: int, **options: int) -> list[str]:
    return [item.policy.ref for item in feed(ctx, person, **options)]


def test_a_feed_holds_no_more_of_one_agency_than_the_setting_says(ctx: Context) -> None:
    person = register(ctx, "a", birth_date="1950-05-01")
    for n in range(7):
        issue(ctx, f"p{n}", criteria=OLD_ENOUGH)
    issue(ctx, "other", agency=OTHER, criteria={"fact": "owns_home", "eq": False})
    assert refs(ctx, person) == ["p6", "p5", "p4", "p3", "p2", "other"]
    assert refs(of_three(ctx), person) == ["p6", "p5", "p4", "other"]


def test_what_was_asked_for_is_shown_whatever_its_agency_has_beside(ctx: Context) -> None:
    person = register(ctx, "a")
    subscribe(ctx, person, {"ref": "w", "themes": "safety"})
    for n in range(4):
        issue(ctx, f"asked{n}", topic="safety")
        issue(ctx, f"p{n}")
    issue(ctx, "other", agency=OTHER)
    assert refs(of_three(ctx), person) == ["asked3", "asked2", "asked1", "asked0", "other"]


def test_without_personal_input_the_newest_of_each_agency_are_shown(ctx: Context) -> None:
    person = register(ctx, "a")
    subscribe(ctx, person, {"ref": "w", "themes": "safety"})
    switch_personalised(ctx, person, False)
    for n in range(5):
        issue(ctx, f"p{n}", topic="safety")
    issue(ctx, "other", agency=OTHER)
    assert refs(of_three(ctx), person) == ["other", "p4", "p3", "p2"]


@pytest.mark.parametrize("relation", ["interprets", "forwards", "duplicates"])
def test_what_tells_a_policy_again_does_not_stand_beside_it(ctx: Context, relation: str) -> None:
    person = register(ctx, "a", birth_date="1950-05-01")
    issue(ctx, "policy", criteria=OLD_ENOUGH)
    issue(ctx, "again", kind="interpretation", agency=OTHER)
    assert refs(ctx, person) == ["policy", "again"]
    with transaction(ctx.engine) as conn:
        link(conn, "again", "policy", relation)
        conn.execute(tables.policy.update().values(checksum=tables.policy.c.checksum + "1"))
    assert refs(ctx, person) == ["policy"]


def link(conn: object, ref: str, to: str, relation: str) -> None:
    """Write down that one policy tells another again."""
    number = {row.ref: row.id for row in conn.execute(select(tables.policy.c.ref, tables.policy.c.id))}  # type: ignore[attr-defined]  # a connection
    row = {"policy_id": number[ref], "relation": relation, "target_id": number[to]}
    conn.execute(tables.policy_link.insert().values(row))  # type: ignore[attr-defined]


def test_a_policy_and_what_it_rests_on_are_two_matters(ctx: Context) -> None:
    person = register(ctx, "a")
    issue(ctx, "law")
    issue(ctx, "rule")
    with transaction(ctx.engine) as conn:
        link(conn, "rule", "law", "based_on")
        conn.execute(tables.policy.update().values(checksum=tables.policy.c.checksum + "1"))
    assert refs(ctx, person) == ["rule", "law"]


@pytest.mark.parametrize(
    ("again", "same"),
    [
        ([], ["a", "b", "c"]),
        ([("a", "b")], ["ab", "c"]),
        ([("a", "b"), ("b", "c")], ["abc"]),
        ([("a", "c"), ("b", "c")], ["abc"]),
        ([("a", "b"), ("b", "a")], ["ab", "c"]),
        ([("a", "b"), ("a", "c")], ["a", "b", "c"]),  # one explanation of two measures makes them not one
        ([("a", "x"), ("b", "x")], ["ab", "c"]),  # of one that is in force no more
    ],
)
def test_faces_follow_who_tells_whom_again(again: list[tuple[str, str]], same: list[str]) -> None:
    codes = face_codes(["a", "b", "c"], again).tolist()
    groups: dict[int, str] = {}
    for name, code in zip("abc", codes, strict=True):
        groups[code] = groups.get(code, "") + name
    assert sorted(groups.values()) == sorted(same)


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")).filter(lambda pair: pair[0] != pair[1]))
)
def test_circles_end_and_the_order_of_links_makes_no_difference(again: list[tuple[str, str]]) -> None:
    assert face_codes("abcdef", again).tolist() == face_codes("abcdef", reversed(again)).tolist()


# Digests


def gathered(ctx: Context, items: Iterable[tuple[str, str, dict[str, str]]]) -> int:
    """One person with a daily digest that holds these policies (reference, door, columns); its delivery.

    What must be told goes out at once and alone; should it ever stand in a digest, the rules hold all the same.
    """
    with transaction(ctx.engine) as conn:
        person = make_person(conn, ctx, 1, consent=("notify", "recommend"))
        prefer(conn, ctx, person, cadence="daily")
    for number, (ref, door, columns) in enumerate(items, start=1):
        with transaction(ctx.engine) as conn:
            policy_id = make_policy(conn, ctx, ref, visible_no=number, **columns)
            asked = "recommended" if door == "recommended" else "subscribed"
            campaign_id = make_campaign(conn, ctx, policy_id, doors=[asked])
            choose(conn, ctx, campaign_id, [person], asked)
        plan(ctx, campaign_id)
        with transaction(ctx.engine) as conn:
            mine = tables.delivery_item.c.policy_id == policy_id
            conn.execute(tables.delivery_item.update().where(mine).values(door=door))
    return int(ask(ctx, "select id from delivery where state = 'gathering'")[0][0])


def left(ctx: Context, clock: Clock) -> list[str]:
    """What the digest tells when its moment has come."""
    clock.now = datetime.fromisoformat("2026-06-25T08:31:00+08:00")
    assert release_digests(ctx) == 1
    query = "select p.ref from delivery_item i join policy p on p.id = i.policy_id order by i.position"
    return [ref for (ref,) in ask(ctx, query)]


def refusals(ctx: Context) -> list[tuple[str, int]]:
    return sorted(Counter(code for (code,) in ask(ctx, "select code from refusal")).items())


def test_a_digest_tells_the_newest_event_of_a_matter(ctx: Context, clock: Clock) -> None:
    same = {"family": "f"}
    gathered(ctx, [("call", "recommended", same), ("b", "recommended", {}), ("extended", "subscribed", same)])
    assert left(ctx, clock) == ["b", "extended"]
    assert refusals(ctx) == [(SAME_FAMILY, 1)]


def test_events_that_must_be_told_are_all_told(ctx: Context, clock: Clock) -> None:
    same = {"family": "f"}
    gathered(ctx, [("due", "entitled", same), ("due2", "entitled", same), ("tip", "recommended", same)])
    assert left(ctx, clock) == ["due", "due2", "tip"], "the newest stands beside what must be told"


def test_a_newer_event_that_must_be_told_stands_for_older_tips(ctx: Context, clock: Clock) -> None:
    same = {"family": "f"}
    gathered(ctx, [("tip", "recommended", same), ("due", "entitled", same)])
    assert left(ctx, clock) == ["due"]


def test_a_digest_recommends_no_flood_of_one_agency(ctx: Context, clock: Clock) -> None:
    agency = {"agency": OTHER}
    items = [(f"r{n}", "recommended", agency) for n in range(5)]
    gathered(ctx, [*items[:2], ("asked", "subscribed", agency), ("due", "entitled", agency), *items[2:]])
    assert left(of_three(ctx), clock) == ["r0", "asked", "due"]
    assert refusals(ctx) == [(AGENCY_MAX, 4)]


def test_what_was_asked_for_is_never_dropped_for_its_agency(ctx: Context, clock: Clock) -> None:
    gathered(ctx, [(f"s{n}", "subscribed", {"agency": OTHER}) for n in range(6)])
    assert len(left(of_three(ctx), clock)) == 6
    assert refusals(ctx) == []


def test_an_interpretation_does_not_stand_beside_its_policy_in_a_digest(ctx: Context, clock: Clock) -> None:
    gathered(ctx, [("policy", "subscribed", {}), ("words", "subscribed", {})])
    with transaction(ctx.engine) as conn:
        link(conn, "words", "policy", "interprets")
    assert left(ctx, clock) == ["words"]


listed = st.builds(
    Listed, st.integers(0, 2), st.builds(About, st.integers(0, 3), st.integers(0, 2), st.integers(0, 9)),
    st.sampled_from(["entitled", "subscribed", "recommended"]),
)  # fmt: skip


@given(st.lists(listed, max_size=14), st.integers(1, 4))
def test_many_digests_are_thinned_each_by_itself(items: list[Listed], most: int) -> None:
    codes = too_many(items, most=most)
    for number in {one.delivery_id for one in items}:
        mine = [(one, code) for one, code in zip(items, codes, strict=True) if one.delivery_id == number]
        assert [code for _, code in mine] == too_many([one for one, _ in mine], most=most)
        stay = [one for one, code in mine if not code]
        assert stay, "no digest is left empty"
        assert all(not code for one, code in mine if one.door == "entitled")
        assert all(code != AGENCY_MAX for one, code in mine if one.door != "recommended")
        free = Counter(one.policy.face for one in stay if one.door != "entitled")
        assert all(n == 1 for n in free.values())
        told = Counter(one.policy.agency for one in stay)
        firm = Counter(one.policy.agency for one in stay if one.door != "recommended")
        assert all(n <= max(most, firm[agency]) for agency, n in told.items())
