"""Counting over the API: the engine's figures, errors with code, place and sentence, a scope of its own, a limit."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pushsvc.context import Context
from pushsvc.pipeline.accounts import SCOPES
from pushsvc.pipeline.counting import count
from pushsvc.web.counts import whole_tens
from tests.registering import register
from tests.web.browser import Browser
from tests.web.making import api_key, crowd, rows, snapshot
from tests.web.test_api_fuzz import JSON, check

PATH = "/api/v1/audience/count"
TREE = {"all": [{"fact": "age", "ge": 60}, {"fact": "region", "in_region": ["990105"]}]}
FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ODD = {"criteria": TREE, "deadline": "2026-06-30", "published": None}


@pytest.fixture
def key(ctx: Context) -> dict[str, str]:
    """A key that may count; twelve people over sixty, and twelve who did not say."""
    register(ctx, "old", birth_date="1950-05-01", region="990105")
    register(ctx, "silent", region="990105")
    crowd(ctx, 12)
    return api_key(ctx, "audience:count")


def test_it_gives_the_engines_figures_in_whole_tens(ctx: Context, browser: Browser, key: dict[str, str]) -> None:
    answer = browser.client.post(PATH, json={"criteria": TREE}, headers=key)
    assert answer.json == whole_tens(count(ctx, TREE))
    assert (answer.json["eligible"], answer.json["missing"]) == (10, {"birth_date": 10})
    check(answer, PATH, "post")


def test_the_days_are_those_given(browser: Browser, key: dict[str, str]) -> None:
    body = {"criteria": {"fact": "age", "ge": 77, "on": "deadline"}, "deadline": "2027-05-01"}
    assert browser.client.post(PATH, json=body, headers=key).json["eligible"] == 10
    assert browser.client.post(PATH, json=body | {"deadline": "2027-04-30"}, headers=key).json["eligible"] == 0


@pytest.mark.parametrize(
    ("body", "place", "code"),
    [
        ({}, "criteria", "missing"),
        ({"criteria": [1]}, "criteria", "wrong_type"),
        ({"criteria": {"all": [{"fact": "shoe_size", "ge": 40}]}}, "criteria.all[0].fact", "unknown_fact"),
        ({"criteria": {"all": [{}]}}, "criteria.all[0]", "missing_key"),
        ({"criteria": {"all": [TREE, {"fact": "hardship", "eq": True}]}}, "criteria.all[1]", "sensitive_fact"),
        ({"criteria": TREE, "deadline": "soon"}, "deadline", "bad_date"),
        ({"criteria": TREE, "published": 20260630}, "published", "bad_date"),
        ({"criteria": TREE, "colour": "red"}, "colour", "unknown_field"),
        ({"criteria": {"fact": "interests", "has": "\0"}}, "body", "bad_text"),
        ({"criteria": {"fact": "age", "ge": {"param": "none"}}}, "criteria", "no_value"),
    ],
)
def test_an_error_has_its_place_and_leaves_no_trace(
    ctx: Context, browser: Browser, key: dict[str, str], body: dict[str, Any], place: str, code: str
) -> None:
    before = snapshot(ctx)
    answer = browser.client.post(PATH, json=body, headers=key)
    assert (answer.status_code, answer.json["place"], answer.json["code"]) == (422, place, code)
    assert answer.json["sentence"]
    check(answer, PATH, "post")
    assert snapshot(ctx) == before


def test_it_has_a_scope_of_its_own(ctx: Context, browser: Browser) -> None:
    assert "audience:count" in SCOPES
    others = api_key(
        ctx, *(scope for scope in SCOPES if scope != "audience:count"), key="another-key-of-many-scopes-xxxxx"
    )
    answer = browser.client.post(PATH, json={"criteria": TREE}, headers=others)
    assert (answer.status_code, answer.json["code"]) == (403, "no_scope")
    only = api_key(ctx, "audience:count")
    assert browser.client.get("/api/v1/policies", headers=only).status_code == 403


def test_it_writes_down_which_key_asked_and_nothing_else(ctx: Context, browser: Browser, key: dict[str, str]) -> None:
    before = snapshot(ctx, but=("audit",))
    for _ in range(2):
        browser.client.post(PATH, json={"criteria": TREE}, headers=key)
    assert snapshot(ctx, but=("audit",)) == before
    (entry,) = rows(ctx, "select actor, action, detail from audit where action = 'audience.count'")
    assert entry.actor.startswith("key:")
    assert entry.detail == {"criteria": TREE}


def test_a_key_has_its_limit(browser: Browser, key: dict[str, str]) -> None:
    body = {"criteria": {"all": [{}]}}
    answers = [browser.client.post(PATH, json=body, headers=key) for _ in range(121)]
    assert [one.status_code for one in answers] == [422] * 120 + [429]
    check(answers[-1], PATH, "post")


@FUZZ
@given(body=st.dictionaries(st.sampled_from([*ODD, "x"]), JSON, max_size=3).map(lambda changes: ODD | changes) | JSON)
def test_any_question_is_answered_as_described(app: Flask, ctx: Context, body: Any) -> None:
    answer = app.test_client().post(PATH, json=body, headers=api_key(ctx, "audience:count"))
    check(answer, PATH, "post")


def test_the_figures_are_of_today_in_the_city(browser: Browser, key: dict[str, str]) -> None:
    answer = browser.client.post(PATH, json={"criteria": TREE}, headers=key)
    assert answer.json["on"] == date(2026, 6, 24).isoformat()
