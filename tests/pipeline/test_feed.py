"""The feed: what fits first, one notice a family, and nothing of the person where they wish it so."""

from __future__ import annotations

from profiles.standards.regions import name_of
from pushsvc.context import Context
from pushsvc.pipeline.feed import feed, policy_for
from pushsvc.pipeline.ingest_policies import upsert_policy
from pushsvc.pipeline.preferences import give_consent, subscribe, switch_personalised
from tests.clock import Clock
from tests.modelling import use_model
from tests.registering import OLD_ENOUGH, POLICY, issue, register

YOUNG_ENOUGH = {"all": [{"fact": "age", "lt": 60, "clause": "第四条"}]}


def refs(ctx: Context, person: int, **options: object) -> list[str]:
    return [item.policy.ref for item in feed(ctx, person, **options)]  # type: ignore[arg-type]


def test_what_fits_comes_first_then_the_possible_then_the_rest(ctx: Context) -> None:
    person = register(ctx, "a", birth_date="1950-05-01")
    issue(ctx, "fits", criteria=OLD_ENOUGH)
    issue(ctx, "maybe", criteria={"fact": "owns_home", "eq": False})
    issue(ctx, "read", kind="plan")
    issue(ctx, "no", criteria=YOUNG_ENOUGH)
    items = feed(ctx, person)
    assert [(item.policy.ref, item.fit.state) for item in items] == [
        ("fits", 1),
        ("maybe", -1),
        ("read", None),
        ("no", 0),
    ]
    assert items[0].reason == "因您的年龄符合第三条"
    assert items[1].fit.missing_words == "住房"


def test_with_personalised_off_only_the_date_counts(ctx: Context) -> None:
    old, young = (register(ctx, ref, birth_date=day) for ref, day in (("a", "1950-05-01"), ("b", "2000-01-01")))
    issue(ctx, "p1", criteria=OLD_ENOUGH)
    issue(ctx, "p2", criteria=YOUNG_ENOUGH)
    assert refs(ctx, old) != refs(ctx, young)
    switch_personalised(ctx, old, False)
    switch_personalised(ctx, young, False)
    assert refs(ctx, old) == refs(ctx, young) == ["p2", "p1"]


def test_a_minor_gets_the_same_feed_as_everybody_by_date(ctx: Context) -> None:
    child = register(ctx, "kid", birth_date="2015-01-01")
    issue(ctx, "p1", criteria=YOUNG_ENOUGH)
    issue(ctx, "p2", criteria=OLD_ENOUGH)
    assert refs(ctx, child) == ["p2", "p1"]


def test_of_a_family_only_the_newest_notice_is_shown(ctx: Context) -> None:
    person = register(ctx, "a")
    issue(ctx, "y2025", family="f")
    issue(ctx, "y2026", family="f")
    assert refs(ctx, person) == ["y2026"]


def test_closed_windows_and_drafts_are_not_shown(ctx: Context, clock: Clock) -> None:
    person = register(ctx, "a")
    issue(ctx, "open", window_closes="2026-06-24")
    upsert_policy(ctx, {"ref": "draft", **POLICY})
    assert [(item.policy.ref, item.days_left) for item in feed(ctx, person)] == [("open", 0)]
    clock.forward(days=1)
    assert refs(ctx, person) == []


def test_what_was_asked_for_comes_first_and_says_so(ctx: Context) -> None:
    person = register(ctx, "a", birth_date="1950-05-01")
    subscribe(ctx, person, {"ref": "w", "themes": "safety"})
    issue(ctx, "asked", topic="safety", criteria=YOUNG_ENOUGH)
    issue(ctx, "fits", criteria=OLD_ENOUGH)
    items = feed(ctx, person)
    assert [(item.policy.ref, item.subscribed) for item in items] == [("asked", True), ("fits", False)]
    assert items[0].reason == "因您订阅了安全与应急"


def test_a_list_is_cut_and_an_unknown_person_has_none(ctx: Context) -> None:
    person = register(ctx, "a")
    issue(ctx, "p1")
    issue(ctx, "p2")
    assert refs(ctx, person, limit=1) == ["p2"]
    assert feed(ctx, 999) == []


def test_the_model_gives_a_reason_where_no_rule_does(ctx: Context) -> None:
    person = register(ctx, "a", region="990105")
    use_model(ctx, {"region=990105": 1.0})
    issue(ctx, "p", criteria={"fact": "owns_home", "eq": False})
    assert feed(ctx, person)[0].reason == f"根据您的所在地区({name_of('990105')})推荐"
    switch_personalised(ctx, person, False)
    assert feed(ctx, person)[0].reason == ""


def test_one_policy_shows_every_clause_and_reads_sensitive_facts_only_there(ctx: Context) -> None:
    person = register(ctx, "a", hardship="yes")
    give_consent(ctx, person, "sensitive")
    issue(ctx, "p", criteria={"all": [{"fact": "hardship", "eq": True, "clause": "2"}, {"fact": "age", "ge": 60}]})
    assert [item.fit.missing for item in feed(ctx, person)] == [("birth_date", "hardship")]
    item = policy_for(ctx, person, 1, "en")
    assert item is not None
    assert [clause.state for clause in item.fit.clauses] == [1, -1]
    assert policy_for(ctx, person, 99) is None
