"""Coverage: how much of each group was chosen and reached, and what a floor does for the group that is left behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.context import Context
from pushsvc.pipeline import campaigns
from pushsvc.pipeline.audience import AudienceError, audience, match
from pushsvc.pipeline.campaigns import CampaignError
from pushsvc.pipeline.coverage import LEAST, OTHERS, as_json, coverage_tables, floor_of, full_report, without_small
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.explain import explain
from pushsvc.pipeline.ingest_profiles import import_profiles
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.preferences import give_consent, subscribe, switch_personalised
from pushsvc.pipeline.snapshots import publish_snapshot
from pushsvc.sample import write_city
from tests.modelling import use_model
from tests.registering import OLD_ENOUGH, ask, issue, register

NEAR, FAR = "990105", "990101"


@pytest.fixture
def two_districts(ctx: Context) -> Context:
    """Twenty old people near and ten far; the model likes those near."""
    for n in range(20):
        register(ctx, f"near{n}", birth_date="1950-05-01", region=NEAR, phone=f"138000001{n:02d}")
    for n in range(10):
        register(ctx, f"far{n}", birth_date="1950-05-01", region=FAR, phone=f"138000002{n:02d}")
    use_model(ctx, {f"region={NEAR}": 1.0, f"region={FAR}": -1.0})
    return ctx


def chosen(ctx: Context, **rule: object) -> dict[str, Any]:
    """The funnel of a campaign with this rule."""
    campaign = issue(ctx, "p", criteria=OLD_ENOUGH)
    ask(ctx, "update campaign set audience = cast(:rule as jsonb) returning 1", rule=json.dumps(rule))
    return dict(audience(ctx, campaign))


def shares(funnel: dict[str, Any], facet: str) -> dict[str | None, float]:
    """What was chosen of each group, unrounded."""
    by, of = funnel["covered_by"][facet], funnel["eligible_by"][facet]
    return {value: by.get(value, 0) / n for value, n in of.items()}


def test_without_a_floor_a_district_may_be_left_out(two_districts: Context) -> None:
    funnel = chosen(two_districts)
    assert funnel["eligible_by"]["district"] == {NEAR: 20, FAR: 10}
    assert funnel["selected_by"]["district"] == funnel["covered_by"]["district"] == {NEAR: 20}
    assert "floor" not in funnel["recommended"]


def test_a_floor_raises_the_least_covered_district(two_districts: Context) -> None:
    funnel = chosen(two_districts, floor=0.3)
    assert funnel["selected_by"]["district"] == {NEAR: 20, FAR: 3}
    assert floor_of(funnel) == {"share": 0.3, "raised": 3, "over": 0}
    ranked = ask(two_districts, "select p.ref from selection s join profile p on p.id = s.profile_id order by rank")
    assert [ref for (ref,) in ranked[20:]] == ["far0", "far1", "far2"], "the best, equal ones in order of id"


def test_who_was_chosen_for_the_floor_alone_is_told_so(two_districts: Context) -> None:
    chosen(two_districts, floor=0.3)
    told = ask(two_districts, """
        select p.ref, p.region, s.why -> 'floor' = 'true' from selection s join profile p on p.id = s.profile_id
    """)  # fmt: skip
    raised = [(ref, region) for ref, region, floor in told if floor]
    assert len(raised) == 3
    assert len({region for _, region in raised}) == 1
    assert "Chosen so that every group is reached" in explain(two_districts, "p", raised[0][0], "en").reasons
    plain = next(ref for ref, _, floor in told if not floor)
    assert "Chosen so that every group is reached" not in explain(two_districts, "p", plain, "en").reasons


def test_floors_stand_within_the_limit_and_say_by_how_much_they_exceed_it(two_districts: Context) -> None:
    funnel = chosen(two_districts, floor=0.5, top_n=12)
    assert funnel["selected_by"]["district"] == {NEAR: 15, FAR: 5}, (
        "half of all thirty, who are of one age, and of the far"
    )
    assert floor_of(funnel) == {"share": 0.5, "raised": 8, "over": 8}


def test_a_limit_leaves_room_after_the_floors(two_districts: Context) -> None:
    funnel = chosen(two_districts, floor=0.1, top_n=12)
    assert funnel["selected_by"]["district"] == {NEAR: 11, FAR: 1}
    assert floor_of(funnel) == {"share": 0.1, "raised": 1, "over": 0}


def test_who_shares_an_address_is_no_second_person_of_the_floor(ctx: Context) -> None:
    for n in range(10):
        register(ctx, f"far{n}", birth_date="1950-05-01", region=FAR, phone=f"138000000{n // 2:02d}")
    register(ctx, "near", birth_date="1950-05-01", region=NEAR, phone="13900000000")
    use_model(ctx, {f"region={NEAR}": 1.0, f"region={FAR}": -1.0})
    funnel = chosen(ctx, floor=0.3)
    rows = ask(ctx, "select p.ref from selection s join profile p on p.id = s.profile_id order by rank")
    assert [ref for (ref,) in rows] == ["near", "far0", "far2", "far4"], "30 % of the ten far are three people"
    assert (funnel["people"], funnel["recommended"]["merged"]) == (4, 2)


@pytest.mark.parametrize("min_z", [-0.5, 0.0, 0.8])
def test_in_a_city_no_group_stays_below_the_floor_and_the_least_covered_rises(
    ctx: Context, tmp_path: Path, min_z: float
) -> None:
    files = write_city(tmp_path / "city", seed=7, on=city_day(ctx), profiles=300, policies=5)
    import_profiles(ctx, files.profiles_csv)
    publish_snapshot(ctx)
    use_model(ctx, {f"region={NEAR}": 1.5, "kind=citizen": -0.3, "age=60-69": 0.9})
    campaign = issue(ctx, "p", criteria={"all": []})
    found = []
    for floor in (0.0, 0.2, 0.4):
        rule = json.dumps({"min_z": min_z, "floor": floor})
        ask(ctx, "update campaign set audience = cast(:rule as jsonb) returning 1", rule=rule)
        found.append(dict(match(ctx, "p")))
    assert campaign == 1
    for facet in ("district", "age", "size", "stage"):
        least = [min(shares(funnel, facet).values()) for funnel in found]
        assert least == sorted(least), facet
    assert min(shares(found[2], "district").values()) > min(shares(found[0], "district").values())
    merged = found[2]["recommended"]["merged"] + found[2]["recommended"]["personalised_off"]
    for facet in ("district", "age", "size", "stage"):
        for value, n in found[2]["eligible_by"][facet].items():
            assert found[2]["covered_by"][facet].get(value, 0) >= 0.4 * n - merged, (facet, value)


def test_a_campaign_with_a_bad_floor_is_not_stored_and_not_run(two_districts: Context) -> None:
    number = issue(two_districts, "p", criteria=OLD_ENOUGH)
    with pytest.raises(CampaignError) as caught:
        campaigns.edit(two_districts, number, actor="李萌", audience={"floor": 2})
    assert caught.value.code == "bad_rule"
    ask(two_districts, """update campaign set audience = '{"floor": 2}' returning 1""")
    with pytest.raises(AudienceError) as stopped:
        audience(two_districts, number)
    assert stopped.value.code == "bad_rule"


def test_the_report_says_who_was_planned_sent_and_reached(two_districts: Context) -> None:
    for number in range(2, 31):  # near0 agreed to nothing
        give_consent(two_districts, number, "recommend")
    funnel = chosen(two_districts, floor=0.5)
    ask(two_districts, "update campaign set state = 'running' returning 1")
    plan(two_districts, 1)
    ask(
        two_districts,
        """update delivery set state = 'delivered', accepted_at = now() where id in
        (select min(d.id) + n from delivery d, generate_series(0, 8) n group by n) returning 1""",
    )
    found = full_report(two_districts, 1)["coverage"]
    assert funnel["selected"] == {"recommended": 25}, "the far half, and all those near"
    near, far = found["groups"]["district"]
    assert (near["eligible"], near["chosen"], near["share"], near["planned"]) == (20, 20, 1.0, 19)
    assert (far["eligible"], far["chosen"], far["share"], far["planned"]) == (10, 5, 0.5, 5)
    assert (found["totals"]["district"]["planned"], found["totals"]["district"]["sent"]) == (24, 9)
    assert found["totals"]["district"]["delivered"] == 9
    assert (far["sent"], far["delivered"]) == (0, 0), "fewer than five, nobody included"
    assert found["floor"]["share"] == 0.5


def test_a_group_is_below_its_floor_only_where_the_rest_are_reached_elsewhere(ctx: Context) -> None:
    for n in range(6):
        register(ctx, f"near{n}", birth_date="1950-05-01", region=NEAR, phone=f"1380000000{n}")
        off = register(ctx, f"off{n}", birth_date="1950-05-01", region="990102", phone=f"1380000001{n}")
        register(ctx, f"on{n}", birth_date="1950-05-01", region="990102", phone=f"1380000002{n}")
        switch_personalised(ctx, off, False)
        register(ctx, f"far{n}", birth_date="1950-05-01", region=FAR, phone=f"1380000000{n}")
    use_model(ctx, {f"region={NEAR}": 1.0, f"region={FAR}": -1.0})
    found = as_json(chosen(ctx, floor=1.0))["groups"]["district"]
    assert {one["value"]: one["below_floor"] for one in found} == {"990102": False, NEAR: False, FAR: True}


def test_before_there_is_a_message_nothing_is_said_of_any(two_districts: Context) -> None:
    chosen(two_districts)
    (near, *_) = full_report(two_districts, 1)["coverage"]["groups"]["district"]
    assert (near["planned"], near["sent"], near["delivered"]) == (None, None, None)


def test_who_asked_counts_as_chosen_but_covers_nothing(ctx: Context) -> None:
    for n in range(6):
        person = register(ctx, f"young{n}", birth_date="2000-01-01", region=NEAR)
        subscribe(ctx, person, {"ref": "w", "regions": NEAR})
        register(ctx, f"old{n}", birth_date="1950-05-01", region=NEAR)
    issue(ctx, "p", criteria=OLD_ENOUGH)
    (near,) = as_json(match(ctx, "p"))["groups"]["district"]
    assert (near["eligible"], near["chosen"], near["covered"], near["share"]) == (6, 6, 0, None)


def test_where_a_sensitive_fact_is_asked_nothing_is_broken_down(ctx: Context) -> None:
    person = register(ctx, "a", hardship="yes")
    give_consent(ctx, person, "sensitive")
    audience(ctx, issue(ctx, "p", criteria={"all": [{"fact": "hardship", "eq": True}]}, basis="某条例"))
    found = full_report(ctx, 1)
    assert found["coverage"] is None
    assert {"nodes", "eligible_by", "selected_by", "covered_by"}.isdisjoint(found["funnel"])


def test_a_report_names_no_small_group(ctx: Context) -> None:
    for n in range(7):
        register(ctx, f"a{n}", birth_date="1950-05-01", region=NEAR)
    register(ctx, "one", birth_date="1950-05-01", region=FAR)
    audience(ctx, issue(ctx, "p", criteria=OLD_ENOUGH, basis="某条例"))
    found = full_report(ctx, 1)
    assert FAR not in json.dumps([found["coverage"], found["funnel"]])
    for name in ("eligible_by", "selected_by", "covered_by"):
        assert found["funnel"][name]["district"] == {OTHERS: 8}, "what is missing to the total would be one person"
    assert [one["value"] for one in found["coverage"]["groups"]["district"]] == [OTHERS]
    assert found["coverage"]["totals"]["district"]["eligible"] == 8


def test_there_is_no_table_with_nothing_but_small_numbers(ctx: Context) -> None:
    for n in range(6):
        register(ctx, f"a{n}", birth_date="1950-05-01", region=NEAR)
    firm = register(ctx, "firm", kind="enterprise", region=NEAR)
    subscribe(ctx, firm, {"ref": "w", "regions": NEAR})
    audience(ctx, issue(ctx, "p", criteria=OLD_ENOUGH, basis="某条例"))
    groups = full_report(ctx, 1)["coverage"]["groups"]
    assert "district" in groups
    assert "size" not in groups


def test_a_funnel_of_before_has_no_tables(ctx: Context) -> None:
    assert coverage_tables({"eligible": 1, "eligible_by": {"district": {NEAR: 1}}}) == {}
    assert as_json({})["groups"] == {}


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(0, 30), max_size=8))
def test_small_groups_together_lose_nobody_and_are_never_small_where_that_can_be(counts: dict[str, int]) -> None:
    found = without_small("district", counts)
    assert sum(found.values()) == sum(counts.values())
    assert all(n >= LEAST for value, n in found.items() if value != OTHERS)
    if OTHERS in found and len(found) > 1:
        assert found[OTHERS] >= LEAST
    assert found.get(OTHERS, 0) <= sum(counts.values())


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6), st.data())
def test_no_number_below_five_is_ever_told(sizes: list[int], data: st.DataObject) -> None:
    eligible = {f"99010{at}": n for at, n in enumerate(sizes) if n}
    covered = {value: data.draw(st.integers(0, n)) for value, n in eligible.items()}
    by: dict[str, Any] = {name: {"district": counts, "age": {}, "size": {}, "stage": counts} for name, counts in
                          (("eligible_by", eligible), ("selected_by", covered), ("covered_by", covered))}  # fmt: skip
    found = as_json(by | {"recommended": {"floor": {"share": 0.5, "raised": 0, "over": 0}}})
    rows = [*found["groups"].get("district", []), *found["groups"].get("stage", []), *found["totals"].values()]
    for one in rows:
        assert all(one[name] == 0 or one[name] >= LEAST for name in ("eligible", "chosen", "covered"))
        assert one["share"] is None or one["covered"] >= LEAST
    assert all(one["eligible"] >= LEAST for one in found["groups"].get("stage", []))
