"""A government app's backend: the inbox of the person it has signed in, and their devices."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.context import Context
from pushsvc.pipeline.accounts import SCOPES
from pushsvc.web.api.description import description
from tests.web.browser import Browser
from tests.web.making import api_key, one, person, rows, snapshot
from tests.web.test_api_fuzz import FUZZ, JSON, LEAF, ODD, check
from tests.web.test_inbox import letter

INBOX, DEVICES = "/api/v1/people/{ref}/inbox", "/api/v1/people/{ref}/devices"
ACTION = "/api/v1/people/{ref}/inbox/{id}/{action}"


@pytest.fixture
def key(ctx: Context) -> dict[str, str]:
    """A backend's key."""
    return api_key(ctx, "inbox", "devices:write")


@pytest.fixture
def letters(ctx: Context) -> list[int]:
    """Three letters of p1, and one of p2."""
    me, other = person(ctx), person(ctx, 2)
    return [letter(ctx, me, key) for key in "abc"] + [letter(ctx, other, "z")]


def test_a_persons_letters_are_read_page_by_page(browser: Browser, key: dict[str, str], letters: list[int]) -> None:
    answer = browser.client.get("/api/v1/people/p1/inbox?limit=2", headers=key)
    check(answer, INBOX, "get")
    assert [one["id"] for one in answer.json["letters"]] == letters[2:0:-1]
    assert (answer.json["unread"], answer.json["older"]) == (3, letters[1])
    rest = browser.client.get(f"/api/v1/people/p1/inbox?before={letters[1]}", headers=key)
    assert [one["id"] for one in rest.json["letters"]] == letters[:1]


def test_what_the_caller_has_is_not_sent_again(browser: Browser, key: dict[str, str], letters: list[int]) -> None:
    tag = browser.client.get("/api/v1/people/p1/inbox", headers=key).headers["ETag"]
    same = browser.client.get("/api/v1/people/p1/inbox", headers=key | {"If-None-Match": tag})
    assert (same.status_code, same.data) == (304, b"")
    browser.client.post(f"/api/v1/people/p1/inbox/{letters[0]}/read", headers=key)
    assert browser.client.get("/api/v1/people/p1/inbox", headers=key | {"If-None-Match": tag}).status_code == 200


def test_letters_are_read_put_away_and_back(browser: Browser, key: dict[str, str], letters: list[int]) -> None:
    for action, figures in (
        ("read", {"unread": 2, "archived": 0}),
        ("read", {"unread": 2, "archived": 0}),
        ("archive", {"unread": 2, "archived": 1}),
        ("unarchive", {"unread": 2, "archived": 0}),
    ):
        answer = browser.client.post(f"/api/v1/people/p1/inbox/{letters[0]}/{action}", headers=key)
        check(answer, ACTION, "post")
        assert answer.json == figures
    answer = browser.client.post("/api/v1/people/p1/inbox/read", headers=key)
    check(answer, f"{INBOX}/read", "post")
    assert answer.json == {"unread": 0, "archived": 0}


@pytest.mark.parametrize("action", ["read", "archive", "unarchive", "burn"])
def test_anothers_letter_is_not_found(
    ctx: Context, browser: Browser, key: dict[str, str], letters: list[int], action: str
) -> None:
    before = snapshot(ctx)
    answer = browser.client.post(f"/api/v1/people/p1/inbox/{letters[3]}/{action}", headers=key)
    check(answer, ACTION, "post")
    assert answer.status_code == 404
    assert snapshot(ctx) == before


def test_firms_the_erased_and_nobody_have_no_inbox(ctx: Context, browser: Browser, key: dict[str, str]) -> None:
    person(ctx, 1, kind="enterprise")
    person(ctx, 2, erased_at=ctx.clock())
    for ref in ("p1", "p2", "p3"):
        for path, method in (("inbox", "get"), ("devices", "get"), ("inbox/read", "post")):
            answer = browser.client.open(f"/api/v1/people/{ref}/{path}", method=method, headers=key)
            assert (answer.status_code, answer.json["code"]) == (404, "unknown_person")


@pytest.mark.parametrize("scope", [one for one in SCOPES if one not in ("inbox", "devices:write")])
def test_other_keys_read_no_letters_and_register_nothing(ctx: Context, browser: Browser, scope: str) -> None:
    person(ctx)
    headers = api_key(ctx, scope)
    for path in ("inbox", "devices"):
        assert browser.client.get(f"/api/v1/people/p1/{path}", headers=headers).json["code"] == "no_scope"
    own = api_key(ctx, "inbox", key="a-second-key-of-32-bytes-or-more")
    given = {"platform": "jpush", "token": "r"}
    assert browser.client.post("/api/v1/people/p1/devices", headers=own, json=given).json["code"] == "no_scope"


def test_a_device_is_registered_listed_and_forgotten(ctx: Context, browser: Browser, key: dict[str, str]) -> None:
    me = person(ctx)
    person(ctx, 2)
    made = browser.client.post("/api/v1/people/p1/devices", headers=key, json={"platform": "wechat", "token": "o-1"})
    check(made, DEVICES, "post")
    listed = browser.client.get("/api/v1/people/p1/devices", headers=key)
    check(listed, DEVICES, "get")
    assert listed.json == {"devices": [made.json]}
    assert "o-1" not in listed.get_data(as_text=True)
    path = f"/api/v1/people/{{}}/devices/{made.json['id']}"
    assert browser.client.delete(path.format("p2"), headers=key).status_code == 404
    gone = browser.client.delete(path.format("p1"), headers=key)
    check(gone, f"{DEVICES}/{{id}}", "delete")
    assert one(ctx, "select count(*) from device") == 0
    noted = rows(ctx, "select actor, action, object, detail::text from audit order by id")
    assert [(actor[:4], action, what) for actor, action, what, _ in noted] == [
        ("key:", "device.register", f"profile:{me}"),
        ("key:", "device.forget", f"profile:{me}"),
    ]
    assert "o-1" not in str(noted)


@pytest.mark.parametrize(
    ("body", "place", "code"),
    [
        ({"token": "r"}, "platform", "missing"),
        ({"platform": "jpush"}, "token", "missing"),
        ({"platform": "jpush", "token": 7}, "token", "wrong_type"),
        ({"platform": "pigeon", "token": "r"}, "platform", "unknown_platform"),
        ({"platform": "jpush", "token": ""}, "token", "bad_token"),
        ({"platform": "jpush", "token": "r", "colour": 1}, "colour", "unknown_field"),
    ],
)
def test_what_is_no_device_is_refused_with_its_place(
    ctx: Context, browser: Browser, key: dict[str, str], body: dict[str, Any], place: str, code: str
) -> None:
    person(ctx)
    answer = browser.client.post("/api/v1/people/p1/devices", headers=key, json=body)
    check(answer, DEVICES, "post")
    assert (answer.status_code, answer.json["place"], answer.json["code"]) == (422, place, code)
    assert one(ctx, "select count(*) from device") == 0


@FUZZ
@given(body=st.dictionaries(st.sampled_from(["platform", "token", "x"]), LEAF | ODD) | JSON, n=st.integers(1, 3))
def test_any_device_is_answered_as_described(app: Flask, ctx: Context, body: Any, n: int) -> None:
    headers = api_key(ctx, "devices:write")
    if one(ctx, "select count(*) from profile") == 0:
        person(ctx)
    answer = app.test_client().post(f"/api/v1/people/p{n}/devices", json=body, headers=headers)
    check(answer, DEVICES, "post")


@FUZZ
@given(query=st.dictionaries(st.sampled_from(["view", "before", "limit"]), LEAF.map(str) | ODD))
def test_any_question_is_answered_as_described(app: Flask, ctx: Context, query: dict[str, str]) -> None:
    query = {name: value for name, value in query.items() if "\ud800" not in value}  # no client can send it
    if one(ctx, "select count(*) from profile") == 0:
        person(ctx)
    answer = app.test_client().get("/api/v1/people/p1/inbox", query_string=query, headers=api_key(ctx, "inbox"))
    check(answer, INBOX, "get")


def test_every_scope_is_told_of() -> None:
    told = str(description()["components"]["securitySchemes"]) + str(description()["paths"])
    assert [one for one in SCOPES if one not in told] == []
