"""Rows L9, L12, L22, L28 and L29: each fact says whence, when, what for and why; who is wronged is answered."""

from __future__ import annotations

import json
from datetime import date

from flask import Flask
from sqlalchemy import text

from profiles.sources import built_in
from pushsvc.context import Context
from pushsvc.pipeline.asked import due_day
from pushsvc.pipeline.held import held_of
from pushsvc.pipeline.preferences import give_consent
from pushsvc.pipeline.rights import export_data
from pushsvc.store.session import transaction
from tests.registering import register
from tests.web.browser import Browser
from tests.web.making import REVIEWER, operators

TOLD = {"region": "990105", "birth_date": "1950-05-01", "source": "household_register", "as_of": "2026-03-01"}
FIRM = {"kind": "enterprise", "industry": "I6513", "revenue": "2000", "source": "market_register"}


def test_L09_every_fact_carries_purpose_and_basis(ctx: Context) -> None:
    """个人信息保护法 13, 34: a state organ acts within its duty; so each fact names what for and by what law."""
    person = register(ctx, "a", **TOLD, owns_home="no")
    held = held_of(ctx, person)
    assert held is not None
    assert held.facts
    assert all(one.purpose and one.basis and one.as_of for one in held.facts)
    assert all(source.purpose and source.basis for source in built_in().values())


def test_L09_a_source_that_nobody_registered_is_shown_without_a_basis_and_not_dressed_up(
    app: Flask, ctx: Context
) -> None:
    """个人信息保护法 34: where no basis is recorded, the page says so and does not invent one."""
    person = register(ctx, "a", region="990105", source="街道表格", as_of="2026-03-01")
    assert "依据：来源未登记" in Browser(app).sign_in(person=person).open("/m/facts")


def test_L12_facts_from_registers_show_source_and_date_with_a_way_to_correct_them(app: Flask, ctx: Context) -> None:
    """个人信息保护法 46: what is wrong is put right; each fact has its own link; what was not taken is shown."""
    person = register(ctx, "a", **TOLD)
    register(ctx, "a", region="990101", source="self", as_of="2026-03-02")
    page = Browser(app).sign_in(person=person).open("/m/facts")
    for words in ("户籍登记", "2026年3月1日登记", "/m/facts/correct?fact=region", "来源的优先级较低"):
        assert words in page
    held = json.loads(json.dumps(export_data(ctx, person), default=str))
    assert held["profile"]["facts"]["region"]["purpose"].startswith("核对身份")
    assert [(one["fact"], one["why"]) for one in held["not_held"]] == [("region", "lower_rank")]
    assert held["derived_facts"]["age"] == {"value": 76.0, "inputs": {"birth_date": "1950-05-01"}}


def test_L12_the_copy_holds_sensitive_values_and_the_page_waits_for_consent(app: Flask, ctx: Context) -> None:
    """个人信息保护法 29, 45: use needs a separate consent; the person's own copy does not."""
    person = register(ctx, "a", hardship="yes")
    assert "已登记，未同意前不显示" in Browser(app).sign_in(person=person).open("/m/facts")
    copy = export_data(ctx, person)
    assert copy is not None
    assert copy["sensitive_facts"][0]["value"] is True
    give_consent(ctx, person, "sensitive")
    assert "已登记，未同意前不显示" not in Browser(app).sign_in(person=person).open("/m/facts")


def test_L22_a_shared_fact_names_its_source_purpose_and_day_and_is_not_asked_again(app: Flask, ctx: Context) -> None:
    """政务数据共享条例: what sharing gives is not collected again; the form of a correction shows what is held."""
    register(ctx, "boss")
    firm = register(ctx, "firm", **FIRM, as_of="2026-05-06", members="boss:admin")
    page = Browser(app).sign_in(person=1, acting=firm).open("/m/facts/correct?fact=revenue")
    for words in ("2,000万元", "市场监管登记", "2026年5月6日"):
        assert words in page


def test_L28_the_page_says_in_plain_words_what_for_before_anything_is_asked(app: Flask, ctx: Context) -> None:
    """个人信息保护法 17: who, why, how and what, in words that people understand; the promise of an answer too."""
    page = Browser(app).sign_in(person=register(ctx, "a", **TOLD)).open("/m/facts")
    for words in ("从哪里来", "作什么用", "依据什么", "15 个工作日内答复"):
        assert words in page


def test_L29_a_request_is_answered_in_time_and_a_refusal_has_its_reason(app: Flask, ctx: Context) -> None:
    """个人信息保护法 50: a convenient way, a timely answer, and reasons where it is refused."""
    operators(ctx, REVIEWER)
    me = Browser(app).sign_in(person=register(ctx, "a", **TOLD))
    me.open("/m/facts/correct?fact=region")
    me.send("/m/facts/correct", {"claimed": "990101"})
    assert due_day(ctx.clock()) == date(2026, 7, 15)
    office = Browser(app).sign_in(operator=REVIEWER.name)
    for words, state in (("", "open"), ("户籍登记没有变更", "refused")):
        office.open("/console/corrections")
        office.send("/console/corrections/1/refuse", {"answer": words})
        with transaction(ctx.engine) as conn:
            assert conn.execute(text("select state from correction")).scalar() == state
    assert "户籍登记没有变更" in me.open("/m/facts")
