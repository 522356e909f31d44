"""Rows L4 and L14: people are told of the algorithm that ranks them, and none ranks them before it was assessed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pushsvc.context import Context
from pushsvc.pipeline.models import ModelError, admit, rollback, use
from pushsvc.store.models import add_model
from pushsvc.store.session import transaction
from recommenders.artifact import dump
from recommenders.recipe import ALGORITHM
from tests.clock import Clock
from tests.modelling import assessed, by_hand
from tests.registering import ask
from tests.web.browser import Browser

GOOD = {"audience_auc_cold": 0.81, "audience_auc_activity": 0.62, "audience_auc_deciles": [0.7], "feed_auc_cold": 0.74}
CARD = {
    "algorithm": ALGORITHM,
    "evaluation": GOOD,
    "window": {"from": "2025-01-02", "to": "2026-06-20"},
    "features": ["region", "stage"],
    "never_used": ["hardship", "sex"],
}


def test_L4_the_page_tells_purpose_principle_weights_and_figures_of_the_model_in_use(
    ctx: Context, browser: Browser
) -> None:
    """算法推荐管理规定 16, PIPL 24(1): principle, purpose and mechanism are published, from the model itself."""
    assert "现在没有启用打分模型" in browser.open("/algorithm")
    pia = assessed(ctx, id="PIA-2026-7")
    number = admit(ctx, by_hand({"region=990105": 1.0}, card=CARD)).id
    page = browser.open("/algorithm")
    told = "目的 原理 按活跃程度 0.810 0.740 0.620 2025年1月2日 2026年6月20日 地区 所处阶段 从不使用 生活困难认定 12345"
    exact = ["读法相近：按这一方向训练的 LightFM", f"<dd>{number}</dd>", f"<dd>{ALGORITHM}</dd>", pia]
    assert [words for words in [*told.split(), *exact] if words not in page] == []
    english = browser.open("/algorithm?lang=en")
    said = [
        "Purpose:",
        "Principle:",
        "0.810",
        "By activity",
        "2 January 2025",
        "Never used",
        "recognised hardship",
        pia,
    ]
    assert [words for words in said if words not in english] == []


def test_L4_the_page_follows_the_model_when_another_takes_over(ctx: Context, browser: Browser) -> None:
    """算法推荐管理规定 16: what is published is what ranks people now, not what once did."""
    assessed(ctx)
    first = admit(ctx, by_hand({"region=990105": 1.0}, card=CARD)).id
    better = CARD | {"evaluation": GOOD | {"audience_auc_cold": 0.9}}
    assert admit(ctx, by_hand({"region=990101": 1.0}, card=better)).serving
    assert "0.900" in browser.open("/algorithm")
    assert rollback(ctx, by="周岚") == first
    page = browser.open("/algorithm")
    assert (f"模型编号</dt><dd>{first}</dd>" in page, "0.900" in page) == (True, False)


def test_L4_a_model_that_uses_no_records_says_that_it_uses_none(ctx: Context, browser: Browser) -> None:
    """算法推荐管理规定 16: the mechanism that is told is the one at work."""
    assessed(ctx)
    card = {"algorithm": ALGORITHM, "recipe": {"audience": {"declared": 1.0}, "feed": {"declared": 1.0}}}
    with transaction(ctx.engine) as conn:
        model = by_hand({"interest=租房": 1.0}, card=card)
        add_model(conn, dump(model), model.card, active=True, at=ctx.clock())
    assert "不看任何人的阅读记录" in browser.open("/algorithm")
    assert "“为我推荐”页面的先后也按分数" in browser.page


def test_L14_no_model_begins_to_serve_without_an_assessment_of_its_algorithm(ctx: Context) -> None:
    """PIPL 55: the assessment comes before automated decisions: by training, by choice or by going back."""
    assessed(ctx, "another", id="PIA-OTHER")
    found = admit(ctx, by_hand({"region=990105": 1.0}, card=CARD))
    assert [check.check for check in found.checks if not check.passed] == ["assessment"]
    with pytest.raises(ModelError):
        use(ctx, found.id, by="周岚")
    with pytest.raises(ModelError):
        rollback(ctx, by="周岚")
    assert ask(ctx, "select count(*) from model_serving") == [(0,)]
    assessed(ctx)
    assert use(ctx, found.id, by="周岚").serving


def test_L14_an_assessment_that_has_lapsed_lets_nothing_new_serve(ctx: Context, clock: Clock) -> None:
    """PIPL 55: what was assessed years ago says nothing of today."""
    assessed(ctx, days=30)
    first = admit(ctx, by_hand({"region=990105": 1.0}, card=CARD))
    clock.forward(days=31)
    second = admit(ctx, by_hand({"region=990101": 1.0}, card=CARD))
    assert (first.serving, second.serving) == (True, False)


@pytest.mark.parametrize("change", ["delete from impact_assessment", "update impact_assessment set title = ''"])
def test_L14_the_record_of_an_assessment_outlives_three_years(ctx: Context, clock: Clock, change: str) -> None:
    """PIPL 56: kept for three years at least: nobody can change or delete it; nor what served when."""
    assessed(ctx)
    admit(ctx, by_hand({"region=990105": 1.0}, card=CARD))
    clock.forward(days=3 * 366)
    for statement in (change, "delete from model_serving"):
        with pytest.raises(Exception, match="never changed"):
            ask(ctx, statement)
    assert ask(ctx, "select id from impact_assessment") == [("PIA-TEST-1",)]
    assert clock() - ask(ctx, "select since from model_serving")[0][0] > timedelta(days=3 * 365)
