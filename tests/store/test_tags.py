"""A deleted tag stays deleted, whoever writes; and what was read of it before counts no more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import insert, text

from pushsvc.context import Context
from pushsvc.keyring import Keyring
from pushsvc.settings import Settings
from pushsvc.store import tables
from pushsvc.store.interactions import positive_interactions
from pushsvc.store.session import Engine, transaction
from pushsvc.store.tags import (
    add_tag,
    lift_refusal,
    profiles_with_refusals_since,
    refusals_of,
    refuse_tag,
    tags_of_policies,
)
from tests.clock import Clock
from tests.making import make_policy
from tests.registering import ask, issue, register

TAGS = ("租房", "托育", "创业")
HOUR = timedelta(hours=1)
# What happens in order, an hour apart: one reads a policy, deletes the tag or wants it again.
STEPS = st.lists(st.tuples(st.sampled_from(["read", "refuse", "lift"]), st.sampled_from(TAGS)), max_size=12)


@pytest.fixture
def ctx(settings: Settings, engine: Engine, keyring: Keyring, clock: Clock) -> Context:
    """What a verb is handed."""
    return Context(settings=settings, engine=engine, keyring=keyring, clock=clock)


def held(ctx: Context, person: int) -> list[str]:
    return list(ask(ctx, "select interests from profile where id = :id", id=person)[0][0])


def counted(ctx: Context) -> list[int]:
    with transaction(ctx.engine) as conn:
        return positive_interactions(conn).policy_ids.tolist()


def read(ctx: Context, person: int, policy: int, hours: int = 0) -> None:
    row = {"profile_id": person, "policy_id": policy, "kind": "opened", "at": ctx.clock() + hours * HOUR}
    with transaction(ctx.engine) as conn:
        conn.execute(insert(tables.feedback).values(row))


@pytest.mark.parametrize(
    "statement",
    [
        "update profile set interests = '{租房,托育}'",
        "update profile set interests = interests || '{租房}'::text[], locale = 'en'",
        "update profile p set interests = i.tags from (select array['托育', '租房'] as tags) i",
    ],
)
def test_no_statement_writes_a_refused_tag_back(ctx: Context, statement: str) -> None:
    person = register(ctx, "a", interests="租房|托育")
    with transaction(ctx.engine) as conn:
        assert refuse_tag(conn, person, "租房", ctx.clock())
        conn.execute(text(statement))
    assert held(ctx, person) == ["托育"]


@pytest.mark.parametrize("again", ["ai应用", "Ai应用", "AI 应用", "ＡＩ应用"])
def test_a_refused_tag_does_not_come_back_in_another_spelling(ctx: Context, again: str) -> None:
    person = register(ctx, "a", interests="AI应用|托育")
    issue(ctx, "p", tags=again)
    read(ctx, person, 1)
    with transaction(ctx.engine) as conn:
        assert refuse_tag(conn, person, "AI应用", ctx.clock())
    register(ctx, "a", interests=f"{again}|托育")
    assert (held(ctx, person), counted(ctx)) == (["托育"], [])
    with transaction(ctx.engine) as conn:
        assert lift_refusal(conn, person, "ai应用", ctx.clock())
        assert add_tag(conn, person, "ai应用")
    assert (held(ctx, person), counted(ctx)) == (["托育", "ai应用"], [1])


def test_of_one_tag_in_two_spellings_both_go(ctx: Context) -> None:
    person = register(ctx, "a", interests="AI应用|ai应用|托育")
    with transaction(ctx.engine) as conn:
        assert refuse_tag(conn, person, "AI应用", ctx.clock())
    assert held(ctx, person) == ["托育"]


def test_others_keep_the_tag_and_the_order_of_tags_stays(ctx: Context) -> None:
    person, other = (register(ctx, ref, interests="租房|托育|创业") for ref in "ab")
    with transaction(ctx.engine) as conn:
        refuse_tag(conn, person, "托育", ctx.clock())
        conn.execute(text("update profile set interests = '{创业,托育,租房}'"))
    assert (held(ctx, person), held(ctx, other)) == (["创业", "租房"], ["创业", "托育", "租房"])


def test_what_is_not_held_cannot_be_refused_and_a_refused_tag_not_be_added(ctx: Context) -> None:
    person = register(ctx, "a", interests="租房")
    with transaction(ctx.engine) as conn:
        assert not refuse_tag(conn, person, "托育", ctx.clock())
        assert refusals_of(conn, person) == []
        assert refuse_tag(conn, person, "租房", ctx.clock())
        assert not add_tag(conn, person, "租房")
        assert lift_refusal(conn, person, "租房", ctx.clock())
        assert not lift_refusal(conn, person, "租房", ctx.clock())
        assert add_tag(conn, person, "租房")
        assert not add_tag(conn, person, "租房")
    assert held(ctx, person) == ["租房"]


@given(steps=STEPS)
@examples(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_reading_counts_unless_a_standing_refusal_came_later(ctx: Context, steps: list[tuple[str, str]]) -> None:
    with transaction(ctx.engine) as conn:
        conn.execute(text("truncate profile, policy cascade"))
        bearers = {
            tag: make_policy(conn, ctx, tag, **{("themes" if n else "tags"): [tag]}) for n, tag in enumerate(TAGS)
        }
    person = register(ctx, "a", interests="|".join(TAGS))
    last_read: dict[str, int] = {}
    standing: dict[str, int] = {}
    for hour, (what, tag) in enumerate(steps):
        with transaction(ctx.engine) as conn:
            at = ctx.clock() + hour * HOUR
            if what == "refuse" and refuse_tag(conn, person, tag, at):
                standing[tag] = hour
            if what == "lift" and lift_refusal(conn, person, tag, at):
                assert add_tag(conn, person, tag)
                del standing[tag]
        if what == "read":
            read(ctx, person, bearers[tag], hour)
            last_read[tag] = hour
    expected = {bearers[tag] for tag, hour in last_read.items() if hour > standing.get(tag, -1)}
    assert set(counted(ctx)) == expected
    assert held(ctx, person) == [tag for tag in held(ctx, person) if tag not in standing]


def test_what_was_read_in_the_moment_of_the_refusal_does_not_count(ctx: Context) -> None:
    person = register(ctx, "a", interests="租房")
    issue(ctx, "p", tags="租房")
    read(ctx, person, 1)
    assert counted(ctx) == [1]
    with transaction(ctx.engine) as conn:
        refuse_tag(conn, person, "租房", ctx.clock())
    assert counted(ctx) == []


def test_who_refused_since_a_moment_is_told_the_moment_included(ctx: Context) -> None:
    first, second, third = (register(ctx, ref, interests="租房") for ref in "abc")
    with transaction(ctx.engine) as conn:
        for hours, person in enumerate((first, second, third)):
            refuse_tag(conn, person, "租房", ctx.clock() + hours * HOUR)
        lift_refusal(conn, third, "租房", ctx.clock())
        since = [profiles_with_refusals_since(conn, ctx.clock() + hours * HOUR).tolist() for hours in range(3)]
    assert since == [[first, second], [second], []]


@pytest.mark.parametrize(
    "values", [{"tags": ["助残"]}, {"themes": ["低保"]}, {"title": "残疾人创业场租补助"}, {"sensitive": True}]
)
def test_a_policy_that_names_what_is_sensitive_is_never_learnt_from_nor_lends_its_tags(
    ctx: Context, values: dict[str, object]
) -> None:
    person = register(ctx, "a")
    with transaction(ctx.engine) as conn:
        plain = make_policy(conn, ctx, "plain", tags=["租房"], topic="talent")
        named = make_policy(conn, ctx, "named", **({"tags": ["租房补贴"], "sensitive": False} | values))
    for policy in (plain, named):
        read(ctx, person, policy)
    assert counted(ctx) == [plain]
    with transaction(ctx.engine) as conn:
        assert tags_of_policies(conn, ctx.clock().date()) == [("租房", "talent")]


def test_a_tag_goes_with_the_topic_it_is_mostly_used_for_and_the_most_used_comes_first(ctx: Context) -> None:
    with transaction(ctx.engine) as conn:
        for n, topic in enumerate(("elder", "family", "elder")):
            make_policy(conn, ctx, f"p{n}", tags=["助餐"], topic=topic)
        make_policy(conn, ctx, "over", tags=["过期"], valid_to=ctx.clock().date() - timedelta(days=1))
        make_policy(conn, ctx, "draft", tags=["草稿"], state="draft")
        make_policy(conn, ctx, "one", tags=["入学"], topic="family")
        assert tags_of_policies(conn, ctx.clock().date()) == [("助餐", "elder"), ("入学", "family")]
