"""Row L5: lists that are varied, and no group of people left out where an office sets a floor."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from pushsvc.context import Context
from pushsvc.pipeline.audience import audience
from pushsvc.pipeline.feed import feed
from pushsvc.pipeline.preferences import subscribe, switch_personalised
from tests.modelling import use_model
from tests.registering import OLD_ENOUGH, ask, issue, register


@pytest.mark.parametrize("personal", [True, False])
def test_L05_no_two_versions_of_a_policy_and_no_flood_of_an_agency_in_one_list(ctx: Context, personal: bool) -> None:
    person = register(ctx, "a", birth_date="1950-05-01")
    switch_personalised(ctx, person, personal)
    for n in range(9):
        issue(ctx, f"p{n}", agency=("甲局", "乙局")[n % 2], criteria=OLD_ENOUGH)
    for year in (2024, 2025, 2026):
        issue(ctx, f"y{year}", family="f", agency="丙局")
    issue(ctx, "main", title="云湾区长者补贴办法", agency="丁局", doc_no="云民〔2026〕9号")
    issue(ctx, "words", kind="interpretation", title="《云湾区长者补贴办法》政策解读", agency="戊局")
    issue(ctx, "picture", kind="interpretation", title="一图读懂《云湾区长者补贴办法》", agency="己局")
    items = [item.policy for item in feed(ctx, person)]
    agencies = Counter(policy.agency for policy in items)
    assert max(agencies.values()) <= ctx.settings.agency_max
    assert (agencies["甲局"], agencies["乙局"], agencies["丙局"]) == (5, 4, 1)
    assert agencies["丁局"] + agencies["戊局"] + agencies["己局"] == 1, "one text on one matter"


def test_L05_what_a_person_asked_for_is_never_left_out_of_their_list(ctx: Context) -> None:
    person = register(ctx, "a")
    subscribe(ctx, person, {"ref": "w", "themes": "safety"})
    for n in range(8):
        issue(ctx, f"asked{n}", topic="safety")
    assert len(feed(ctx, person)) == 8


@pytest.mark.parametrize(("facet", "one", "other"), [
    ("district", {"region": "990105"}, {"region": "990101"}),
    ("age", {"birth_date": "1950-05-01"}, {"birth_date": "1940-05-01"}),
    ("stage", {"employment": "employed"}, {"employment": "unemployed"}),
])  # fmt: skip
def test_L05_a_floor_lifts_the_group_that_the_model_would_leave_out(
    ctx: Context, facet: str, one: dict[str, str], other: dict[str, str]
) -> None:
    base = {"birth_date": "1950-05-01", "region": "990105"}
    for n in range(10):
        register(ctx, f"liked{n}", **{**base, **one, "interests": "养老"})
        register(ctx, f"left{n}", **{**base, **other})
    use_model(ctx, {"interest=养老": 1.0})
    least = []
    for number, floor in enumerate((0.0, 0.3, 0.6), start=1):
        campaign = issue(ctx, f"p{number}", criteria=OLD_ENOUGH, family=f"f{number}")
        rule = json.dumps({"floor": floor, "top_n": 10})
        ask(ctx, "update campaign set audience = cast(:r as jsonb) where id = :c returning 1", r=rule, c=campaign)
        funnel: dict[str, Any] = audience(ctx, campaign)
        shares = [funnel["covered_by"][facet].get(value, 0) / n for value, n in funnel["eligible_by"][facet].items()]
        least.append(min(shares))
    assert least[0] < 0.3 <= least[1] < 0.6 <= least[2]
