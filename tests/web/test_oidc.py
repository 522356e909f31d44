"""Sign-in by OpenID Connect against a provider of other hands: PKCE, state, nonce, and tokens that do not hold."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from flask import Flask

from pushsvc.context import Context
from tests.clock import Clock
from tests.web.browser import Browser
from tests.web.making import one, person, rows
from tests.web.oidc_provider import CLIENT, OTHER, SECRET, SHARED, Provider, serve_provider
from tests.web.test_signin import PHONE

KNOWN = {"sub": "u-1", "phone_number": "+86" + PHONE, "phone_number_verified": True}


@pytest.fixture
def provider(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A provider; Authlib's server side speaks over an open line only when it is told to."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with serve_provider(clock) as found:
        yield found


@pytest.fixture
def town(make_app: Callable[..., Flask], provider: Provider) -> Flask:
    """The application with that provider."""
    return make_app(oidc_issuer=provider.url, oidc_client_id=CLIENT, oidc_client_secret=SECRET)


def leave(browser: Browser, path: str = "/m/oidc") -> str:
    """Leave for the provider; where it sends one back to, as a path."""
    answer = browser.client.get(path)
    assert answer.status_code == 303
    back = httpx.get(answer.headers["Location"], trust_env=False).headers["Location"]
    assert back.startswith("http://127.0.0.1:8000/m/oidc/back?")
    return f"{urlsplit(back).path}?{urlsplit(back).query}"


def come_back(browser: Browser, path: str = "/m/oidc") -> int:
    """Leave for the provider and come back; the status."""
    browser.answer = browser.client.get(leave(browser, path))
    return browser.status


def signed_in(ctx: Context) -> list[int]:
    return [row.person_id for row in rows(ctx, "select person_id from resident_session order by id")]


def test_whom_the_provider_knows_comes_in(town: Flask, ctx: Context, provider: Provider) -> None:
    someone = person(ctx)
    provider.user = KNOWN
    browser = Browser(town)
    assert come_back(browser, "/m/oidc?next=/m/inbox") == 303
    assert browser.answer is not None
    assert browser.answer.headers["Location"] == "/m/inbox"
    assert signed_in(ctx) == [someone]
    assert rows(ctx, "select issuer, how from identity") == [(provider.url, "mobile")]


def test_the_number_may_come_from_the_userinfo_endpoint(town: Flask, ctx: Context, provider: Provider) -> None:
    someone = person(ctx)
    provider.info = KNOWN
    come_back(Browser(town))
    assert signed_in(ctx) == [someone]


def test_two_endpoints_speak_of_one_person(town: Flask, ctx: Context, provider: Provider) -> None:
    person(ctx)
    provider.info = KNOWN | {"sub": "u-2"}
    assert come_back(Browser(town)) == 410
    assert signed_in(ctx) == []


@pytest.mark.parametrize("wrong", [{"phone_number_verified": False}, {"phone_number": "13900000009"}])
def test_somebody_new_is_asked_for_a_code(town: Flask, ctx: Context, provider: Provider, wrong: dict[str, Any]) -> None:
    person(ctx)
    provider.user = KNOWN | wrong
    browser = Browser(town)
    assert come_back(browser) == 303
    assert "已确认您的身份" in browser.open("/m/sign-in")
    assert signed_in(ctx) == []


def test_the_question_carries_a_challenge_a_state_and_a_nonce(town: Flask) -> None:
    asked = [parse_qs(urlsplit(Browser(town).client.get("/m/oidc").headers["Location"]).query) for _ in range(2)]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
    assert asked[0]["code_challenge_method"] == ["S256"]
    assert asked[0]["response_type"] == ["code"]
    assert asked[0]["scope"] == ["openid phone"]


def test_an_answer_for_another_browser_signs_nobody_in(town: Flask, ctx: Context, provider: Provider) -> None:
    person(ctx)
    provider.user = KNOWN
    attacker, victim = Browser(town), Browser(town)
    back = leave(attacker)
    assert victim.client.get(back).status_code == 410
    leave(victim)
    assert victim.client.get(back).status_code == 410
    assert signed_in(ctx) == []
    assert one(ctx, "select count(*) from audit where detail ->> 'why' = 'state'") == 2


def test_somebody_elses_code_under_ones_own_state_is_refused(town: Flask, ctx: Context, provider: Provider) -> None:
    """Code injection: the verifier of this browser does not fit the challenge of the other."""
    person(ctx)
    provider.user = KNOWN
    stolen, mine = (parse_qs(urlsplit(leave(browser := Browser(town))).query) for _ in range(2))
    answer = browser.client.get("/m/oidc/back", query_string={"state": mine["state"][0], "code": stolen["code"][0]})
    assert answer.status_code == 410
    assert signed_in(ctx) == []


def test_an_answer_works_once(town: Flask, ctx: Context, provider: Provider) -> None:
    person(ctx)
    provider.user = KNOWN
    browser = Browser(town)
    back = leave(browser)
    assert [browser.client.get(back).status_code for _ in range(2)] == [303, 410]
    assert len(signed_in(ctx)) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://evil.example"},
        {"aud": ["another"]},
        {"aud": ["another", CLIENT]},  # and no azp
        {"exp": 1},
        {"iat": 4_000_000_000},
        {"nonce": "another"},
        {"at_hash": "another"},
        {"sub": None},
    ],
)
def test_a_token_that_does_not_hold_signs_nobody_in(
    town: Flask, ctx: Context, provider: Provider, wrong: dict[str, Any]
) -> None:
    person(ctx)
    provider.user, provider.wrong = KNOWN, wrong
    assert come_back(Browser(town)) == 410
    assert signed_in(ctx) == []


@pytest.mark.parametrize(
    ("algorithm", "key"), [("RS256", OTHER), ("HS256", SHARED), ("none", None)], ids=["forged", "shared", "none"]
)
def test_a_token_of_another_key_signs_nobody_in(
    town: Flask, ctx: Context, provider: Provider, algorithm: str, key: Any
) -> None:
    person(ctx)
    provider.user, provider.algorithm, provider.key = KNOWN, algorithm, key
    assert come_back(Browser(town)) == 410
    assert signed_in(ctx) == []


def test_whoever_declines_over_there_is_asked_again(town: Flask) -> None:
    browser = Browser(town)
    back = urlsplit(leave(browser))
    (state,) = parse_qs(back.query)["state"]
    page = browser.open(f"/m/oidc/back?error=access_denied&state={state}")
    assert "没有登录" in page


def test_a_mixed_up_provider_is_refused(town: Flask, ctx: Context, provider: Provider) -> None:
    person(ctx)
    provider.user = KNOWN
    browser = Browser(town)
    assert browser.client.get(leave(browser) + "&iss=https://evil.example").status_code == 410
    assert signed_in(ctx) == []


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": ""},
    ],
)
def test_a_provider_that_says_odd_things_of_itself_is_left(
    town: Flask, provider: Provider, metadata: dict[str, Any]
) -> None:
    provider.metadata = metadata
    assert Browser(town).client.get("/m/oidc").status_code == 503


def test_a_provider_that_is_away_costs_nobody_the_code(make_app: Callable[..., Flask]) -> None:
    browser = Browser(make_app(oidc_issuer="http://127.0.0.1:1", oidc_client_id="x", oidc_client_secret="y"))
    assert 'action="/m/sign-in"' in browser.open("/m/oidc")
    assert browser.status == 503
