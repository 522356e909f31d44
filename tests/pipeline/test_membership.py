"""Who belongs to a firm: there is an admin while there are members, a file is not stronger than people's own word, and
nothing of a firm reaches whoever left it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy import delete

from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline import joining, membership
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.membership import MembershipError
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.rights import erase
from pushsvc.store import join_requests, memberships, tables
from pushsvc.store.session import transaction
from tests.making import choose, make_campaign, make_person, make_policy, subscribe
from tests.registering import ask as look
from tests.registering import register

CODE, OTHER = "91330106MA2CFRG25K", "91330000MA27XYW112"
Memory = dict[str, MemoryChannel]


def firm_with(ctx: Context, **roles: str) -> tuple[int, dict[str, int]]:
    """A firm, and people by name with their roles; "" for none."""
    with transaction(ctx.engine) as conn:
        people = {name: make_person(conn, ctx, n, ref=name, consent=("notify",)) for n, name in enumerate(roles, 1)}
        firm = make_person(conn, ctx, 900, channels=(), ref=CODE, kind="enterprise")
        for name, role in roles.items():
            if role:
                memberships.put_member(conn, firm, people[name], role=role, how="admin", at=ctx.clock())
    return firm, people


def roles_of(ctx: Context, firm: int) -> dict[int, str]:
    """Who belongs to it now."""
    with transaction(ctx.engine) as conn:
        return memberships.roles(conn, firm)


@pytest.fixture
def town(ctx: Context) -> tuple[int, list[int]]:
    """A firm and four people, none of whom belongs to it yet."""
    firm, people = firm_with(ctx, a="", b="", c="", d="")
    return firm, list(people.values())


ACTS = st.lists(st.tuples(st.sampled_from(("leave", "remove", "admin", "member", "prove")), *[st.integers(0, 3)] * 2))


@hypothesis(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(ACTS)
def test_a_firm_that_has_members_keeps_an_admin(
    ctx: Context, town: tuple[int, list[int]], acts: Sequence[tuple[str, int, int]]
) -> None:
    firm, people = town
    with transaction(ctx.engine) as conn:
        conn.execute(delete(tables.member))
        for person, role in zip(people, ("admin", "member", "member"), strict=False):
            memberships.put_member(conn, firm, person, role=role, how="admin", at=ctx.clock())
    for what, who, whom in acts:
        with suppress(MembershipError):
            if what == "leave":
                membership.leave(ctx, people[who], firm)
            elif what == "remove":
                membership.remove(ctx, people[who], firm, people[whom])
            elif what == "prove":
                membership.prove_admin(ctx, person_id=people[who], credit_code=CODE, how="host")
            else:
                membership.change_role(ctx, people[who], firm, people[whom], what)
        held = roles_of(ctx, firm)
        assert not held or "admin" in held.values(), (what, who, whom)


def test_what_is_queued_does_not_reach_whoever_left(ctx: Context, sender: Sender, memory: Memory) -> None:
    firm, people = firm_with(ctx, boss="admin", anna="member")
    with transaction(ctx.engine) as conn:
        campaign = make_campaign(conn, ctx, make_policy(conn, ctx))
        choose(conn, ctx, campaign, [firm])
    plan(ctx, campaign)
    membership.leave(ctx, people["anna"], firm)
    while deliver_next(ctx, sender, "normal"):
        pass
    assert [message.recipient for message in memory["sms"].sent] == [people["boss"]]
    assert look(ctx, "select state, code from delivery where recipient_id = :id", id=people["anna"]) == [
        ("refused", "no_address")
    ]


def test_the_firms_subscriptions_stay_when_the_last_one_leaves(ctx: Context) -> None:
    firm, people = firm_with(ctx, boss="admin")
    with transaction(ctx.engine) as conn:
        subscribe(conn, ctx, firm, "w1")
    membership.leave(ctx, people["boss"], firm)
    assert roles_of(ctx, firm) == {}
    assert look(ctx, "select ended_at from subscription") == [(None,)]


def file_says(ctx: Context, members: str) -> None:
    """The register's word on who belongs to the firm."""
    register(ctx, "firm", kind="enterprise", members=members)


@pytest.mark.parametrize("how", ["self", "admin"])
def test_a_file_does_not_bring_back_who_left_or_was_taken_out(ctx: Context, how: str) -> None:
    boss, anna = register(ctx, "boss"), register(ctx, "anna")
    file_says(ctx, "boss:admin|anna:member")
    ((firm,),) = look(ctx, "select id from profile where ref = 'firm'")
    if how == "self":
        membership.leave(ctx, anna, firm)
    else:
        membership.remove(ctx, boss, firm, anna)
    register(ctx, "firm", kind="enterprise", members="boss:admin|anna:admin", employees="9")
    assert roles_of(ctx, firm) == {boss: "admin"}


def test_a_file_that_does_not_know_of_it_takes_no_membership_away(ctx: Context) -> None:
    anna, bert, chen = (register(ctx, ref) for ref in ("anna", "bert", "chen"))
    file_says(ctx, "anna:admin|bert:member")
    ((firm,),) = look(ctx, "select id from profile where ref = 'firm'")
    with transaction(ctx.engine) as conn:
        memberships.put_member(conn, firm, chen, role="member", how="admin", at=ctx.clock())
    membership.change_role(ctx, anna, firm, bert, "admin")
    file_says(ctx, "anna:admin")
    assert roles_of(ctx, firm) == {anna: "admin", bert: "admin", chen: "member"}


def test_who_comes_back_hears_of_the_firm_again(ctx: Context) -> None:
    firm, people = firm_with(ctx, boss="admin", anna="member")
    membership.set_wants(ctx, people["anna"], firm, wants=False)
    membership.leave(ctx, people["anna"], firm)
    joining.ask(ctx, people["anna"], CODE, "又回来了")
    ((number,),) = look(ctx, "select id from join_request")
    joining.answer(ctx, people["boss"], firm, number, "member")
    assert look(ctx, "select wants, left_at, left_how from member where person_id = :id", id=people["anna"]) == [
        (True, None, None)
    ]


def test_two_admins_who_answer_at_once_answer_once(ctx: Context) -> None:
    firm, people = firm_with(ctx, boss="admin", other="admin", anna="")
    joining.ask(ctx, people["anna"], CODE, "财务")
    ((number,),) = look(ctx, "select id from join_request")
    joining.answer(ctx, people["boss"], firm, number, None)
    with pytest.raises(MembershipError, match="answered"):
        joining.answer(ctx, people["other"], firm, number, "admin")
    assert people["anna"] not in roles_of(ctx, firm)


@pytest.mark.parametrize("role", ["", "owner", "refuse"])
def test_an_answer_that_says_nothing_known_changes_nothing(ctx: Context, role: str) -> None:
    firm, people = firm_with(ctx, boss="admin", anna="")
    joining.ask(ctx, people["anna"], CODE, "财务")
    ((number,),) = look(ctx, "select id from join_request")
    with pytest.raises(MembershipError, match="bad_role"):
        joining.answer(ctx, people["boss"], firm, number, role)
    assert look(ctx, "select state from join_request") == [("open",)]


def test_an_operator_does_not_answer_for_a_firm_that_has_an_admin_by_now(ctx: Context) -> None:
    firm, people = firm_with(ctx, boss="", anna="")
    joining.ask(ctx, people["anna"], CODE, "授权书 2026-18 号")
    ((number,),) = look(ctx, "select id from join_request")
    membership.prove_admin(ctx, person_id=people["boss"], credit_code=CODE, how="host")
    with pytest.raises(MembershipError, match="has_admin"):
        joining.decide(ctx, number, accept=True, by="zhoulan", reason="已核对")
    with transaction(ctx.engine) as conn:
        assert join_requests.waiting_at_office(conn) == []
        assert [one.asked.id for one in join_requests.waiting_at(conn, firm)] == [number]


def test_what_an_erased_admin_leaves_open_goes_to_the_office(ctx: Context) -> None:
    _, people = firm_with(ctx, boss="admin", anna="")
    joining.ask(ctx, people["anna"], CODE, "财务")
    with transaction(ctx.engine) as conn:
        assert join_requests.count_at_office(conn) == 0
    erase(ctx, people["boss"], actor="person")
    with transaction(ctx.engine) as conn:
        assert join_requests.count_at_office(conn) == 1


def test_a_host_that_proves_the_same_person_twice_writes_once(ctx: Context) -> None:
    firm, people = firm_with(ctx, boss="member")
    for _ in range(2):
        assert membership.prove_admin(ctx, person_id=people["boss"], credit_code=CODE, how="host") == firm
    assert look(ctx, "select count(*) from audit where action = 'member.join'") == [(1,)]


def test_the_admin_is_told_in_the_inbox_where_an_app_reaches_them(ctx: Context) -> None:
    with transaction(ctx.engine) as conn:
        boss = make_person(conn, ctx, 1, channels=("app", "sms"))
        anna = make_person(conn, ctx, 2)
        firm = make_person(conn, ctx, 3, channels=(), ref=CODE, kind="enterprise")
        memberships.put_member(conn, firm, boss, role="admin", how="host", at=ctx.clock())
    joining.ask(ctx, anna, CODE, "财务")
    assert look(ctx, "select recipient_id, channel from delivery") == [(boss, "app")]


def test_many_requests_of_one_person_do_not_pile_up(ctx: Context) -> None:
    _, people = firm_with(ctx, anna="")
    with transaction(ctx.engine) as conn:
        for n in range(joining.MOST_OPEN):
            row = {"person_id": people["anna"], "lookup": bytes([n]), "code": b"", "why": b"", "asked_at": ctx.clock()}
            join_requests.add_request(conn, row)
    with pytest.raises(MembershipError, match="too_many"):
        joining.ask(ctx, people["anna"], OTHER, "财务")
