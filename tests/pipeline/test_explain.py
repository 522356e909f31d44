"""An explanation says what the decision said, from the same columns, in Chinese and English."""

from __future__ import annotations

import pytest

from profiles.standards.regions import name_of
from pushsvc.context import Context
from pushsvc.pipeline import campaigns
from pushsvc.pipeline.audience import audience, match, match_campaign
from pushsvc.pipeline.explain import ExplainError, explain
from pushsvc.pipeline.preferences import subscribe, switch_personalised
from pushsvc.pipeline.rights import erase
from pushsvc.pipeline.why import shortfall_words
from pushsvc.pipeline.why_not import Shortfall
from pushsvc.store.policies import policy_by_ref
from pushsvc.store.session import transaction
from recommenders.explain import Reason
from tests.modelling import use_model
from tests.registering import OLD_ENOUGH, ask, issue, register

OLD, YOUNG = {"birth_date": "1950-05-01"}, {"birth_date": "2000-01-01"}


def test_who_is_entitled_reads_why(ctx: Context) -> None:
    register(ctx, "a", **OLD)
    audience(ctx, issue(ctx, "p", criteria=OLD_ENOUGH, basis="某条例"))
    found = explain(ctx, "p", "a")
    assert (found.door, found.code, found.done) == ("entitled", None, True)
    assert found.lines("zh") == [
        "依规定告知:符合条件的都要告知", "初步符合,以受理部门审核为准", "  ✓ 因您的年龄符合第三条",
    ]  # fmt: skip


def test_what_held_when_somebody_was_chosen_is_kept_with_the_selection(ctx: Context) -> None:
    register(ctx, "a", **OLD)
    audience(ctx, issue(ctx, "p", criteria=OLD_ENOUGH, basis="某条例"))
    register(ctx, "a", **YOUNG)
    found = explain(ctx, "p", "a", "en")
    assert found.proof == ("Clause by clause, when chosen (2026-06-24):", "  ✓ age at least 60 years")
    assert found.fit.state == 0


def test_of_criteria_that_ask_for_a_sensitive_fact_no_clause_is_kept(ctx: Context) -> None:
    register(ctx, "a", **OLD)
    tree = {"any": [OLD_ENOUGH, {"fact": "hardship", "eq": True}]}
    audience(ctx, issue(ctx, "p", criteria=tree, basis="某条例", sensitive=True))
    assert ask(ctx, "select why from selection") == [(None,)]


def test_who_lies_below_reads_by_how_much_and_what_lowered_it(ctx: Context) -> None:
    register(ctx, "near", **OLD, region="990105")
    register(ctx, "far", **OLD, region="990106")
    use_model(ctx, {"region=990105": 1.0, "region=990106": -2.0})
    audience(ctx, issue(ctx, "p", criteria=OLD_ENOUGH))
    found = explain(ctx, "p", "far", "en")
    # Scores are 0.35 for each feature held: 0.35 and -0.70, so the mean, which is the bar, is -0.175.
    name = name_of("990106")
    assert found.reasons == (
        "Score -0.700, bar -0.175, short by 0.525",
        f"  region ({name}) lowered it by 0.700",
    )


def test_an_operator_is_told_that_reading_lowered_a_score_and_not_which(ctx: Context) -> None:
    against = tuple(Reason(feature, -0.2, -0.2) for feature in ("read=17", "own", "wish=talent"))
    assert list(shortfall_words(Shortfall(0.1, 0.5, against), "en"))[1:] == [
        "  what was read lowered it by 0.200",
        "  people who read alike lowered it by 0.200",
        "  subscription (Talent and work) lowered it by 0.200",
    ]


def test_who_does_not_fit_reads_what_is_asked_and_what_is_held(ctx: Context) -> None:
    register(ctx, "a", **YOUNG)
    audience(ctx, issue(ctx, "p", criteria=OLD_ENOUGH, basis="某条例"))
    found = explain(ctx, "p", "a", "en")
    assert (found.door, found.code) == (None, "no")
    text = "\n".join(found.lines("en"))
    assert "Not chosen: the criteria do not fit" in text
    assert "we hold 26 years" in text


def test_who_cannot_be_judged_reads_what_is_missing(ctx: Context) -> None:
    register(ctx, "a")
    issue(ctx, "p", criteria=OLD_ENOUGH)
    found = explain(ctx, "p", "a")
    assert (found.code, found.fit.state, found.fit.missing) == ("unknown", -1, ("birth_date",))
    assert "补充1项信息" in found.fit.summary


@pytest.mark.parametrize(
    ("case", "code"), [("off", "personalised_off"), ("model", "no_model"), ("far", "below"), ("plan", "not_matched")]
)
def test_every_no_has_its_name(ctx: Context, case: str, code: str) -> None:
    person = register(ctx, "a", region="990101", **OLD)
    register(ctx, "near", region="990105", **OLD)
    if case == "off":
        switch_personalised(ctx, person, False)
    if case != "model":
        use_model(ctx, {"region=990105": 1.0}, policies=("kind=normative", "kind=plan"))
    issue(ctx, "p", kind="plan" if case == "plan" else "normative", criteria=OLD_ENOUGH)
    assert explain(ctx, "p", "a").code == code


def test_a_closed_door_is_named(ctx: Context) -> None:
    register(ctx, "a", **OLD)
    issue(ctx, "p", criteria=OLD_ENOUGH)
    ask(ctx, "update campaign set doors = '{subscribed}' returning 1")
    assert explain(ctx, "p", "a").code == "door_closed"


def test_who_came_to_fit_later_reads_that(ctx: Context) -> None:
    register(ctx, "a")
    audience(ctx, issue(ctx, "p", criteria=OLD_ENOUGH, basis="某条例"))
    register(ctx, "a", **OLD)
    assert explain(ctx, "p", "a").code == "later"


def test_the_erased_have_no_facts_to_explain(ctx: Context) -> None:
    erase(ctx, register(ctx, "a", **OLD), actor="person")
    issue(ctx, "p", criteria=OLD_ENOUGH)
    (ref,) = ask(ctx, "select ref from profile")[0]
    assert explain(ctx, "p", ref).code == "erased"


def test_a_subscription_and_a_feature_are_said_in_words(ctx: Context) -> None:
    person = register(ctx, "a", region="990105", **YOUNG)
    register(ctx, "b", region="990105", **OLD)
    register(ctx, "c", region="990101", **OLD)
    subscribe(ctx, person, {"ref": "w", "industries": "I65", "keyword": "安居"})
    use_model(ctx, {"region=990105": 1.0})
    audience(ctx, issue(ctx, "p", criteria=OLD_ENOUGH, industries=["I6513"]))
    assert explain(ctx, "p", "a").wishes == ("因您订阅了软件和信息技术服务业、“安居”",)
    subscribe(ctx, person, {"ref": "w", "regions": "990101|990105", "keyword": "安居 人才|没有"})
    assert explain(ctx, "p", "a").wishes == ("因您订阅了云湾区或桂塘区、“安居”且“人才”或“没有”",)
    assert f"所在地区({name_of('990105')})" in explain(ctx, "p", "b").reasons[0]


def test_the_answer_agrees_with_the_decision_for_everybody(ctx: Context) -> None:
    people = {"old": OLD, "young": YOUNG, "unknown": {}, "off": OLD, "wish": YOUNG, "near": OLD}
    numbers = {
        ref: register(ctx, ref, region="990105" if ref == "near" else "990101", **row) for ref, row in people.items()
    }
    switch_personalised(ctx, numbers["off"], False)
    subscribe(ctx, numbers["wish"], {"ref": "w", "regions": "990100"})
    use_model(ctx, {"region=990105": 1.0})
    campaign = issue(ctx, "p", criteria=OLD_ENOUGH)
    before = {ref: explain(ctx, "p", ref).door for ref in people}
    audience(ctx, campaign)
    chosen = dict(ask(ctx, "select p.ref, s.door from selection s join profile p on p.id = s.profile_id"))
    assert chosen == {"wish": "subscribed", "near": "recommended"}
    assert before == {ref: chosen.get(ref) for ref in people} == {ref: explain(ctx, "p", ref).door for ref in people}


def test_what_does_not_exist_is_named(ctx: Context) -> None:
    register(ctx, "a")
    with pytest.raises(ExplainError, match="no policy"):
        explain(ctx, "p", "a")
    issue(ctx, "p")
    with pytest.raises(ExplainError, match="no profile"):
        explain(ctx, "p", "z")


def test_the_campaign_that_told_somebody_explains_not_the_draft_before_it(ctx: Context) -> None:
    register(ctx, "a", **OLD)
    issue(ctx, "p", criteria=OLD_ENOUGH)  # its draft opens no entitled door, and is never started
    with transaction(ctx.engine) as conn:
        policy = policy_by_ref(conn, "p")
    assert policy is not None
    doors = ["entitled", "subscribed", "recommended"]
    second = campaigns.create(ctx, policy, author="李萌", basis="某条例", doors=doors)
    audience(ctx, second)
    found = explain(ctx, "p", "a")
    assert (found.door, found.done) == ("entitled", True)
    assert match_campaign(ctx, second)["selected"] == {"entitled": 1}
    assert match(ctx, "p")["selected"] == {}


def test_who_is_reached_where_a_better_one_is_reads_so_before_and_after(ctx: Context) -> None:
    register(ctx, "best", region="990105", phone="13800000001", **OLD)
    register(ctx, "twin", region="990104", phone="13800000001", **OLD)
    register(ctx, "far", region="990101", phone="13800000003", **OLD)
    use_model(ctx, {"region=990105": 2.0, "region=990104": 1.9})
    number = issue(ctx, "p", criteria=OLD_ENOUGH)
    assert (explain(ctx, "p", "twin").code, explain(ctx, "p", "far").code) == ("merged", "below")
    audience(ctx, number)
    found = explain(ctx, "p", "twin")
    assert (found.code, found.done) == ("merged", True)
    assert "同一号码" in found.lines("zh")[0]
    assert (explain(ctx, "p", "far").code, explain(ctx, "p", "best").door) == ("below", "recommended")
