"""The API: what goes in, what comes back, and errors that name their place and change nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import validate

from pushsvc.context import Context
from pushsvc.store.session import transaction
from tests.making import make_campaign
from tests.web.browser import Browser
from tests.web.making import api_key, one, person, publish, snapshot

POLICY = {"ref": "a-1", "title": "一项政策", "agency": "某局", "body": "第一条 正文。"}


@pytest.fixture
def key(ctx: Context) -> dict[str, str]:
    """A key that may do everything."""
    return api_key(ctx, "policies:write", "profiles:write", "read")


def test_the_description_is_valid_openapi(browser: Browser) -> None:
    validate(browser.client.get("/api/v1/openapi.json").json)


def test_every_route_is_described_and_nothing_else(app: Flask, browser: Browser) -> None:
    routes = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/"):
            path = re.sub(r"<id:\w+>", "{id}", rule.rule).replace("<ref>", "{ref}").replace("<action>", "{action}")
            routes |= {(path, method.lower()) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    described = browser.client.get("/api/v1/openapi.json").json["paths"]
    verbs = {"get", "put", "post", "patch", "delete"}
    assert {(path, verb) for path, item in described.items() for verb in item if verb in verbs} == routes


def test_described_policy_fields_are_the_importers(browser: Browser) -> None:
    from pushsvc.pipeline.policy_rows import FIELDS

    schemas = browser.client.get("/api/v1/openapi.json").json["components"]["schemas"]
    assert set(schemas["PolicyDraft"]["properties"]) == set(FIELDS)


def test_a_policy_comes_in_is_published_and_read(ctx: Context, browser: Browser, key: dict[str, str]) -> None:
    client = browser.client
    assert client.post("/api/v1/policies", json=POLICY, headers=key).status_code == 201
    again = client.post("/api/v1/policies", json=POLICY, headers=key)
    assert (again.status_code, again.json["outcome"]) == (200, "unchanged")
    assert client.get("/api/v1/policies", headers=key).json["total"] == 0
    people = {"author": "李萌", "reviewer": "周岚"}
    published = client.post("/api/v1/policies/a-1/publish", json=people, headers=key)
    assert published.json["ref"] == "a-1"
    assert client.get("/api/v1/policies?q=一项", headers=key).json["policies"][0]["ref"] == "a-1"
    campaign = client.get(f"/api/v1/campaigns/{published.json['campaign']}", headers=key).json
    assert campaign["state"] == "draft"


def test_the_author_cannot_be_the_reviewer(ctx: Context, browser: Browser, key: dict[str, str]) -> None:
    browser.client.post("/api/v1/policies", json=POLICY, headers=key)
    people = {"author": "李萌", "reviewer": " 李萌 "}
    answer = browser.client.post("/api/v1/policies/a-1/publish", json=people, headers=key)
    assert (answer.status_code, answer.json["code"]) == (409, "same_person")
    assert one(ctx, "select state from policy") == "draft"


@pytest.mark.parametrize(
    ("change", "place", "code"),
    [
        ({"title": None}, "title", "missing"),
        ({"kind": "poem"}, "kind", "unknown_value"),
        ({"colour": "red"}, "colour", "unknown_field"),
        ({"criteria": {"all": [{"fact": "shoe_size", "ge": 40}]}}, "criteria.all[0].fact", "unknown_fact"),
        ({"window_closes": "tomorrow"}, "window_closes", None),
        ({"region": "123"}, "region", None),
    ],
)
def test_a_bad_policy_is_refused_with_its_place(
    ctx: Context, browser: Browser, key: dict[str, str], change: dict[str, Any], place: str, code: str | None
) -> None:
    before = snapshot(ctx)
    answer = browser.client.post("/api/v1/policies", json=POLICY | change, headers=key)
    assert answer.status_code == 422
    assert answer.json["place"] == place
    assert answer.json["sentence"]
    assert code is None or answer.json["code"] == code
    assert snapshot(ctx) == before


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "not_json"),
        (b"[]", 400, "not_object"),
        (b"null", 400, "not_object"),
        (b"[" * 100_000, 400, "not_json"),
        (b'{"criteria":' + b'{"not":' * 200 + b"1" + b"}" * 201, 400, "too_deep"),
        (b"\xff\xfe", 400, "not_json"),
    ],
)
def test_what_is_no_object_is_refused(
    browser: Browser, key: dict[str, str], body: bytes, status: int, code: str
) -> None:
    answer = browser.client.post("/api/v1/policies", data=body, headers=key, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_a_form_is_no_json(browser: Browser, key: dict[str, str]) -> None:
    answer = browser.client.post("/api/v1/policies", data=POLICY, headers=key)
    assert (answer.status_code, answer.json["code"]) == (415, "not_json")


@pytest.mark.parametrize("name", ["ref", "title", "body", "doc_no", "colour"])
def test_a_nul_is_no_crash(browser: Browser, key: dict[str, str], name: str) -> None:
    answer = browser.client.post("/api/v1/policies", json=POLICY | {name: "a\0b"}, headers=key)
    assert answer.status_code in (201, 422)
    put = browser.client.put("/api/v1/profiles/z", json={"kind": "citizen", "name": "a\0b", name: "x\0"}, headers=key)
    assert put.status_code in (201, 422)


def test_a_profile_is_made_changed_and_read_masked(ctx: Context, browser: Browser, key: dict[str, str]) -> None:
    client = browser.client
    row = {"kind": "citizen", "name": "张三丰", "phone": "13800000001", "birth_date": "1950-01-01", "region": "990101"}
    assert client.put("/api/v1/profiles/z-1", json=row, headers=key).status_code == 201
    assert client.put("/api/v1/profiles/z-1", json=row, headers=key).json["outcome"] == "unchanged"
    read = client.get("/api/v1/profiles/z-1", headers=key)
    assert read.json["facts"] == {"birth_date": "1950-01-01", "region": "990101"}
    assert read.json["addresses"] == [{"channel": "sms", "mask": "138****0001", "verified": False}]
    assert "张" not in read.get_data(as_text=True)
    assert "13800000001" not in read.get_data(as_text=True)


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ({"kind": "robot"}, "kind"),
        ({"kind": "citizen", "phone": "12345"}, "phone"),
        ({"kind": "citizen", "region": "999999"}, "region"),
        ({"kind": "citizen", "ref": "other"}, "ref"),
    ],
)
def test_a_bad_profile_is_refused_with_its_place(
    ctx: Context, browser: Browser, key: dict[str, str], row: dict[str, str], place: str
) -> None:
    before = snapshot(ctx)
    answer = browser.client.put("/api/v1/profiles/z-1", json=row, headers=key)
    assert (answer.status_code, answer.json["place"]) == (422, place)
    assert snapshot(ctx) == before


def test_an_erased_profile_is_not_there(ctx: Context, browser: Browser, key: dict[str, str]) -> None:
    person(ctx, erased_at=ctx.clock())
    assert browser.client.get("/api/v1/profiles/p1", headers=key).status_code == 404
    assert browser.client.get("/api/v1/profiles/none", headers=key).json["code"] == "unknown_profile"


@pytest.mark.parametrize("query", ["page=x", "page=-1", "size=1e9", "page=99999999999999999999"])
def test_pages_are_whole_numbers(browser: Browser, key: dict[str, str], query: str) -> None:
    answer = browser.client.get(f"/api/v1/policies?{query}", headers=key)
    assert (answer.status_code, answer.json["code"]) == (400, "not_a_number")


def test_errors_are_json_everywhere(browser: Browser, key: dict[str, str]) -> None:
    for path, status in (("/api/v1/nothing", 404), ("/api/v1/campaigns/99", 404), ("/api/v1/campaigns/x", 404)):
        answer = browser.client.get(path, headers=key)
        assert answer.status_code == status
        assert set(answer.json) == {"code", "place", "sentence"}
    assert browser.client.delete("/api/v1/policies", headers=key).status_code == 405


def test_a_campaign_is_read_in_figures(ctx: Context, browser: Browser, key: dict[str, str]) -> None:
    with transaction(ctx.engine) as conn:
        number = make_campaign(conn, ctx, publish(ctx))
    read = browser.client.get(f"/api/v1/campaigns/{number}", headers=key).json
    assert {"id", "state", "selected", "refusals", "deliveries", "accepted"} <= set(read)
