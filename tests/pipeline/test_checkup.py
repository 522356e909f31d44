"""The check-up: everything in force sorted by what it means to the profile, and a total that counts nothing twice."""

from __future__ import annotations

from typing import Any

from pushsvc.context import Context
from pushsvc.pipeline.checkup import Checkup, checkup
from pushsvc.pipeline.fits import fits_of
from tests.registering import issue, register

FIRM = {"kind": "enterprise", "region": "990101", "industry": "I6513", "employees": "60"}
FOR_FIRMS = {"all": [{"fact": "kind", "eq": "enterprise", "clause": "第二条"}]}


def pay(ctx: Context, ref: str, amount: str, *, body: str = "第一条 给予补助。", **more: Any) -> None:
    """A published policy for every firm that pays so much."""
    text = {"title": f"江澜市{ref}补助办法", "kind": "fund", "criteria": FOR_FIRMS, "amount": amount}
    issue(ctx, ref, **{**text, "family": ref, "body": body, **more})


def of_firm(ctx: Context, **facts: str) -> Checkup:
    """The check-up of a firm."""
    found = checkup(ctx, register(ctx, "firm", **FIRM, **facts))
    assert found is not None
    return found


def counted(found: Checkup) -> set[str]:
    """References of what the total is made of."""
    return {line.policy.ref for line in found.yes if line.counted}


def test_sums_that_are_told_are_added_and_others_are_said(ctx: Context) -> None:
    pay(ctx, "甲", "最高50万元")
    pay(ctx, "乙", "一次性奖励6万元")
    pay(ctx, "丙", "每招用一人1000元")
    pay(ctx, "丁", "返还上年度缴费的60%")
    pay(ctx, "戊", "免费服务", kind="guide")
    found = of_firm(ctx)
    assert (found.total, found.unwritten, len(found.yes), found.exact) == (560_000, 2, 5, True)


def test_of_two_that_a_text_excludes_the_dearer_counts(ctx: Context) -> None:
    pay(ctx, "甲", "最高50万元")
    pay(ctx, "乙", "最高30万元", body="第五条 本补助与《江澜市甲补助办法》不重复享受。")
    pay(ctx, "丙", "最高10万元")
    found = of_firm(ctx)
    assert (found.total, counted(found)) == (600_000, {"甲", "丙"})
    assert [[line.policy.ref for line in lines] for lines in found.groups.values()] == [["甲", "乙"]]


def test_a_chain_counts_its_ends_where_they_are_worth_more(ctx: Context) -> None:
    pay(ctx, "甲", "最高40万元")
    pay(ctx, "乙", "最高60万元", body="与《江澜市甲补助办法》不重复享受。")
    pay(ctx, "丙", "最高40万元", body="与《江澜市乙补助办法》不得同时享受。")
    found = of_firm(ctx)
    assert (found.total, counted(found)) == (800_000, {"甲", "丙"})
    assert len(found.groups) == 1


def test_a_benefit_that_criteria_exclude_is_a_policy_where_it_bears_its_name(ctx: Context) -> None:
    pay(ctx, "甲", "最高50万元")
    tree = {"all": [*FOR_FIRMS["all"], {"excludes": ["江澜市甲补助办法"]}]}
    pay(ctx, "乙", "最高30万元", criteria=tree)
    found = of_firm(ctx, benefits="别的补助")
    assert {line.policy.ref for line in found.yes} == {"甲", "乙"}
    assert found.total == 500_000


def test_papers_on_one_matter_pay_once(ctx: Context) -> None:
    pay(ctx, "甲", "最高50万元")
    pay(ctx, "乙", "最高50万元", family="甲", event="window:2026")
    pay(ctx, "丙", "最高50万元", title="《江澜市甲补助办法》政策解读", kind="interpretation")
    found = of_firm(ctx)
    assert found.total == 500_000
    assert [line.policy.ref for line in found.yes if line.policy.family == "甲"] == ["乙"]


def test_what_may_fit_is_named_with_what_lacks_and_not_added(ctx: Context) -> None:
    lacks = {"all": [*FOR_FIRMS["all"], {"fact": "rd_spend", "ge": 100, "clause": "第三条"}]}
    pay(ctx, "甲", "最高50万元", criteria=lacks)
    found = of_firm(ctx)
    assert (found.total, [line.missing for line in found.might]) == (0, [("rd_spend",)])
    assert [one.fact for one in found.questions] == ["rd_spend"]


def test_the_nearest_of_what_does_not_fit_comes_first_with_its_clause(ctx: Context) -> None:
    many = {"fact": "employees", "ge": 500, "clause": "第三条"}
    far = {"all": [*FOR_FIRMS["all"], many, {"fact": "region", "in_region": ["990105"], "clause": "第四条"}]}
    pay(ctx, "甲", "最高50万元", criteria=far)
    pay(ctx, "乙", "最高50万元", criteria={"all": [*FOR_FIRMS["all"], many]})
    issue(ctx, "people", criteria={"all": [{"fact": "kind", "eq": "citizen"}, {"fact": "age", "ge": 60}]})
    found = of_firm(ctx)
    assert [(line.policy.ref, line.far) for line in found.no] == [("乙", 1), ("甲", 2)]
    assert [line.against and line.against.clause for line in found.no] == ["第三条", "第三条"]
    assert found.others == 1


def test_it_counts_what_fits_counts(ctx: Context) -> None:
    pay(ctx, "甲", "最高50万元")
    issue(ctx, "people", criteria={"all": [{"fact": "kind", "eq": "citizen"}]})
    issue(ctx, "draft", kind="consultation")
    found, counts = of_firm(ctx), fits_of(ctx, "firm").counts
    assert (len(found.yes), len(found.might)) == (counts["fits"], counts["might"])
    assert len(found.no) + found.others == counts["no"]


def test_nobody_has_no_check_up(ctx: Context) -> None:
    assert checkup(ctx, 7) is None
