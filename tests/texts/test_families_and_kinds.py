"""Families of titles, and kinds by named rules."""

from __future__ import annotations

import pytest

from pushsvc.texts.families import family_of
from pushsvc.texts.kinds import KINDS, RULES, kind_of

SAME = [
    ("云州市小微企业融资办法", "云州市小微企业融资办法（试行）", "（试行）"),
    ("云州市小微企业融资办法", "云州市小微企业融资办法(2024年修订)", "修订"),
    ("云州市小微企业融资办法", "关于印发《云州市小微企业融资办法（征求意见稿）》的通知", "征求意见稿"),
    ("云州市小微企业融资办法", "云州市财政局关于印发云州市小微企业融资办法的通知", ""),
    ("组织申报云州市研发项目的通知", "云州市科学技术局关于组织申报2024年度云州市研发项目（第三批）的通知", "第三批"),
    ("组织申报云州市研发项目的通知", "关于组织申报2023年第二批云州市研发项目的通知", "第二批"),
    ("云州市教育规划", "云州市“十四五”教育规划", "十四五"),
]


@pytest.mark.parametrize(("one", "other", "label"), SAME)
def test_versions_of_one_programme_share_their_family(one: str, other: str, label: str) -> None:
    family, version = family_of(other)
    bare = family_of(one)[0]
    assert family.removeprefix("关于") == bare.removeprefix("关于")
    assert label.strip("（）") in version


def test_two_programmes_are_two_families() -> None:
    assert family_of("云州市融资办法")[0] != family_of("雨州市融资办法")[0]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("云州市商业办法（征求意见稿）", "consultation"),
        ("关于公开征求《云州市商业办法》意见的公告", "consultation"),
        ("《云州市商业办法》政策解读", "interpretation"),
        ("一图读懂云州市商业办法", "interpretation"),
        ("关于市政协五届三次会议第12号提案的答复", "response"),
        ("云州市2023年国民经济统计公报", "gazette"),
        ("云州市养老服务“十四五”规划", "plan"),
        ("关于组织申报2024年度研发项目的通知", "fund"),
        ("2024年贴息审核通过名单", "gazette"),
        ("关于拟认定企业名单的公示", "gazette"),
        ("云州市市场准入负面清单", "negative_list"),
        ("企业开办服务指南", "guide"),
        ("云州市防汛应急预案", "emergency"),
        ("云州市商业办法", "normative"),
    ],
)
def test_the_title_names_the_kind(title: str, kind: str) -> None:
    assert kind_of(title, "", "")[0] == kind


def test_a_draft_says_so_in_its_head_where_the_crawls_title_does_not() -> None:
    assert kind_of("云州市商业办法", "云州市商业办法 （征求意见稿） 第一条", "") == ("consultation", "draft")
    assert kind_of("云州市商业办法", "第一条 " + "略。" * 300 + "（征求意见稿）", "")[0] == "normative"


def test_a_regulation_is_normative_whatever_its_title_says() -> None:
    assert kind_of("云州市规划条例规划", "", "地方性法规")[0] == "normative"
    assert {rule.kind for rule in RULES} <= set(KINDS)
