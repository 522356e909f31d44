"""What `/algorithm` reads out of a model's card: shares where they are known, figures where they were measured."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pushsvc.context import Context
from pushsvc.pipeline.learn import load_material
from pushsvc.pipeline.models import admit
from pushsvc.store.models import add_model
from pushsvc.store.session import transaction
from pushsvc.web.labels import MODEL_FEATURES, MODEL_PARTS
from recommenders import columns as c
from recommenders.artifact import dump
from recommenders.learning import declared_only
from recommenders.recipe import PARTS
from tests.modelling import assessed, by_hand
from tests.pipeline.damage import damage
from tests.web.browser import Browser
from tests.web.test_english import unmarked

SHARES = {"cold": {"audience": {"shares": {"lightfm": 3.0, "ridge": 1.0}}, "feed": {"shares": {"lightfm": 1.0}}}}
TABLE = {"knn": {"audience": {"auc": 0.66}, "feed": {"auc": 0.61}}, "unheard of": {"audience": {"auc": 0.9}}}


def serve(ctx: Context, name: str, **card: Any) -> int:
    """Let a model with this card serve, whatever its figures."""
    model = by_hand({f"interest={name}": 1.0}, card={"algorithm": "2", **card})
    with transaction(ctx.engine) as conn:
        return add_model(conn, dump(model), model.card, active=True, at=ctx.clock())


def rows(page: str) -> list[list[str]]:
    """The cells of the page's tables."""
    lines = re.findall(r"<tr>(.*?)</tr>", page.split("</thead>", 1)[1], re.S)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line) for line in lines]


def test_shares_are_told_where_the_card_has_them_and_weights_where_not(ctx: Context, browser: Browser) -> None:
    blend = {"lightfm": 0.0321, "ridge": 0.5, "declared": 0.0}
    recipe = {"audience": blend, "feed": {"lightfm": 2.0}}
    serve(ctx, "a", recipe=recipe, evaluation={"chosen": SHARES})
    assert rows(browser.open("/algorithm")) == [
        ["读法相近：按这一方向训练的 LightFM", "75%", "100%"],
        ["内容回归：全部旧政策，读过它们的人", "25%", "–"],
    ]
    serve(ctx, "b", recipe=recipe)
    assert rows(browser.open("/algorithm"))[0][1:] == ["0.0321", "2"]


def test_figures_stand_against_those_baselines_that_were_measured(ctx: Context, browser: Browser) -> None:
    figures = {"audience_auc_cold": 0.8, "feed_auc_cold": None, "audience_auc_random": 0.5, "baselines": TABLE}
    serve(ctx, "c", evaluation=figures)
    assert rows(browser.open("/algorithm")) == [
        ["现用模型", "0.800", "–"],
        ["只用内容最相近的旧政策", "0.660", "0.610"],
        ["随机", "0.500", "–"],
    ]


@pytest.mark.parametrize(
    "card",
    [
        {},
        {"window": {"from": "soon"}, "evaluation": {"chosen": [1]}, "features": None},
        {"recipe": {"audience": None}, "evaluation": {"chosen": {"x": {"audience": 3}}}, "window": {}},
    ],
)
def test_a_card_that_says_little_makes_a_page(ctx: Context, browser: Browser, card: dict[str, Any]) -> None:
    serve(ctx, f"d{len(card)}", **card)
    assert "没有登记" in browser.open("/algorithm")
    assert browser.status == 200


def test_the_page_tells_of_the_model_that_serves_in_a_damaged_ones_place(ctx: Context, browser: Browser) -> None:
    good = serve(ctx, "e")
    damage(ctx, serve(ctx, "f"), "byte")
    assert f"模型编号</dt><dd>{good}</dd>" in browser.open("/algorithm")


def test_the_english_page_marks_what_stays_chinese(ctx: Context, browser: Browser) -> None:
    assessed(ctx, id="评估-2026-七")
    figures = {
        "audience_auc_cold": 0.8,
        "audience_auc_activity": 0.5,
        "audience_auc_deciles": [0.7],
        "baselines": TABLE,
    }
    window = {"from": "2025-01-02", "to": "2026-06-20"}
    names = [
        "kind",
        "region",
        "zone",
        "employment",
        "talent",
        "size",
        "section",
        "division",
        "age",
        "stage",
        "interest",
    ]
    card = {"algorithm": "2", "evaluation": figures, "window": window, "features": names, "never_used": ["sex"]}
    assert admit(ctx, by_hand({"interest=g": 1.0}, card=card)).serving
    page = browser.open("/algorithm?lang=en")
    assert unmarked(page) == []
    assert "评估" in page


def test_a_model_without_a_log_names_what_it_compares_and_nothing_else(ctx: Context, browser: Browser) -> None:
    model = declared_only(load_material(ctx).frame, [])
    with transaction(ctx.engine) as conn:
        add_model(conn, dump(model), model.card, active=True, at=ctx.clock())
    page = browser.open("/algorithm")
    assert "只比较政策的内容和您的兴趣、订阅、地区、行业与所处阶段" in page
    chips = set(re.findall(r'<span class="chip info">(.*?)</span>', page))
    used = {"region", "zone", "section", "division", "stage", "interest", "wish", "wish-section"}
    assert chips == {MODEL_FEATURES[name] for name in used}


def test_every_feature_of_a_model_has_a_name() -> None:
    groups = {*c.CODE_GROUPS.values(), c.SECTION, c.DIVISION, c.AGE, c.STAGE, c.INTEREST, c.WISH, c.WISH_SECTION}
    assert groups == set(MODEL_FEATURES)
    assert set(PARTS) == set(MODEL_PARTS)
