"""The index equals one wish at a time: built, kept in files, overlaid, and turned round for one person."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.snapshot.manifest import SnapshotError
from profiles.subscriptions import KEYS, Layers, PolicyTags, SubscriptionIndex, policy_columns
from profiles.subscriptions.policies import FEW
from tests.profiles.subscriptions.slowly import Wanted, answers, columns, index

POLICY = PolicyTags({"科技"}, ["I6513"], "990100", "研发投入后补助ＡＩ")
REGIONS = ["000000", "990000", "990100", "990101", "990102", "990114", "990171", "330106", "330104", "330110.old", "9"]
INDUSTRIES = ["I65", "6513", "I", "65", "H62", "6210", "软件和信息技术服务业", "junk"]
AGENCIES = ["财政部", "国土资源部", "自然资源部", "国家工商行政管理总局", "工商总局", "市场监管总局", "卫生部"]
AGENCIES += ["国家卫生健康委员会", "国家环境保护总局", "生态环境部", "环境保护部", "云湾区人社局", "江澜市云湾区人社局"]
AGENCIES += ["江澜市人力资源和社会保障局", "云湾区人力资源和社会保障局", "杭州市国土资源局", "浙江省农业厅"]
AGENCIES += ["浙江省农业农村厅", "市发改委", "没有这个机关", "甲局、乙局", ""]
WORDS = [None, "", "补", "Ai", "没有", "ＡＩ 补助", "助 补|没有", "补助|ai", "很长的一个没有的词", "😀", "|"]

values = {"themes": list("甲乙丙"), "industries": INDUSTRIES, "regions": REGIONS, "agencies": AGENCIES}
sets = {key: st.lists(st.sampled_from(levels), max_size=3, unique=True).map(tuple) for key, levels in values.items()}
wishes = st.lists(
    st.builds(
        Wanted,
        keyword=st.sampled_from(WORDS),
        all_of=st.lists(st.sampled_from(KEYS), unique=True).map(tuple),
        **sets,
    ),
    max_size=10,
)
policies = st.builds(
    PolicyTags,
    themes=st.sets(st.sampled_from("甲乙丙")),
    industries=st.lists(st.sampled_from(INDUSTRIES), max_size=3),
    region=st.sampled_from([*REGIONS, ""]),
    agencies=st.lists(st.sampled_from(AGENCIES), max_size=3),
    text=st.sampled_from(["补助", "AI 补助", "", "有助于补 ai😀"]) | st.text(max_size=30),
)


@settings(deadline=None)  # the first example reads the tables of regions and industries
@given(wishes, policies, st.sampled_from([None, 1]))
def test_columns_match_as_one_wish_at_a_time(rows: list[Wanted], policy: PolicyTags, multiplier: int | None) -> None:
    expected = [number for number, wish in enumerate(rows) if answers(wish, policy)]
    assert index(*rows, multiplier=multiplier).matching(policy).tolist() == expected


@settings(deadline=None)
@given(wishes, st.lists(policies, max_size=5))
def test_turned_round_the_answers_are_the_same(rows: list[Wanted], about: list[PolicyTags]) -> None:
    found = policy_columns(about).matching(rows)
    assert found.tolist() == [[answers(wish, policy) for policy in about] for wish in rows]


def test_turned_round_many_texts_are_indexed_and_answer_the_same() -> None:
    draw = np.random.default_rng(3)
    texts = ["".join(draw.choice(list("补贴Ａi房 "), 12)) for _ in range(FEW + 40)]
    about = [PolicyTags({"甲"} if number % 2 else (), (), "990101", text) for number, text in enumerate(texts)]
    asked = [Wanted(keyword=keyword) for keyword in ("补贴", "房 ai", "补贴房|a补贴", "iai 补", "没有", "房")]
    asked += [Wanted(themes=("甲",), keyword="补贴|房房")]
    found = policy_columns(about).matching(asked)
    assert found.tolist() == [[answers(wish, policy) for policy in about] for wish in asked]
    assert found[0].any()


@settings(deadline=None)
@given(wishes, policies, st.sets(st.integers(100, 109)), wishes)
def test_what_changed_is_laid_over(
    rows: list[Wanted], policy: PolicyTags, changed: set[int], now: list[Wanted]
) -> None:
    layers = Layers(index(*rows)).refreshed(changed, index(*now))
    old = [number for number, wish in enumerate(rows) if number + 100 not in changed and answers(wish, policy)]
    new = [number for number, wish in enumerate(now) if answers(wish, policy)]
    found = layers.matching(policy)
    assert found.ids.tolist() == old + new
    assert found.profile_ids.tolist() == [number + 100 for number in old + new]


def test_a_profile_taken_out_twice_stays_out() -> None:
    both = index(Wanted(keyword="补助"), Wanted(keyword="补助")).without([100]).without([101])
    assert both.matching(POLICY).tolist() == []


def test_matches_are_told_by_profile() -> None:
    found = Layers(index(Wanted(keyword="补助"), Wanted(keyword="ai"))).matching(POLICY)
    assert (len(found), found.by_profile()) == (2, {100: [0], 101: [1]})
    assert Layers(index()).matching(POLICY).by_profile() == {}


@pytest.mark.parametrize("rows", [[], [Wanted(themes=("科技",), keyword="ai"), Wanted(regions=("990101",))]])
def test_an_index_kept_in_files_and_mapped_answers_the_same(tmp_path: Path, rows: list[Wanted]) -> None:
    made = index(*rows)
    for name, array in made.to_arrays().items():
        assert array.ndim == 1
        np.save(tmp_path / f"{name}.npy", array, allow_pickle=False)
    mapped = {path.stem: np.load(path, mmap_mode="r", allow_pickle=False) for path in tmp_path.iterdir()}
    again = SubscriptionIndex.from_arrays(mapped)
    assert (len(again), again.ids.tolist()) == (len(rows), made.ids.tolist())
    assert again.matching(POLICY).tolist() == made.matching(POLICY).tolist() == list(range(len(rows)))


def test_a_missing_array_is_named() -> None:
    arrays = index(Wanted(keyword="ai")).to_arrays()
    del arrays["keywords.terms.keys"]
    with pytest.raises(SnapshotError) as raised:
        SubscriptionIndex.from_arrays(arrays)
    assert (raised.value.code, raised.value.place) == ("missing_array", "keywords.terms.keys")


def test_the_same_set_is_answered_once() -> None:
    made = index(*[Wanted(themes=("甲", "乙"))] * 300, Wanted(themes=("甲", "乙"), all_of=("themes",)))
    arrays = made.to_arrays()
    assert (arrays["themes.codes"].dtype, len(arrays["themes.needs"])) == (np.uint8, 3)  # both, and what asks nothing


def test_columns_tell_how_many_they_are() -> None:
    assert (len(columns([Wanted(keyword="a")])), len(policy_columns([POLICY]))) == (1, 1)
