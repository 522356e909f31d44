"""Tags: every key named must be met, by any of its values or, where that is asked, by all; down and up the trees."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from profiles.subscriptions import PolicyTags
from tests.profiles.subscriptions.slowly import Wanted, index

POLICY = PolicyTags({"科技"}, ["I6513"], "990100", "研发投入后补助ＡＩ")


def hit(policy: dict[str, Any] | None = None, **wish: Any) -> bool:
    """Whether the policy, with these changes, answers one wish."""
    values = {name: value if isinstance(value, str) else tuple(value) for name, value in wish.items()}
    return index(Wanted(**values)).matching(replace(POLICY, **(policy or {}))).tolist() == [0]


def test_any_theme_is_enough_unless_all_are_asked() -> None:
    assert hit(themes=["科技", "教育"])
    assert not hit(themes=["科技", "教育"], all_of=["themes"])
    assert hit({"themes": {"教育", "科技", "医疗"}}, themes=["科技", "教育"], all_of=["themes"])


def test_all_industries_asked_must_each_be_met_by_some_industry_of_the_policy() -> None:
    assert hit({"industries": ["6513", "H62"]}, industries=["I65", "6210"], all_of=["industries"])
    assert not hit({"industries": ["6513"]}, industries=["I65", "6210"], all_of=["industries"])


def test_all_regions_asked_are_met_by_what_holds_them_all() -> None:
    both = {"regions": ["330106", "330105"], "all_of": ["regions"]}
    assert hit({"region": "330100"}, **both)
    assert hit({"region": "000000"}, **both)
    assert not hit({"region": "330106"}, **both)


def test_asking_all_of_one_key_leaves_the_others_as_they_are() -> None:
    wish = {"themes": ["科技", "教育"], "industries": ["I65", "H62"], "all_of": ["themes"]}
    assert not hit(**wish)
    assert hit({"themes": {"科技", "教育"}}, **wish)


def test_an_industry_matches_both_ways_down_the_tree() -> None:
    assert hit({"industries": ["6513"]}, industries=["I65"])
    assert hit({"industries": ["65"]}, industries=["6513"])
    assert not hit(industries=["H62"])
    assert not hit({"industries": ["no industry"]}, industries=["I65"])


def test_a_region_hears_of_what_is_above_and_below_it() -> None:
    assert hit({"region": "330106"}, regions=["330100"])
    assert hit({"region": "990101"}, regions=["990100"])
    assert hit({"region": "000000"}, regions=["990101"])
    assert not hit({"region": "990102"}, regions=["990101"])
    assert not hit({"region": ""}, regions=["990101"])


@pytest.mark.parametrize(
    ("asked", "policy", "expected"),
    [
        ("990114", "990102", True),  # split: it stands for what it became
        ("990114", "990104", False),
        ("990114", "990100", True),
        ("990102", "990114", True),
        ("330103", "330105", True),  # Hangzhou 2021: 下城 went to 拱墅
        ("330104", "330102", True),  # 江干 to 上城 and 钱塘
        ("330104", "330114", True),
        ("330104", "330105", False),
        ("330113", "330110.old", True),  # 余杭 as it was holds 临平
        ("330110.old", "330106", False),
        ("330106011", "330106", True),  # streets
        ("330106011", "330106012", False),
        ("330113001", "330110.old", True),
        ("330104", "330102001", True),
        ("000001", "000001", False),  # no region
    ],
)
def test_renamed_and_split_regions_stand_for_what_they_became(asked: str, policy: str, expected: bool) -> None:
    assert hit({"region": policy}, regions=[asked]) is expected
    assert hit({"region": asked}, regions=[policy]) is expected


@pytest.mark.parametrize(
    ("asked", "issued", "expected"),
    [
        ("云湾区人社局", "云湾区人力资源和社会保障局", True),  # a usual short form
        ("江澜市云湾区人社局", "云湾区人力资源和社会保障局", True),  # the same place, told from the city on
        ("江澜市人力资源和社会保障局", "云湾区人力资源和社会保障局", False),  # the city's bureau is not the district's
        ("江澜市人民政府", "江澜市人力资源和社会保障局", False),  # nor is what stands above
        ("国土资源部", "自然资源部", True),  # who took over
        ("卫生部", "国家卫生健康委员会", True),  # and who took over from that one
        ("国土资源部", "国家海洋局", False),  # two whose work one has now
        ("财政局", "云湾区财政局", False),  # of which place?
        ("甲、乙", "甲", False),
    ],
)
def test_an_agency_is_met_by_any_of_its_names_and_by_who_took_over(asked: str, issued: str, expected: bool) -> None:
    assert hit({"agencies": ["财政部", issued]}, agencies=[asked]) is expected
    assert hit({"agencies": [asked]}, agencies=[issued]) is expected


def test_all_agencies_asked_are_those_of_a_joint_notice() -> None:
    both = {"agencies": ["财政部", "税务总局"], "all_of": ["agencies"]}
    assert hit({"agencies": ["国家税务总局", "财政部", "科技部"]}, **both)
    assert not hit({"agencies": ["财政部"]}, **both)
    assert not hit(**both)


def test_every_key_named_must_be_met() -> None:
    assert hit(themes=["科技", "教育"], industries=["I"], regions=["990101"], keyword="补助")
    assert not hit(themes=["教育"], industries=["I"])


def test_a_policy_for_all_industries_answers_no_wish_for_one() -> None:
    assert not hit({"industries": []}, industries=["I65"])


@pytest.mark.parametrize("keyword", [None, "", " ", "|", " | "])
def test_a_wish_that_names_nothing_asks_for_nothing(keyword: str | None) -> None:
    assert index(Wanted(keyword=keyword)).matching(POLICY).tolist() == []
    assert index(Wanted(keyword=keyword, themes=("科技",))).matching(POLICY).tolist() == [0]


def test_no_wishes_are_no_matches() -> None:
    assert index().matching(POLICY).tolist() == []
