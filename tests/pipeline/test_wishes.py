"""Subscriptions against policies: all of them at once, one person's, and what changed meanwhile."""

from __future__ import annotations

import pytest

from profiles.subscriptions import Layers
from pushsvc.context import Context
from pushsvc.pipeline.preferences import subscribe
from pushsvc.pipeline.wishes import build_index, matching, policy_tags
from pushsvc.store.policies import Policy, policy_by_ref
from pushsvc.store.session import Connection, transaction
from pushsvc.store.subscriptions import live_subscriptions
from tests.registering import issue, register

# What is asked, and whether a notice for 990105 of software firms about 租房 and 社保 answers it.
ASKED: list[tuple[dict[str, object], bool]] = [
    ({"themes": "租房|医保"}, True),
    ({"themes": "租房&社保"}, True),
    ({"themes": "租房&医保"}, False),
    ({"themes": "talent"}, True),
    ({"industries": "I"}, True),
    ({"industries": "6513&H62"}, False),
    ({"regions": "990100"}, True),
    ({"regions": "990101"}, False),
    ({"agencies": "云湾区人社局"}, True),
    ({"agencies": "江澜市人社局"}, False),
    ({"agencies": "云湾区人社局&财政部"}, False),
    ({"keyword": "补贴 人才"}, True),
    ({"keyword": "没有|补 给予"}, True),
    ({"keyword": "补贴 没有"}, False),
    ({"themes": "租房", "keyword": "没有"}, False),
]


@pytest.fixture
def policy(ctx: Context) -> Policy:
    """The notice."""
    issue(ctx, "p", themes=["租房", "社保"], topic="talent", industries=["I6513"])
    with transaction(ctx.engine) as conn:
        found = policy_by_ref(conn, "p")
    assert found
    return found


def asking(ctx: Context, *asked: dict[str, object]) -> list[int]:
    """A person for each wish."""
    people = [register(ctx, f"r{number}") for number in range(len(asked))]
    for person, wish in zip(people, asked, strict=True):
        assert subscribe(ctx, person, {"ref": "w", **wish}) == []
    return people


def matching_wishes(conn: Connection, policy: Policy, profile_ids: list[int] | None = None) -> dict[int, list[int]]:
    return Layers(build_index(conn, profile_ids)).matching(policy_tags(policy)).by_profile()


def test_all_ways_to_match_agree(ctx: Context, policy: Policy) -> None:
    people = asking(ctx, *[wish for wish, _ in ASKED])
    expected = [person for person, (_, answer) in zip(people, ASKED, strict=True) if answer]
    with transaction(ctx.engine) as conn:
        live = live_subscriptions(conn)
        assert list(matching_wishes(conn, policy)) == expected
        assert [one.wish.profile_id for one in matching(live, policy)] == expected


def test_only_the_profiles_asked_about_are_told(ctx: Context, policy: Policy) -> None:
    people = asking(ctx, {"themes": "租房"}, {"keyword": "补贴"})
    with transaction(ctx.engine) as conn:
        assert matching_wishes(conn, policy, people[:1]) == {people[0]: [1]}
        assert matching_wishes(conn, policy, []) == {}


def test_what_changed_since_the_index_was_built_is_laid_over(ctx: Context, policy: Policy) -> None:
    people = asking(ctx, {"themes": "租房"}, {"keyword": "补贴"})
    with transaction(ctx.engine) as conn:
        layers = Layers(build_index(conn))
    subscribe(ctx, people[0], {"ref": "w", "themes": "医保"})
    subscribe(ctx, people[0], {"ref": "w2", "themes": "社保"})
    with transaction(ctx.engine) as conn:
        newest = max(one.id for one in live_subscriptions(conn))
        found = layers.refreshed(people[:1], build_index(conn, people[:1])).matching(policy_tags(policy))
    assert found.by_profile() == {people[0]: [newest], people[1]: [2]}


def test_nobody_who_asked_for_nothing_is_told(ctx: Context, policy: Policy) -> None:
    assert matching([], policy) == []
    with transaction(ctx.engine) as conn:
        assert matching_wishes(conn, policy) == {}
