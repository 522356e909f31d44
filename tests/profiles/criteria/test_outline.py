"""Every node has its words, in both languages."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings

from profiles.criteria import parse
from profiles.criteria.outline import outline
from tests.profiles.criteria.strategies import trees

TREE: dict[str, Any] = {
    "all": [
        {"fact": "age", "ge": 60, "clause": "第三条"},
        {"any": [{"fact": "tenure", "eq": "tenant"}, {"not": {"fact": "owns_home", "eq": True}}]},
        {"not": {"all": [{"fact": "employment", "eq": "student"}, {"fact": "school_level", "ge": "master"}]}},
        {"count_dependants": {"fact": "age", "lt": 18}, "ge": 2},
        {"any_dependant": {"fact": "age_months", "lt": 36}},
        {"fact": "stage", "has": "养老"},
    ]
}


def test_a_tree_reads_as_an_outline() -> None:
    lines = [f"{'  ' * line.depth}{line.words('zh')}" for line in outline(parse(TREE))]
    assert lines == [
        "以下全部满足",
        "  年龄不少于60岁(第三条)",
        "  以下满足其一",
        "    居住方式为租住",
        "    名下无住房",
        "  以下不成立",
        "    以下全部满足",
        "      就业状态为在校学生",
        "      学历硕士及以上",
        "  这样的家庭成员不少于2位",
        "    年龄少于18岁",
        "  有这样的家庭成员",
        "    月龄少于36个月",
        "  处于养老阶段",
    ]


def test_it_reads_in_english_too() -> None:
    lines = [line.words("en") for line in outline(parse(TREE))]
    assert lines[:4] == ["All of these", "age at least 60 years (第三条)", "Any of these", "tenure is tenant"]


def test_of_many_values_the_first_are_named_and_the_others_counted() -> None:
    """Six are all named; of more five are, and how many others there are."""
    words = [outline(parse({"fact": "industry", "in_industry": list("CDEFGHI")[:n]}))[-1].words for n in (6, 7)]
    assert words[0]("zh").endswith("、交通运输、仓储和邮政业(G)或住宿和餐饮业(H)")
    assert words[0]("en").endswith(" or H 住宿和餐饮业")
    assert words[1]("zh").startswith("行业属于制造业(C)、")
    assert words[1]("zh").endswith("、交通运输、仓储和邮政业(G)或其他2项")
    assert words[1]("en").endswith(", G 交通运输、仓储和邮政业 or 2 others")


def test_no_tree_and_empty_ones_say_whom_they_are_for() -> None:
    assert outline(None)[0].en == "matched to nobody, for subscribers only"
    assert [outline(parse({word: []}))[0].zh for word in ("all", "any")] == ["所有人", "无人适用"]


@settings(max_examples=300, deadline=None)
@given(tree=trees)
def test_every_node_has_words_in_both_languages(tree: Any) -> None:
    lines = outline(parse(tree))
    assert all(line.zh and line.en for line in lines)
    assert [line.depth for line in lines[:1]] == [0]
