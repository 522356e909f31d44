"""Counting is for those who may, at a bearable pace; and whatever is sent, it is an error with a place, or a count."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pushsvc.context import Context
from pushsvc.store.access import Operator
from tests.clock import Clock
from tests.web.browser import Browser
from tests.web.making import AUDITOR, AUTHOR, operators, person, publish, rows, snapshot
from tests.web.test_api_fuzz import JSON
from tests.web.test_audience import COUNT, PAGE, TREE, author, send

__all__ = ["author"]  # a fixture, used by its name

FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SCRIPT = "<script>alert(1)</script>"


@pytest.mark.parametrize("path", [PAGE, COUNT])
def test_a_form_from_elsewhere_counts_nothing(ctx: Context, author: Browser, path: str) -> None:
    answer = author.client.post(path, data={"criteria": json.dumps(TREE)})
    assert answer.status_code == 403
    assert rows(ctx, "select 1 from audit") == []


def test_a_refusal_is_json_where_json_was_asked(author: Browser) -> None:
    answer = author.client.post(COUNT, data={}, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


@pytest.mark.parametrize("role", ["auditor", "administrator"])
def test_other_roles_neither_look_nor_count(app: Flask, ctx: Context, role: str) -> None:
    operators(ctx, Operator("other", "旁人", (role,)))
    browser = Browser(app).sign_in(operator="other")
    assert browser.client.get(PAGE).status_code == 403
    assert PAGE not in browser.open("/console/")
    token = browser.form("/console/sign-out")["csrf_token"]
    for path in (PAGE, COUNT):
        data = {"csrf_token": token, "criteria": json.dumps(TREE)}
        assert browser.client.post(path, data=data).status_code == 403


def test_a_resident_and_a_stranger_are_sent_to_sign_in(app: Flask, ctx: Context) -> None:
    for browser in (Browser(app), Browser(app).sign_in(person=person(ctx))):
        assert browser.client.get(PAGE).status_code == 303


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_json"),
        ("{", "not_json"),
        ("[" * 100_000, "too_deep"),
        ('{"not":' * 150 + "{}" + "}" * 150, "too_deep"),
        (json.dumps({"all": [{"fact": "age", "ge": n} for n in range(600)]}), "too_big"),
        ('{"fact": "interests", "has": "' + "a" * 250_000 + '"}', "too_big"),
        ('{"fact": "interests", "has": "\\u0000"}', "bad_text"),
        ('{"fact": "interests", "has": "\\ud800"}', "bad_text"),
        ("null", "wrong_type"),
        ("[]", "wrong_type"),
        ("NaN", "bad_value"),
        ('{"fact": "age", "ge": 1e999}', "bad_value"),
        ('{"fact": "age", "ge": ' + "9" * 5000 + "}", "not_json"),
        ('{"fact": "shoe_size", "ge": 40}', "unknown_fact"),
        ('{"fact": "age", "ge": {"param": "nothing"}}', "no_value"),
        ('{"fact": "region", "eq": "123456"}', "unknown_region"),
    ],
)
def test_what_is_no_tree_is_an_error_with_a_sentence(ctx: Context, author: Browser, text: str, code: str) -> None:
    before = snapshot(ctx)
    answer = send(author, text)
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert answer.json["said"]
    author.open(PAGE)
    token = author.form("/console/sign-out")["csrf_token"]
    page = author.client.post(PAGE, data={"csrf_token": token, "criteria": text})
    assert page.status_code == 422
    assert snapshot(ctx) == before


def test_an_error_stands_at_its_node(author: Browser) -> None:
    answer = send(author, TREE, **{"v:all[0].ge": "many"}).json
    assert (answer["code"], answer["place"], answer["at"]) == ("wrong_type", "all[0].ge", "all[0]")
    typed = send(author, {"all": [TREE, {"fact": "colour", "eq": "red"}]}).json
    assert (typed["place"], typed["at"]) == ("all[1].fact", None)
    assert "all[1].fact" in typed["said"]


@pytest.mark.parametrize(
    "tree",
    [
        {"all": [{"fact": "age", "ge": 60}, {"not": {"fact": "hardship", "eq": True}}]},
        {"all": [{"fact": "age", "ge": 60}, {"fact": "disability_rate", "ge": 30}]},
        {"all": [{"fact": "age", "ge": 60}, {"measure": {"sum": [{"fact": "disability_rate"}]}, "ge": 30}]},
    ],
)
def test_sensitive_facts_are_refused_at_their_node(ctx: Context, author: Browser, tree: Any) -> None:
    answer = send(author, tree)
    assert (answer.status_code, answer.json["code"]) == (422, "sensitive_fact")
    assert answer.json["at"].startswith("all[1]")
    assert "只在已存政策自己的活动里计数" in answer.json["said"]
    publish(ctx, criteria=tree)
    page = author.open(f"{PAGE}?policy=policy-1")
    assert author.status == 200
    assert "只在已存政策自己的活动里计数" in page
    assert rows(ctx, "select 1 from audit") == []


def test_markup_in_a_tree_is_text(ctx: Context, author: Browser) -> None:
    tree = {
        "all": [
            {"fact": "institution", "eq": SCRIPT, "clause": SCRIPT[:40]},
            {"requires": [f'"><img src=x onerror=alert(1)>{SCRIPT}'[:60]]},
        ]
    }
    answer = send(author, tree)
    assert answer.status_code == 200
    assert "<script" not in json.dumps(answer.json["rows"])
    assert "<img" not in json.dumps([answer.json[name] for name in ("rows", "figures", "breakdown", "said")])
    publish(ctx, "p<b>", criteria=tree, title=SCRIPT)
    page = author.open(PAGE, query_string={"policy": "p<b>"})
    assert "alert(1)" in page
    assert SCRIPT not in page
    assert "<img" not in page
    wrong = send(author, {"fact": SCRIPT, "eq": 1})
    assert "<script" not in wrong.json["said"]
    assert SCRIPT not in author.open(PAGE, query_string={"policy": SCRIPT})


def test_an_auditor_reads_what_was_counted_as_text(app: Flask, ctx: Context, author: Browser) -> None:
    operators(ctx, AUDITOR)
    send(author, {"fact": "institution", "eq": SCRIPT})
    page = Browser(app).sign_in(operator="shenqi").open("/console/audit")
    assert "audience.count" in page
    assert "institution" in page
    assert SCRIPT not in page


def test_nobody_counts_without_end(author: Browser, clock: Clock) -> None:
    author.open(PAGE)
    token = author.form("/console/sign-out")["csrf_token"]
    data = {"csrf_token": token, "criteria": "{"}
    statuses = [author.client.post(COUNT, data=data).status_code for _ in range(601)]
    assert statuses == [422] * 600 + [429]
    assert author.client.post(PAGE, data=data).status_code == 429
    assert author.client.post(COUNT, data=data).json["code"] == "too_many_requests"
    clock.forward(minutes=1)
    assert author.client.post(COUNT, data=data).status_code == 422


def test_one_mans_haste_is_not_anothers(app: Flask, ctx: Context, author: Browser) -> None:
    operators(ctx, AUDITOR, Operator("zhoulan", "周岚", ("reviewer",)))
    author.open(PAGE)
    data = {"csrf_token": author.form("/console/sign-out")["csrf_token"], "criteria": "{"}
    for _ in range(601):
        author.client.post(COUNT, data=data)
    assert send(Browser(app).sign_in(operator="zhoulan"), TREE).status_code == 200


@FUZZ
@given(tree=JSON, knob=st.sampled_from(["all[0].ge", "eq", "", "all[", "not.not", "in[0]"]), value=st.text(max_size=9))
def test_anything_at_all_is_counted_or_refused(app: Flask, ctx: Context, tree: Any, knob: str, value: str) -> None:
    operators(ctx, AUTHOR)
    browser = Browser(app).sign_in(operator="limeng")
    fields = {f"v:{knob}": value.replace("\0", "").encode("utf-8", "ignore").decode()}
    assert send(browser, tree, **fields).status_code in (200, 400, 422)  # 400: a NUL, refused before it is read
