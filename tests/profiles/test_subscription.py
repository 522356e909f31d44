"""Explicit wishes against a policy: every key named must match, within a key any value does."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from profiles.ragged import ragged
from profiles.standards.industries import parse_industry
from profiles.standards.regions import lineage, table
from profiles.subscription import SubscriptionColumns, match

POLICY: dict[str, Any] = {"themes": {"科技"}, "industries": ["I6513"], "region": "990100", "text": "研发投入后补助ＡＩ"}
REGIONS = ["000000", "990000", "990100", "990101", "990114", "990171", "330106"]
INDUSTRIES = ["I65", "6513", "I", "65", "H62", "6210", "junk"]


def wishes(rows: list[dict[str, Any]]) -> SubscriptionColumns:
    themes, industries, regions = (
        ragged([r.get(key, ()) for r in rows]) for key in ("themes", "industries", "regions")
    )
    ids = np.arange(len(rows), dtype=np.int64)
    return SubscriptionColumns(ids + 100, ids, themes, industries, regions, [row.get("keyword") for row in rows])


def hit(policy: dict[str, Any] | None = None, **wish: Any) -> bool:
    return bool(match(wishes([wish]), **{**POLICY, **(policy or {})})[0])


def test_an_industry_matches_both_ways_down_the_tree() -> None:
    assert hit(industries=["I65"])
    assert hit({"industries": ["65"]}, industries=["6513"])
    assert not hit(industries=["H62"])


def test_a_region_hears_of_what_is_above_and_below_it() -> None:
    assert hit(regions=["990101"])
    assert hit({"region": "990101"}, regions=["990100"])
    assert hit({"region": "000000"}, regions=["990101"])
    assert not hit({"region": "990102"}, regions=["990101"])


def test_a_wish_for_a_split_district_hears_of_its_successors() -> None:
    assert hit({"region": "990102"}, regions=["990114"])
    assert not hit({"region": "990104"}, regions=["990114"])


def test_streets_and_stale_codes_hear_of_each_other() -> None:
    assert hit({"region": "330106"}, regions=["330106011"])
    assert hit({"region": "330106011"}, regions=["330106"])
    assert not hit({"region": "330106011"}, regions=["330106012"])
    assert hit({"region": "330113001"}, regions=["330110.old"])
    assert hit({"region": "330104"}, regions=["330102001"])
    assert not hit({"region": "330104"}, regions=["330105"])


def test_a_keyword_is_found_whatever_its_width_and_case() -> None:
    assert hit(keyword="ai")
    assert hit(keyword="研发")
    assert not hit(keyword="人才")


def test_every_key_named_must_match() -> None:
    assert hit(themes=["科技", "教育"], industries=["I"], regions=["990101"], keyword="补助")
    assert not hit(themes=["教育"], industries=["I"])


def test_a_policy_for_all_industries_answers_no_wish_for_one() -> None:
    assert not hit({"industries": []}, industries=["I65"])


def test_a_wish_that_names_nothing_asks_for_nothing() -> None:
    assert not hit()


def test_no_wishes_are_no_matches() -> None:
    assert match(wishes([]), **POLICY).tolist() == []


def _related(one: str, other: str) -> bool:
    places = {one, *table()[one].successors}, {other, *table()[other].successors}
    return any(a in lineage(b) or b in lineage(a) for a in places[0] for b in places[1])


def _covered(one: str, other: str) -> bool:
    if "junk" in (one, other):
        return False
    a, b = parse_industry(one), parse_industry(other)
    return a.startswith(b) or b.startswith(a)


def slowly(wish: dict[str, Any], policy: dict[str, Any]) -> bool:
    answers = []
    if wish["themes"]:
        answers.append(bool(set(wish["themes"]) & policy["themes"]))
    if wish["industries"]:
        answers.append(any(_covered(a, b) for a in wish["industries"] for b in policy["industries"]))
    if wish["regions"]:
        answers.append(any(_related(region, policy["region"]) for region in wish["regions"]))
    if wish["keyword"]:
        answers.append(wish["keyword"].casefold() in policy["text"].casefold())
    return bool(answers) and all(answers)


_wish = st.fixed_dictionaries(
    {
        "themes": st.lists(st.sampled_from("甲乙丙"), max_size=2),
        "industries": st.lists(st.sampled_from(INDUSTRIES), max_size=2),
        "regions": st.lists(st.sampled_from(REGIONS), max_size=2),
        "keyword": st.sampled_from([None, "", "补", "Ai", "没有"]),
    }
)
_policy = st.fixed_dictionaries(
    {
        "themes": st.sets(st.sampled_from("甲乙丙")),
        "industries": st.lists(st.sampled_from(INDUSTRIES), max_size=2),
        "region": st.sampled_from(REGIONS),
        "text": st.sampled_from(["补助", "AI 补助", ""]),
    }
)


@given(st.lists(_wish, max_size=8), _policy)
def test_columns_match_as_one_wish_at_a_time(rows: list[dict[str, Any]], policy: dict[str, Any]) -> None:
    assert match(wishes(rows), **policy).tolist() == [slowly(row, policy) for row in rows]


@given(st.lists(_wish, min_size=1, max_size=8), _policy, st.data())
def test_wishes_taken_by_row_match_the_same(rows: list[dict[str, Any]], policy: dict[str, Any], data: Any) -> None:
    picked = np.array(data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=5)), dtype=np.int64)
    whole = match(wishes(rows), **policy)
    assert match(wishes(rows).take(picked), **policy).tolist() == whole[picked].tolist()
