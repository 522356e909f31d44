"""Links, tickets, codes and cookies with a letter changed, added, cut off or moved: refused, and nothing changes."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from pushsvc.context import Context
from pushsvc.links import sign_in_token, unsubscribe_token
from pushsvc.pipeline import host_tickets, proxying
from tests.web.access_scene import UNTIL
from tests.web.access_state import all_tables
from tests.web.access_trying import TOKEN, comer
from tests.web.browser import Browser
from tests.web.making import code_for, one, person, publish

LETTERS = "ABCXYZabcxyz0189-_."
PHONE = "13800000001"
patient = hypothesis(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
Change = Callable[[str], str]


def _replaced(at: float, letter: str) -> Change:
    return lambda token: token[: (n := int(at * len(token)))] + letter + token[n + 1 :]


def _added(at: float, letter: str) -> Change:
    return lambda token: token[: (n := int(at * len(token)))] + letter + token[n:]


def _cut(at: float, _: str) -> Change:
    return lambda token: token[: int(at * len(token))]


def _without(at: float, _: str) -> Change:
    return lambda token: token[: (n := int(at * len(token)))] + token[n + 1 :]


def _turned(_: float, __: str) -> Change:
    return lambda token: token[::-1]


def _twice(_: float, __: str) -> Change:
    return lambda token: token * 2


changes = st.builds(
    lambda make, at, letter: make(at, letter),
    st.sampled_from([_replaced, _added, _cut, _without, _turned, _twice]),
    st.floats(0, 1, exclude_max=True),
    st.sampled_from(LETTERS),
)


def meaning(token: str) -> tuple[str, bytes]:
    """What is signed, and by which signature: the last letter of one has bits that say nothing."""
    signed, _, signature = token.rpartition(".")
    try:
        return signed, base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    except binascii.Error:
        return signed, b""


def forged(token: str, change: Change) -> str:
    """Another token than this one."""
    made = change(token)
    assume(made and meaning(made) != meaning(token) and made not in (".", ".."))
    return made


@pytest.fixture
def me(ctx: Context) -> int:
    """Whom all of it is for."""
    publish(ctx)
    return person(ctx, 1)


def post(app: Flask, path: str, **data: Any) -> int:
    """Somebody sends it who has a good token for forms; the status."""
    app.extensions["pushsvc.limits"].counts.clear()
    browser = comer(app)
    status = browser.client.post(path, data={"csrf_token": TOKEN, **data}).status_code
    assert browser.client.get("/m/sessions").status_code == 303, "nobody is signed in by it"
    return status


@patient
@given(changes)
def test_an_unsubscribe_link(app: Flask, ctx: Context, me: int, change: Change) -> None:
    about = {"recipient_id": me, "profile_id": me, "policy_id": 1, "door": "recommended"}
    token = forged(unsubscribe_token(ctx.settings.secret_key, delivery_id=None, **about), change)
    before = all_tables(ctx)
    assert {post(app, f"/u/{token}"), post(app, f"/u/{token}/undo")} == {404}
    assert comer(app).client.get(f"/u/{token}").status_code == 404
    assert all_tables(ctx) == before


@patient
@given(changes)
def test_a_sign_in_link(app: Flask, ctx: Context, me: int, change: Change) -> None:
    token = forged(sign_in_token(ctx.settings.secret_key, me, ctx.clock()), change)
    before = all_tables(ctx)
    assert post(app, f"/m/enter/{token}") == 410
    assert all_tables(ctx) == before


@patient
@given(changes)
def test_a_ticket(app: Flask, ctx: Context, me: int, change: Change) -> None:
    token, _ = host_tickets.issue(ctx, "p1", firm_ref=None, by="test")
    # that one was refused is written down
    before = all_tables(ctx, but=("audit",))
    made = change(token)
    assume(made not in (token, "", ".", ".."))
    assert post(app, f"/m/ticket/{made}") == 410
    assert all_tables(ctx, but=("audit",)) == before


@patient
@given(changes)
def test_an_invitation(app: Flask, ctx: Context, me: int, change: Change) -> None:
    proxying_code = proxying.grant(ctx, me, ("manage",), UNTIL)
    made = change(proxying_code)
    assume(made.strip().lower() != proxying_code)
    other = comer(app, person=one(ctx, "select max(id) from profile where id > :me or id = :me", me=me))
    before = all_tables(ctx, but=("resident_session",))
    app.extensions["pushsvc.limits"].counts.clear()
    answer = other.client.post("/m/proxies/accept", data={"csrf_token": TOKEN, "code": made, "sure": "1"})
    assert answer.status_code == 422
    assert all_tables(ctx, but=("resident_session",)) == before
    proxying.end(ctx, me, one(ctx, "select max(id) from proxy"))


@patient
@given(st.one_of(st.from_regex(r"\d{6}", fullmatch=True), changes.map(lambda change: change("123456"))))
def test_a_one_time_code(app: Flask, ctx: Context, me: int, typed: str) -> None:
    assume(typed.strip()[:12] != "123456")
    code_for(ctx, "sms", "+86" + PHONE)
    browser = comer(app)
    with browser.client.session_transaction() as session:
        session["asked"] = ["sms", ctx.keyring.lookup("sms", "+86" + PHONE).hex()]
    app.extensions["pushsvc.limits"].counts.clear()
    before = all_tables(ctx, but=("login_code",))
    data = {"csrf_token": TOKEN, "code": typed}
    assert browser.client.post("/m/sign-in/code", data=data).status_code == 422
    assert browser.client.get("/m/").status_code == 303
    assert all_tables(ctx, but=("login_code",)) == before


@patient
@given(changes)
def test_a_cookie(app: Flask, ctx: Context, me: int, change: Change) -> None:
    mine: Browser = comer(app, person=me)
    held = mine.client.get_cookie("pushsvc")
    assert held is not None
    made = forged(held.value, change)
    other = Browser(app)
    other.client.set_cookie("pushsvc", made)
    before = all_tables(ctx)
    assert other.client.get("/m/").status_code == 303
    assert other.client.post("/m/preferences/stop-all", data={"csrf_token": TOKEN}).status_code == 403
    assert all_tables(ctx) == before
