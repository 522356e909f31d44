"""Who is chosen, through which door, in which order; unknown stands apart with the facts that are missing."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from pushsvc.context import Context
from pushsvc.pipeline.audience import AudienceError, audience, match
from pushsvc.pipeline.ingest_policies import upsert_policy
from pushsvc.pipeline.preferences import give_consent, subscribe, switch_personalised
from pushsvc.pipeline.rights import erase
from tests.modelling import use_model
from tests.registering import OLD_ENOUGH, POLICY, ask, count, issue, register

HARD = {"all": [{"fact": "hardship", "eq": True}]}


def old(ctx: Context, *refs: str, **values: object) -> list[int]:
    """People of over 60."""
    return [register(ctx, ref, birth_date="1950-05-01", **values) for ref in refs]


def selections(ctx: Context) -> list[tuple[object, ...]]:
    return ask(
        ctx,
        "select p.ref, s.door, s.match, s.rank from selection s join profile p on p.id = s.profile_id order by rank",
    )


def test_with_a_duty_everyone_matched_is_entitled(ctx: Context) -> None:
    old(ctx, "a", "b")
    register(ctx, "young", birth_date="2000-01-01")
    funnel = audience(ctx, issue(ctx, "p", criteria=OLD_ENOUGH, basis="某条例"))
    assert selections(ctx) == [("a", "entitled", 1, 1), ("b", "entitled", 1, 2)]
    assert (funnel["profiles"], funnel["eligible"], funnel["no"], funnel["selected"]) == (3, 2, 1, {"entitled": 2})


def test_unknown_is_counted_apart_with_what_is_missing(ctx: Context) -> None:
    old(ctx, "a")
    register(ctx, "b")
    register(ctx, "c")
    funnel = audience(ctx, issue(ctx, "p", criteria=OLD_ENOUGH, basis="某条例"))
    assert (funnel["eligible"], funnel["unknown"], funnel["no"]) == (1, 2, 0)
    assert funnel["missing"] == {"birth_date": 2}
    assert ask(ctx, "select funnel->'missing' from campaign") == [({"birth_date": 2},)]


def test_a_subscriber_is_told_even_where_the_criteria_say_no(ctx: Context) -> None:
    young = register(ctx, "young", birth_date="2000-01-01")
    assert subscribe(ctx, young, {"ref": "w", "themes": "talent"}) == []
    audience(ctx, issue(ctx, "p", criteria=OLD_ENOUGH, topic="talent"))
    assert selections(ctx) == [("young", "subscribed", 0, 1)]
    ((told,),) = ask(ctx, "select why from selection")
    assert told == {"subscriptions": [1], "proof": "0"}


def test_nobody_goes_through_two_doors(ctx: Context) -> None:
    (person,) = old(ctx, "a")
    subscribe(ctx, person, {"ref": "w", "themes": "talent"})
    use_model(ctx, {"region=990105": 1.0})
    audience(ctx, issue(ctx, "p", criteria=OLD_ENOUGH, topic="talent", basis="某条例"))
    assert selections(ctx) == [("a", "entitled", 1, 1)]


def test_without_a_model_nothing_is_recommended(ctx: Context) -> None:
    old(ctx, "a")
    funnel = audience(ctx, issue(ctx, "p", criteria=OLD_ENOUGH))
    assert selections(ctx) == []
    assert funnel["recommended"] == {"personalised_off": 0, "model": None, "below": 0, "no_model": 1}


def test_the_model_ranks_those_who_fit_and_its_threshold_cuts(ctx: Context) -> None:
    old(ctx, "far", "far2", region="990101")
    old(ctx, "near", region="990105")
    use_model(ctx, {"region=990105": 1.0, "region=990101": -1.0})
    funnel = audience(ctx, issue(ctx, "p", criteria=OLD_ENOUGH))
    assert selections(ctx) == [("near", "recommended", 1, 1)]
    recommended = funnel["recommended"]
    assert isinstance(recommended, dict)
    assert recommended["below"] == 2
    assert ask(ctx, "select why->'terms'->0->>0 from selection") == [("region=990105",)]


def test_top_n_keeps_the_best_and_ties_go_by_number(ctx: Context) -> None:
    old(ctx, "a", "b", "c", region="990105")
    use_model(ctx, {"region=990105": 1.0})
    campaign = issue(ctx, "p", criteria=OLD_ENOUGH)
    ask(ctx, """update campaign set audience = '{"top_n": 2}' returning 1""")
    audience(ctx, campaign)
    assert [row[0] for row in selections(ctx)] == ["a", "b"]


def test_who_switched_it_off_is_not_even_scored(ctx: Context) -> None:
    off, _ = old(ctx, "off", "on", region="990105")
    switch_personalised(ctx, off, False)
    use_model(ctx, {"region=990105": 1.0})
    funnel = audience(ctx, issue(ctx, "p", criteria=OLD_ENOUGH))
    assert [row[0] for row in selections(ctx)] == ["on"]
    assert funnel["recommended"]["personalised_off"] == 1  # type: ignore[index]  # JSON


def test_drafts_and_plans_are_for_subscribers_whatever_their_criteria(ctx: Context) -> None:
    a, _ = old(ctx, "a", "b")
    subscribe(ctx, a, {"ref": "w", "themes": "talent"})
    funnel = audience(ctx, issue(ctx, "p", kind="consultation", topic="talent", criteria=OLD_ENOUGH, basis="某条例"))
    assert selections(ctx) == [("a", "subscribed", 0, 1)]
    assert funnel["eligible"] == 0


def test_a_sensitive_fact_counts_only_under_its_own_consent(ctx: Context) -> None:
    silent, open_ = register(ctx, "silent", hardship="yes"), register(ctx, "open", hardship="yes")
    give_consent(ctx, open_, "sensitive")
    give_consent(ctx, silent, "notify")
    funnel = audience(ctx, issue(ctx, "p", criteria=HARD, basis="某条例"))
    assert selections(ctx) == [("open", "entitled", 1, 1)]
    assert (funnel["unknown"], funnel["missing"]) == (1, {"hardship": 1})


def test_the_erased_are_in_no_audience(ctx: Context) -> None:
    a, _ = old(ctx, "a", "b")
    erase(ctx, a, actor="person")
    funnel = audience(ctx, issue(ctx, "p", criteria=OLD_ENOUGH, basis="某条例"))
    assert ([row[0] for row in selections(ctx)], funnel["profiles"]) == (["b"], 1)


def test_again_it_returns_the_same_and_writes_nothing(ctx: Context) -> None:
    old(ctx, "a")
    campaign = issue(ctx, "p", criteria=OLD_ENOUGH, basis="某条例")
    first = audience(ctx, campaign)
    old(ctx, "late")
    assert audience(ctx, campaign) == first
    assert count(ctx, "selection") == 1


def test_match_gives_the_same_figures_and_writes_nothing(ctx: Context) -> None:
    a, *_ = old(ctx, "a", "b", region="990105")
    subscribe(ctx, a, {"ref": "w", "regions": "990105"})
    use_model(ctx, {"region=990105": 1.0})
    campaign = issue(ctx, "p", criteria=OLD_ENOUGH)
    dry = match(ctx, "p")
    assert (count(ctx, "selection"), ask(ctx, "select selected_at from campaign")) == (0, [(None,)])
    assert audience(ctx, campaign) == dry


def test_a_draft_can_be_matched_before_it_is_published(ctx: Context) -> None:
    old(ctx, "a")
    upsert_policy(ctx, {"ref": "p", **POLICY, "criteria": OLD_ENOUGH})
    assert match(ctx, "p")["eligible"] == 1


def test_the_day_decided_on_is_the_citys(ctx: Context) -> None:
    register(ctx, "a", birth_date=date(1966, 6, 24).isoformat())
    register(ctx, "b", birth_date=date(1966, 6, 25).isoformat())
    assert match(ctx, _draft(ctx))["eligible"] == 1


def _draft(ctx: Context) -> str:
    upsert_policy(ctx, {"ref": "p", **POLICY, "criteria": OLD_ENOUGH})
    return "p"


def test_what_does_not_exist_is_named(ctx: Context) -> None:
    with pytest.raises(AudienceError) as caught:
        match(ctx, "nothing")
    assert caught.value.code == "unknown_policy"
    with pytest.raises(AudienceError) as caught:
        audience(ctx, 7)
    assert caught.value.code == "unknown_campaign"


def test_ranks_run_without_a_gap(ctx: Context) -> None:
    people = old(ctx, *(f"p{i}" for i in range(9)), region="990105")
    for person in people[::3]:
        subscribe(ctx, person, {"ref": "w", "regions": "990105"})
    use_model(ctx, {"region=990105": 1.0})
    audience(ctx, issue(ctx, "p", criteria=OLD_ENOUGH))
    rows = selections(ctx)
    assert [row[3] for row in rows] == np.arange(1, len(rows) + 1).tolist()
    assert [row[1] for row in rows] == ["subscribed"] * 3 + ["recommended"] * 6


def test_a_damaged_model_stops_no_other_door(ctx: Context) -> None:
    old(ctx, "a")
    use_model(ctx, {"region=990105": 7.5})
    ask(ctx, "update model set arrays = 'broken', checksum = 'broken' returning 1")
    funnel = audience(ctx, issue(ctx, "p", criteria=OLD_ENOUGH, basis="某条例"))
    assert funnel["selected"] == {"entitled": 1}


def test_the_best_are_counted_by_person_not_by_profile(ctx: Context) -> None:
    for number in range(3):
        old(ctx, f"a{number}", f"b{number}", region="990105", phone=f"1380000000{number}")
    use_model(ctx, {"region=990105": 1.0})
    campaign = issue(ctx, "p", criteria=OLD_ENOUGH)
    ask(ctx, """update campaign set audience = '{"top_n": 2}' returning 1""")
    funnel = audience(ctx, campaign)
    assert [row[0] for row in selections(ctx)] == ["a0", "a1"]
    assert funnel["recommended"]["merged"] == 1  # type: ignore[index]  # JSON
    assert funnel["people"] == 2


def test_who_is_told_by_another_door_is_not_recommended_to_again(ctx: Context) -> None:
    asking = register(ctx, "asking", birth_date="2000-01-01", phone="13800000001")
    old(ctx, "other", region="990105", phone="13800000001")
    old(ctx, "alone", region="990105", phone="13800000002")
    subscribe(ctx, asking, {"ref": "w", "themes": "talent"})
    use_model(ctx, {"region=990105": 1.0})
    audience(ctx, issue(ctx, "p", criteria=OLD_ENOUGH, topic="talent"))
    assert [row[:2] for row in selections(ctx)] == [("asking", "subscribed"), ("alone", "recommended")]


def test_a_duty_is_told_to_every_profile_and_people_are_counted_beside(ctx: Context) -> None:
    old(ctx, "a", "b", phone="13800000001")
    old(ctx, "c", phone="13800000003")
    funnel = audience(ctx, issue(ctx, "p", criteria=OLD_ENOUGH, basis="某条例"))
    assert (funnel["selected"], funnel["people"]) == ({"entitled": 3}, 2)


def test_the_funnel_counts_node_by_node_and_by_facet(ctx: Context) -> None:
    old(ctx, "a", region="330106002")
    register(ctx, "b", region="330106")
    register(ctx, "f", kind="enterprise", region="330105")
    funnel = match(ctx, _draft(ctx))
    assert funnel["nodes"] == [
        {"place": "", "yes": 1, "no": 1, "unknown": 1},
        {"place": "all[0]", "yes": 1, "no": 1, "unknown": 1},
    ]
    assert funnel["eligible_by"] == {
        "kind": {"citizen": 1},
        "district": {"330106": 1},
        "section": {},
        "size": {},
        "stage": {"生活": 1, "就医": 1, "养老": 1},
        "age": {"60-79": 1},
    }
