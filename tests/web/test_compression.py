"""Pages go out small, and their lengths tell nothing of what is secret in them."""

from __future__ import annotations

import gzip
import re

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.context import Context
from tests.web.browser import Browser
from tests.web.making import person, rows

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.mark.parametrize("path", ["/policies/", "/static/parts.css", "/static/page.js", "/static/icons.svg"])
def test_what_a_browser_can_unpack_is_compressed(browser: Browser, path: str) -> None:
    plain = browser.client.get(path)
    packed = browser.client.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert len(packed.data) < len(plain.data)
    assert len(gzip.decompress(packed.data)) >= len(plain.data) - 200


def test_who_asks_for_none_gets_none(browser: Browser) -> None:
    answer = browser.client.get("/policies/", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in answer.headers


def test_a_token_looks_different_on_each_page_and_alike_within_one(app: Flask, ctx: Context) -> None:
    me = Browser(app).sign_in(person=person(ctx))
    pages = [TOKEN.findall(me.open("/m/preferences")) for _ in range(3)]
    assert [len(set(one)) for one in pages] == [1, 1, 1]
    assert len({one[0] for one in pages}) == 3


def test_the_same_page_has_many_lengths(app: Flask, ctx: Context) -> None:
    me = Browser(app).sign_in(person=person(ctx))
    packed = {"Accept-Encoding": "gzip"}
    assert len({len(me.client.get("/m/preferences", headers=packed).data) for _ in range(20)}) > 5


def test_every_token_of_a_session_is_good(app: Flask, ctx: Context) -> None:
    me = Browser(app).sign_in(person=person(ctx))
    first = TOKEN.findall(me.open("/m/preferences"))[0]
    me.open("/m/preferences")
    assert me.client.post("/m/preferences/stop-all", data={"csrf_token": first}).status_code == 303


def forged(app: Flask, ctx: Context, token: str) -> int:
    """What comes of a form with this token."""
    me = Browser(app).sign_in(person=person(ctx))
    me.open("/m/preferences")
    return me.client.post("/m/preferences/stop-all", data={"csrf_token": token}).status_code


@pytest.mark.parametrize("token", ["", "A" * 64, "A" * 63, "A" * 65, "=", "é", "A" * 32, "_" * 64, "A" * 100_000])
def test_a_forged_token_changes_nothing(app: Flask, ctx: Context, token: str) -> None:
    assert forged(app, ctx, token) == 403
    assert rows(ctx, "select 1 from consent where not given") == []


def test_without_a_page_no_token_is_good(app: Flask, ctx: Context) -> None:
    me = Browser(app).sign_in(person=person(ctx))
    assert me.client.post("/m/preferences/stop-all", data={"csrf_token": "A" * 64}).status_code == 403


@given(st.text(max_size=90))
def test_no_text_is_a_token_or_breaks_the_check(text: str) -> None:
    from pushsvc.web.csrf import _unmasked

    assert len(_unmasked(text)) in (0, 24)
