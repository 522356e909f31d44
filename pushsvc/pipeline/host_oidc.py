"""OpenID Connect: the code flow with PKCE (RFC 7636), state and nonce; the provider is found by its issuer's address.

The parts of the protocol are Authlib's: the request, the challenge, the client's proof, the rules for an ID token. What
is asked goes the way of all our questions to a host, with its time limit and without redirects.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from pushsvc.context import Context
from pushsvc.pipeline.host_asking import HostError, ask_json, text_of
from pushsvc.pipeline.host_exchange import day_of
from pushsvc.pipeline.host_identity import Claim
from pushsvc.sign_in_offers import Oidc, SignInOfferError, check_url

KEPT = timedelta(hours=1)  # what the provider says of itself
LEEWAY = 120  # seconds by which its clock may be off
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")  # none by us
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")


@dataclass
class Providers:
    """What providers say of themselves, by issuer, with the moment at which they did."""

    found: dict[str, tuple[datetime, dict[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """What ties an answer to the browser that asked: kept in its cookie, used once."""

    state: str
    nonce: str
    verifier: str


def question() -> Question:
    """Three values that nobody can guess."""
    return Question(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))


def ask_url(ctx: Context, offer: Oidc, asked: Question, back: str) -> str:
    """Where the provider asks who it is; it sends people `back` with a code. Raises HostError: away."""
    from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    told = {"code_challenge": create_s256_code_challenge(asked.verifier), "code_challenge_method": "S256"}
    endpoint = _provider(ctx, offer)["authorization_endpoint"]
    named = {"redirect_uri": back, "scope": offer.scope, "state": asked.state, "nonce": asked.nonce}
    return str(prepare_grant_uri(endpoint, client_id=offer.client_id, response_type="code", **named, **told))


def answer(ctx: Context, offer: Oidc, asked: Question, *, code: str, back: str) -> Claim:
    """Who the code is. Raises HostError: refused for a code or a token that is not theirs for us, now; or away."""
    provider = _provider(ctx, offer)
    tokens = _tokens(offer, provider, {"code": code, "redirect_uri": back, "code_verifier": asked.verifier})
    claims = _claims(ctx, offer, provider, tokens, asked.nonce)
    if "phone" in offer.scope.split() and "phone_number" not in claims and provider["userinfo_endpoint"]:
        bearer = {"Authorization": f"Bearer {text_of(tokens, 'access_token', longest=8192)}"}
        more = ask_json("GET", provider["userinfo_endpoint"], headers=bearer)
        if more.get("sub") != claims["sub"]:  # OpenID Connect Core 5.3.4
            raise HostError("refused", "The provider speaks of two people.")
        claims = {**more, **claims}
    mobile = text_of(claims, "phone_number") if claims.get("phone_number_verified") is True else ""
    born = day_of(text_of(claims, "birthdate"))
    return Claim(offer.issuer, text_of(claims, "sub", longest=255), mobile, text_of(claims, "name"), born)


def _provider(ctx: Context, offer: Oidc) -> dict[str, Any]:
    """What the provider says of itself (OpenID Connect Discovery), asked once an hour."""
    kept, now = ctx.kept.of(Providers).found, ctx.clock()
    at, told = kept.get(offer.issuer, (None, {}))
    if at is not None and timedelta(0) <= now - at < KEPT:
        return told
    told = ask_json("GET", offer.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if told.get("issuer") != offer.issuer:
        raise HostError("away", "The provider calls itself something else.")
    ends = {name: text_of(told, name, longest=2048) for name in _ENDPOINTS}
    try:
        for url in filter(None, ends.values()):
            check_url("OIDC_ISSUER", url)
    except SignInOfferError as exc:
        raise HostError("away", "The provider names an address over an open line.") from exc
    if not all(ends[name] for name in _ENDPOINTS[:3]):
        raise HostError("away", "The provider does not say where it is asked.")
    kept[offer.issuer] = now, {**told, **ends}
    return kept[offer.issuer][1]


def _tokens(offer: Oidc, provider: Mapping[str, Any], told: Mapping[str, str]) -> dict[str, Any]:
    from authlib.oauth2.auth import ClientAuth

    known = provider.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    method = "client_secret_basic" if "client_secret_basic" in known else "client_secret_post"
    body = urlencode({"grant_type": "authorization_code", "client_id": offer.client_id, **told})
    proof = ClientAuth(offer.client_id, offer.secret, method)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    url, headers, body = proof.prepare("POST", provider["token_endpoint"], headers, body)
    return ask_json("POST", url, body=body.encode() if isinstance(body, str) else body, headers=headers)


def _claims(
    ctx: Context, offer: Oidc, provider: Mapping[str, Any], tokens: Mapping[str, Any], nonce: str
) -> dict[str, Any]:
    """The claims of the ID token, signed by the provider for us, for this question, now."""
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet
    from joserfc.jws import JWSRegistry

    keys: Any = ask_json("GET", provider["jwks_uri"])
    params = {"nonce": nonce, "client_id": offer.client_id, "access_token": tokens.get("access_token")}
    options = {"iss": {"essential": True, "value": offer.issuer}, "aud": {"essential": True, "value": offer.client_id}}
    try:
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        found = jwt.decode(text_of(tokens, "id_token", longest=16384), KeySet.import_key_set(keys), registry=registry)
        claims = CodeIDToken(found.claims, found.header, options, params)
        claims.validate(now=int(ctx.clock().timestamp()), leeway=LEEWAY)
    except (JoseError, ValueError, KeyError, TypeError) as exc:
        raise HostError("refused", f"The ID token does not hold: {type(exc).__name__}.") from exc
    return dict(claims)
