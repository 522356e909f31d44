"""What each kind of leaf asks and what is held, as people read it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from profiles.criteria import Clause, parse, prove
from tests.profiles.making import TODAY, frame_of

REVENUE, SPEND = {"fact": "revenue"}, {"fact": "rd_spend"}
FIRM: dict[str, Any] = {"kind": "enterprise", "revenue": 200, "rd_spend": 9, "founded_on": date(2024, 2, 29)}
TIERS = [{"up_to": 3000, "ge": 5}, {"below": 10000, "ge": 4}, {"ge": 3}]


def clause(tree: Any, **facts: Any) -> Clause:
    (found,) = prove(parse(tree), frame_of([FIRM | facts]), 0, on=TODAY)
    return found


ASKED: list[tuple[Any, str, str]] = [
    ({"fact": "revenue", "ge": 5, "year": -1}, "上年度营业收入不少于5万元", "revenue of last year at least 5"),
    (
        {"fact": "revenue", "ge": 5, "year": -3},
        "往前第3年营业收入不少于5万元",
        "revenue of 3 years ago at least 50,000 yuan",
    ),
    ({"fact": "revenue", "ge": 5, "year": 2024}, "2024年营业收入不少于5万元", "revenue of 2024 at least 5"),
    ({"measure": {"percent": [SPEND, REVENUE]}, "ge": 5}, "研发投入占营业收入的比例不少于5%", "as a share of revenue"),
    ({"measure": {"ratio": [REVENUE, {"fact": "employees"}]}, "gt": 2}, "营业收入与从业人员之比超过2", "per employees"),
    (
        {"measure": {"sum": [REVENUE, SPEND]}, "lt": 9},
        "营业收入、研发投入之和少于9万元",
        "sum of revenue, R&D spending",
    ),
    ({"measure": {"sum": [REVENUE, {"fact": "employees"}]}, "lt": 9}, "之和少于9", "employees below 9"),
    (
        {"measure": {"years": 3, "of": "revenue", "take": "growth"}, "ge": 15},
        "近3年营业收入平均增长率不少于15%",
        "mean growth of revenue in the last 3 years at least 15%",
    ),
    (
        {"measure": {"weighted": [{"of": {"fact": "patent_invention"}, "times": 5}]}, "ge": 20},
        "加权得分(发明专利×5)不少于20分",
        "score (invention patents × 5) at least 20 points",
    ),
    (
        {"measure": {"years_since": "founded_on"}, "ge": 1, "on": "published"},
        "发布日时自成立日期起的时间不少于1年",
        "elapsed time (date founded) at least 1 year on publication",
    ),
    ({"measure": {"days_until": "activity_to"}, "le": 30}, "距活动结束日期的剩余时间不超过30天", "time left"),
    (
        {"tiers": TIERS, "by": REVENUE, "of": {"fact": "rd_ratio"}},
        "研发投入占比按营业收入分档:不超过3000万元的不少于5%,少于10000万元的不少于4%,其余不少于3%",
        "otherwise at least 3%",
    ),
    ({"qualification": "national_hnte"}, "持有有效的高新技术企业资质", "High and new technology enterprise in force"),
    ({"qualification": "tech_sme", "held_months": 12}, "持有科技型中小企业资质满12个月", "held for 12 months"),
    ({"qualification": "tech_sme", "lapses_within": 90}, "科技型中小企业资质将在90天内到期", "lapses within 90 days"),
    ({"requires": ["低保", "廉租"]}, "已享受低保、廉租", "receives 低保, 廉租"),
    ({"excludes": ["低保"]}, "未享受低保", "does not receive 低保"),
    (
        {"during": {"from": "2026-03-01", "to": "2026-06-30"}},
        "办理日期在2026-03-01至2026-06-30期间",
        "from 2026-03-01 to",
    ),
    ({"during": {"from": "2026-03-01"}}, "办理日期在2026-03-01及以后", "from 2026-03-01 on"),
    ({"during": {"to": "2026-06-30"}, "on": "deadline"}, "截止日在2026-06-30及以前", "the deadline up to 2026-06-30"),
    ({"fact": "rd_institution", "ge": "city"}, "研发机构级别市级及以上", "level of R&D institution city or above"),
    ({"fact": "employment", "in": ["unemployed", "student"]}, "就业状态为失业或在校学生", "is unemployed or student"),
    ({"fact": "activity_from", "within_days": 30}, "活动开始日期在今后30天内", "within the next 30 days"),
    ({"any_dependant": {"fact": "age", "lt": 3}}, "有年龄少于3岁的家庭成员", "a family member with age below 3 years"),
    (
        {
            "any": [
                {"fact": "owns_home", "eq": False},
                {"all": [{"fact": "age", "ge": 60}, {"fact": "sex", "eq": "male"}]},
            ]
        },
        "名下无住房或(年龄不少于60岁且性别为男)",
        "owns no home or (age at least 60 years and sex is male)",
    ),
    ({"count_dependants": {"fact": "age", "lt": 3}, "ge": 2}, "年龄少于3岁的家庭成员不少于2位", "at least 2"),
]


@pytest.mark.parametrize(("tree", "zh", "en"), ASKED)
def test_every_kind_of_leaf_says_what_it_asks(tree: Any, zh: str, en: str) -> None:
    found = clause(tree)
    assert zh in found.asked_zh
    assert en in found.asked_en


DENIED: list[tuple[Any, str, str]] = [
    ({"fact": "age", "ge": 60}, "年龄少于60岁", "age below 60 years"),
    ({"fact": "sex", "eq": "male"}, "性别不为男", "sex is not male"),
    ({"fact": "region", "in_region": ["330106"]}, "所在地区不在西湖区", "region not in 西湖区 (330106)"),
    ({"fact": "dishonest", "eq": True}, "无失信记录", "has no dishonesty record"),
    ({"fact": "premiums_paid", "ne": True}, "失业保险费已缴清", "unemployment premiums are paid"),
    ({"fact": "founded_on", "before": "2026-01-01"}, "成立日期不早于2026-01-01", "no earlier than 2026-01-01"),
    ({"fact": "activity_to", "valid_on": "deadline"}, "活动结束日期早于截止日", "end of activity before the deadline"),
    ({"fact": "objectives", "has": "稳岗"}, "发展目标不含稳岗", "objectives does not include 稳岗"),
    ({"fact": "stage", "has": "养老"}, "不处于养老阶段", "not in the stage 养老"),
    ({"qualification": "tech_sme"}, "未持有有效的科技型中小企业资质", "not in force"),
    ({"qualification": "tech_sme", "held_months": 1}, "未持有科技型中小企业资质满1个月", "not held for 1 month"),
    ({"qualification": "tech_sme", "lapses_within": 90}, "资质不会在90天内到期", "does not lapse within 90 days"),
    ({"requires": ["低保"]}, "未享受低保", "does not receive 低保"),
    ({"requires": ["低保", "廉租"]}, "未全部享受低保、廉租", "does not receive all of"),
    ({"excludes": ["低保"]}, "已享受低保", "receives 低保"),
    ({"excludes": ["低保", "廉租"]}, "享受低保、廉租之一", "receives one of"),
    ({"during": {"from": "2026-03-01"}}, "办理日期不在2026-03-01及以后", "not from 2026-03-01 on"),
    ({"measure": {"sum": [REVENUE, SPEND]}, "lt": 9}, "之和不少于9万元", "at least 90,000 yuan"),
    ({"any_dependant": {"fact": "age", "lt": 3}}, "没有年龄少于3岁的家庭成员", "no family member with age"),
    ({"count_dependants": {"fact": "age", "lt": 3}, "ge": 2}, "年龄少于3岁的家庭成员少于2位", "below 2"),
]


@pytest.mark.parametrize(("tree", "zh", "en"), DENIED)
def test_what_must_not_be_so_is_said_the_other_way_round(tree: Any, zh: str, en: str) -> None:
    found = clause({"not": tree})
    assert zh in found.asked_zh
    assert en in found.asked_en


HELD: list[tuple[Any, dict[str, Any], str]] = [
    ({"measure": {"percent": [SPEND, REVENUE]}, "ge": 5}, {}, "4.5%"),
    ({"measure": {"percent": [SPEND, REVENUE]}, "ge": 5}, {"revenue": None}, "未登记"),
    ({"measure": {"months_since": "founded_on"}, "ge": 5}, {}, "27个月"),
    ({"measure": {"months_since": "founded_on"}, "ge": 5}, {"kind": "citizen"}, "不适用"),
    ({"tiers": TIERS, "by": REVENUE, "of": {"fact": "rd_ratio"}}, {}, "200万元,4.5%"),
    (
        {"qualification": "tech_sme"},
        {"qualifications": [("tech_sme", None, date(2026, 12, 31))]},
        "持有至2026-12-31",
    ),
    ({"qualification": "tech_sme"}, {"qualifications": [("tech_sme", None, None)]}, "持有"),
    ({"qualification": "tech_sme"}, {"qualifications": [("tech_sme", None, date(2026, 6, 1))]}, "未持有"),
    ({"qualification": "tech_sme"}, {}, "未登记"),
    ({"excludes": ["低保"]}, {"benefits": ["低保", "廉租"]}, "低保、廉租"),
    ({"excludes": ["低保"]}, {"benefits": []}, "无"),
    ({"excludes": ["低保"]}, {}, "未登记"),
    ({"fact": "objectives", "has": "稳岗"}, {"objectives": ["稳岗"]}, "稳岗"),
    ({"during": {"from": "2026-03-01"}}, {}, "2026-06-24"),
]


@pytest.mark.parametrize(("tree", "facts", "zh"), HELD)
def test_what_is_held_is_said(tree: Any, facts: dict[str, Any], zh: str) -> None:
    assert clause(tree, **facts).held_zh == zh


@pytest.mark.parametrize("measure", [{"fact": "disability_rate"}, {"sum": [REVENUE, {"fact": "disability_rate"}]}])
def test_a_figure_made_of_a_sensitive_fact_is_never_said(measure: Any) -> None:
    found = clause({"measure": measure, "ge": 50}, kind=None, disability_rate=70)
    assert (found.held_zh, found.held_en) == ("已登记", "an entry on file")


def test_a_clause_is_named_for_what_it_is_about() -> None:
    found = clause({"qualification": "tech_sme", "clause": "3"})
    assert (found.fact, found.fact_zh, found.clause) == ("qualifications", "科技型中小企业", "3")
    assert clause({"measure": {"percent": [SPEND, REVENUE]}, "ge": 1}).fact_en == "R&D spending as a share of revenue"
