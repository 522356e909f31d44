"""An event reaches exactly those whom it concerns: by what they saved, applied for, dismissed, and were told of."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.context import Context
from pushsvc.pipeline.audience import audience
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.event_audience import CONCERNS, People, concerned
from pushsvc.pipeline.events import pass_events
from pushsvc.pipeline.explain import explain
from pushsvc.pipeline.preferences import subscribe
from pushsvc.store import tables
from pushsvc.store.event_people import who_was_told
from pushsvc.store.feedback import add_feedback
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import send_to
from tests.registering import OLD_ENOUGH, ask, issue, register

OLD, YOUNG = "1950-05-01", "2000-01-01"


def did(ctx: Context, ref: str, kind: str, policy: str = "a") -> None:
    """Somebody did something with a policy."""
    ((person, number),) = ask(
        ctx, "select p.id, q.id from profile p, policy q where p.ref = :r and q.ref = :q", r=ref, q=policy
    )
    with transaction(ctx.engine) as conn:
        add_feedback(conn, person, number, kind=kind, at=ctx.clock())


def tell(ctx: Context, ref: str, state: str = "delivered", policy: str = "a") -> None:
    """Somebody was sent the policy by its first campaign."""
    ((person, number, campaign),) = ask(ctx, """select p.id, q.id, (select min(id) from campaign where policy_id = q.id)
        from profile p, policy q where p.ref = :r and q.ref = :q""", r=ref, q=policy)  # fmt: skip
    with transaction(ctx.engine) as conn:
        key = {"kind": "campaign", "key": f"campaign:{campaign}", "campaign_id": campaign, "created_at": ctx.clock()}
        found = ask(ctx, "select id from run where campaign_id = :c", c=campaign)
        run = found[0][0] if found else conn.execute(
            tables.run.insert().values(**key).returning(tables.run.c.id)).scalar_one()  # fmt: skip
        row = {"run_id": run, "profile_id": person, "recipient_id": person, "address_id": 1, "policy_id": number}
        row |= {"channel": "sms", "door": "subscribed", "state": state, "wire_key": f"{campaign}-{ref}"}
        conn.execute(tables.delivery.insert().values(**row, planned_at=ctx.clock(), updated_at=ctx.clock()))


def chosen(ctx: Context, kind: str) -> dict[str, str]:
    """Reference and door of those whom the event's campaign chooses."""
    ((number,),) = ask(ctx, "select max(id) from campaign where detail->>'kind' = :k", k=kind)
    audience(ctx, number)
    query = """select p.ref, s.door from selection s join profile p on p.id = s.profile_id
        where s.campaign_id = :n order by p.ref"""
    return dict(ask(ctx, query, n=number))  # type: ignore[arg-type]  # pairs


@pytest.fixture
def town(ctx: Context) -> None:
    """Old and young people, and a policy for the old; some asked for its topic."""
    for ref in ("saver", "applier", "dismisser", "told", "stranger", "asker_young"):
        register(ctx, ref, birth_date=YOUNG)
    for ref in ("asker_old", "applied_old"):
        register(ctx, ref, birth_date=OLD)
    for ref in ("asker_young", "asker_old", "applied_old"):
        assert subscribe(ctx, ask(ctx, "select id from profile where ref = :r", r=ref)[0][0],
                         {"ref": ref, "themes": "talent"}) == []  # fmt: skip
    closes = (city_day(ctx) + timedelta(days=8)).isoformat()
    issue(ctx, "a", family="f", topic="talent", criteria=OLD_ENOUGH, window_closes=closes)
    did(ctx, "saver", "saved")
    did(ctx, "applier", "saved")
    did(ctx, "applier", "applied")
    did(ctx, "applied_old", "applied")
    did(ctx, "dismisser", "saved")
    did(ctx, "dismisser", "dismissed")


@pytest.mark.usefixtures("town")
def test_a_deadline_is_for_those_who_saved_or_match_and_have_neither_applied_nor_dismissed(
    ctx: Context, clock: Clock
) -> None:
    clock.forward(days=1)
    pass_events(ctx)
    assert chosen(ctx, "deadline") == {"saver": "subscribed", "asker_old": "subscribed"}
    ((figures,),) = ask(ctx, "select funnel->'event' from campaign where selected_at is not null")
    assert figures == {"who": "deadline", "saved": 3, "applied": 2, "dismissed": 1}
    whys = dict(ask(ctx, "select p.ref, s.why from selection s join profile p on p.id = s.profile_id"))
    assert whys["saver"] == {"proof": "0", "did": ["saved"], "subscriptions": []}
    assert "did" not in whys["asker_old"]  # type: ignore[operator]  # JSON
    assert "本人收藏过这项政策" in "\n".join(explain(ctx, "a", "saver").lines("zh"))


@pytest.mark.usefixtures("town")
def test_a_change_is_for_those_told_before_who_saved_or_subscribed_in_any_version(ctx: Context) -> None:
    tell(ctx, "told")
    tell(ctx, "stranger", state="cancelled")
    issue(ctx, "b", family="f", event="changed:1", topic="talent", criteria=OLD_ENOUGH, amount="20万元")
    issue(ctx, "c", family="f", event="changed:2", topic="talent", criteria=OLD_ENOUGH, amount="30万元")
    pass_events(ctx)
    everybody = ("saver", "applier", "dismisser", "told", "asker_young", "asker_old", "applied_old")
    assert chosen(ctx, "changed") == dict.fromkeys(everybody, "subscribed")


@pytest.mark.usefixtures("town")
def test_a_repeal_is_for_those_who_were_told_or_saved_it_alone(ctx: Context) -> None:
    tell(ctx, "told")
    issue(ctx, "z", title="废止决定", family="z", body="第一条 不再适用。")
    ask(
        ctx,
        """with d as (update policy set repealed_by = (select id from policy where ref = 'z') where ref = 'a'
        returning 1) select * from d""",
    )
    pass_events(ctx)
    assert set(chosen(ctx, "repealed")) == {"told", "saver", "applier", "dismisser"}


@pytest.mark.usefixtures("town")
def test_a_result_is_for_those_who_applied_saved_or_were_told_of_what_it_is_of(ctx: Context) -> None:
    tell(ctx, "told")
    issue(ctx, "r", family="f", kind="gazette", title="人才安居补贴公报", topic="talent")
    pass_events(ctx)
    assert set(chosen(ctx, "result")) == {"applier", "applied_old", "saver", "dismisser", "told"}


@pytest.mark.usefixtures("town")
def test_a_window_that_opens_is_for_subscribers_and_those_who_saved(ctx: Context, clock: Clock) -> None:
    opens = (city_day(ctx) + timedelta(days=1)).isoformat()
    issue(ctx, "w", family="w", topic="elder", title="养老补贴", window_opens=opens)
    did(ctx, "saver", "saved", policy="w")
    did(ctx, "dismisser", "dismissed", policy="w")
    clock.forward(days=1)
    pass_events(ctx)
    assert chosen(ctx, "window_opened") == {"saver": "subscribed"}


def test_told_are_those_whose_message_left(ctx: Context) -> None:
    sent = send_to(ctx, 2)
    with transaction(ctx.engine) as conn:
        assert who_was_told(conn, [sent.policy_id]).tolist() == []
    people = dict(ask(ctx, "select ref, id from profile"))
    tell(ctx, "p1", policy="policy-1")
    tell(ctx, "p2", state="rejected", policy="policy-1")
    with transaction(ctx.engine) as conn:
        assert who_was_told(conn, [sent.policy_id]).tolist() == [people["p1"]]


SETS = st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=6, max_size=6)


@given(st.sampled_from([None, *CONCERNS]), SETS)
def test_whom_it_concerns_is_one_decision_a_person(who: str | None, columns: list[list[bool]]) -> None:
    yes, wished, *rest = (np.array(column, dtype=np.bool_) for column in columns)
    ids = np.arange(10, 16)
    names = ("saved", "told", "applied", "dismissed")
    people = None if who is None else People(who, {n: ids[m] for n, m in zip(names, rest, strict=True)})
    may, asked = concerned(people, ids, yes, wished)
    for row in range(6):
        one = MappingProxyType({n: bool(m[row]) for n, m in zip(names, rest, strict=True)})
        assert (may[row], asked[row]) == _plainly(who, one, bool(yes[row]), bool(wished[row]))


def _plainly(who: str | None, did: MappingProxyType[str, bool], yes: bool, wished: bool) -> tuple[bool, bool]:
    """(may be chosen by the rules, goes by the subscribed door), said person by person."""
    out = did["applied"] or did["dismissed"]
    return {
        None: (yes, wished),
        "changed": (yes, wished or did["told"] or did["saved"]),
        "window_opened": (yes and not out, (wished or did["saved"]) and not out),
        "deadline": (yes and not out, ((wished and yes) or did["saved"]) and not out),
        "result": (False, did["applied"] or did["saved"] or did["told"]),
        "repealed": (False, did["told"] or did["saved"]),
    }[who]
