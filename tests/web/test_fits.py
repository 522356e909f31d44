"""What one answer would settle: on the reader's own page, and over the API."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline import preferences
from tests.web.browser import Browser
from tests.web.making import api_key, person, publish
from tests.web.test_api_fuzz import check
from tests.web.test_feed import HOMELESS, SIXTY, firm_of

PATH, OLD = "/api/v1/profiles/p1/fits", date(1950, 1, 1)
DESCRIBED = "/api/v1/profiles/{ref}/fits"
LINE = 'id="ask"'


def three(ctx: Context) -> None:
    """One policy for the old, two for those without a home."""
    publish(ctx, "a", 1, criteria=SIXTY)
    publish(ctx, "b", 2, criteria=HOMELESS, title="住房一")
    publish(ctx, "c", 3, criteria=HOMELESS, title="住房二")


def test_the_feed_names_the_one_answer_that_settles_most_and_leads_to_it(app: Flask, ctx: Context) -> None:
    three(ctx)
    browser = Browser(app).sign_in(person=person(ctx, birth_date=OLD))
    page = browser.open("/m/")
    assert "回答“住房”，可确定 2 项政策" in page
    line = page.split(LINE)[1].split("</p>")[0]
    assert 'href="/m/facts/correct?fact=owns_home"' in line
    assert "An answer on home ownership would settle 2 policies" in browser.open("/m/?lang=en")
    assert LINE not in browser.open("/m/?view=latest")
    assert LINE not in browser.open("/m/?view=saved")


@pytest.mark.parametrize(
    "criteria",
    [
        SIXTY,
        {"all": [{"fact": "owns_home", "eq": False}, {"fact": "employment", "eq": "retired"}]},
        {"fact": "hardship", "eq": True},
        {"any_dependant": {"fact": "age", "lt": 3}},
    ],
)
def test_it_is_quiet_where_no_answer_of_the_reader_settles_anything(app: Flask, ctx: Context, criteria: object) -> None:
    publish(ctx, criteria=criteria)
    assert LINE not in Browser(app).sign_in(person=person(ctx, birth_date=OLD)).open("/m/")


def test_with_recommendations_off_nothing_is_asked(app: Flask, ctx: Context) -> None:
    three(ctx)
    someone = person(ctx)
    preferences.switch_personalised(ctx, someone, False)
    assert LINE not in Browser(app).sign_in(person=someone).open("/m/")


@pytest.mark.parametrize(("role", "asked"), [("admin", True), ("member", False)])
def test_a_firm_is_asked_by_year_and_only_who_may_answer(app: Flask, ctx: Context, role: str, asked: bool) -> None:
    publish(ctx, criteria={"fact": "revenue", "year": -1, "ge": 100})
    someone = person(ctx)
    firm = firm_of(ctx, someone, role=role)
    browser = Browser(app).sign_in(person=someone)
    browser.open("/m/")
    page = browser.send("/m/act-for", {"profile": firm})
    assert ("fact=revenue&amp;year=2025" in page) == asked
    assert ("回答“2025年营业收入”" in page) == asked


def test_the_api_says_what_fits_and_what_to_ask(ctx: Context, app: Flask) -> None:
    three(ctx)
    person(ctx, birth_date=OLD)
    client, key = app.test_client(), api_key(ctx, "read")
    answer = client.get(PATH, headers=key)
    check(answer, DESCRIBED, "get")
    assert answer.json["counts"] == {"fits": 1, "might": 2, "no": 0, "unmatched": 0, "total": 3}
    assert [one["ref"] for one in answer.json["might"]] == ["c", "b"]
    assert answer.json["questions"] == [{"fact": "owns_home", "words": "住房", "settles": 2, "touches": 2}]
    short = client.get(PATH + "?limit=1&locale=en", headers=key).json
    assert [one["missing_words"] for one in short["might"]] == ["home ownership"]
    assert short["counts"]["might"] == 2


@pytest.mark.parametrize(
    ("path", "scopes", "status", "code"),
    [
        (PATH, ("profiles:write",), 403, "no_scope"),
        (PATH, None, 401, "no_key"),
        ("/api/v1/profiles/none/fits", ("read",), 404, "unknown_profile"),
        (PATH + "?limit=-1", ("read",), 400, "not_a_number"),
        (PATH + "?locale=fr", ("read",), 400, "unknown_locale"),
    ],
)
def test_the_api_refuses_as_it_does_beside(
    ctx: Context, app: Flask, path: str, scopes: tuple[str, ...] | None, status: int, code: str
) -> None:
    person(ctx)
    answer = app.test_client().get(path, headers=api_key(ctx, *scopes) if scopes else {})
    assert (answer.status_code, answer.json["code"]) == (status, code)
    check(answer, DESCRIBED, "get")


def test_an_erased_profile_has_no_answer(ctx: Context, app: Flask) -> None:
    person(ctx, erased_at=ctx.clock())
    assert app.test_client().get(PATH, headers=api_key(ctx, "read")).status_code == 404
