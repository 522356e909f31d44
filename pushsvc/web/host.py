"""Others say who somebody is: a host app by its ticket, a provider by OpenID Connect.

Both ways begin here: a state in the reader's cookie ties the answer to the browser that asked, once, for some minutes.
So nobody is signed in as somebody else by an answer that was meant for another browser.
"""

from __future__ import annotations

import hmac
from dataclasses import asdict
from datetime import timedelta
from typing import NoReturn, TypeVar

from flask import Blueprint, abort, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from pushsvc.pipeline import host_exchange, host_identity, host_oidc
from pushsvc.pipeline.host_asking import HostError
from pushsvc.pipeline.host_identity import Claim
from pushsvc.pipeline.host_oidc import Question
from pushsvc.store.audit import record
from pushsvc.store.session import transaction
from pushsvc.web import arriving, signin
from pushsvc.web.access import public
from pushsvc.web.arriving import next_path
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.tickets import allow_or_abort
from pushsvc.web.toast import toast

blueprint = Blueprint("host", __name__)

T = TypeVar("T")
ASKING = timedelta(minutes=10)  # to sign in over there
LOOPS = timedelta(seconds=30)  # a host that sends people back without our state would send them round for ever
_HELD = "outside"
_WHY = "the issuer's word is the proof; a state in the cookie ties it to this browser"


@blueprint.get("/m/host")
@public(_WHY)
def host() -> ResponseReturnValue:
    """To the host app and back, with a ticket. One that comes unasked, as when the host opens the page from a tile of
    its own, is left alone: the host is asked for another, which it gives at once to whoever is signed in there."""
    ctx = context()
    offer = _set_up(ctx.settings.host_login())
    ticket = request.args.get("ticket")
    if ticket is None or ("state" not in request.args and not _began(LOOPS)):
        asked = _ask("host")
        back = _public(url_for("host.host", state=asked.state))
        return redirect(host_exchange.login_url(offer, back), 303)
    allow_or_abort()
    _, back = _answered("host", offer.issuer)
    try:
        return _welcome(host_exchange.exchange(ctx, offer, ticket), "host", back)
    except HostError as error:
        return _refuse(offer.issuer, offer.name, error.code)


@blueprint.get("/m/oidc")
@public(_WHY)
def oidc() -> ResponseReturnValue:
    """To the provider."""
    ctx = context()
    offer = _set_up(ctx.settings.oidc())
    asked = _ask("oidc")
    try:
        return redirect(host_oidc.ask_url(ctx, offer, asked, _public(url_for("host.back"))), 303)
    except HostError as error:
        return _refuse(offer.issuer, offer.name, error.code)


@blueprint.get("/m/oidc/back")
@public(_WHY)
def back() -> ResponseReturnValue:
    """Back from the provider, with a code."""
    ctx = context()
    offer = _set_up(ctx.settings.oidc())
    allow_or_abort()
    asked, path = _answered("oidc", offer.issuer)
    code = request.args.get("code", "")
    if "error" in request.args or not code:
        toast(t("没有登录，可以再试一次或用验证码"))
        return redirect(url_for("signin.ask", next=path), 303)
    if request.args.get("iss", offer.issuer) != offer.issuer:  # RFC 9207
        _no(offer.issuer, "issuer")
    try:
        claim = host_oidc.answer(ctx, offer, asked, code=code, back=_public(url_for("host.back")))
        return _welcome(claim, "oidc", path)
    except HostError as error:
        return _refuse(offer.issuer, offer.name, error.code)


def _welcome(claim: Claim, how: str, path: str) -> ResponseReturnValue:
    """Sign in whom we know; ask of a newcomer that they prove an address of ours once."""
    ctx = context()
    person = host_identity.who_is(ctx, claim)
    if person is None:
        arriving.wait(host_identity.newcomer(ctx, claim))
        return redirect(url_for("signin.ask", next=path), 303)
    session.pop(arriving.NEWCOMER, None)
    arriving.arrive(person, how, credit_code=claim.credit_code)
    return redirect(path, 303)


def _ask(way: str) -> Question:
    """Begin a way out: what ties the answer to this browser lies in its cookie."""
    asked, now = host_oidc.question(), int(context().clock().timestamp())
    session[_HELD] = {**asdict(asked), "way": way, "next": next_path(request.args.get("next")), "at": now}
    return asked


def _answered(way: str, issuer: str) -> tuple[Question, str]:
    """What this browser asked, and where it wants to go; 410 for an answer to no question of its own. Once."""
    held = session.pop(_HELD, None)
    given = request.args.get("state", "")
    if not isinstance(held, dict) or held.get("way") != way or not arriving.recent(held.get("at"), ASKING):
        _no(issuer, "state")
    if not hmac.compare_digest(str(held["state"]).encode(), given.encode()):
        _no(issuer, "state")
    asked = Question(str(held["state"]), str(held["nonce"]), str(held["verifier"]))
    return asked, next_path(str(held["next"]))


def _began(span: timedelta) -> bool:
    held = session.get(_HELD)
    return isinstance(held, dict) and arriving.recent(held.get("at"), span)


def _refuse(issuer: str, name: str, code: str) -> ResponseReturnValue:
    """Nobody vouches: a page that says to come again, or another way."""
    if code != "away":
        _no(issuer, code)
    _note(issuer, code)
    error = t("现在无法通过“{name}”登录，请稍后再试，或用验证码登录", name=t(name))
    return signin.page(next_path(None), away=error), 503


def _no(issuer: str, why: str) -> NoReturn:
    _note(issuer, why)
    abort(410)


def _note(issuer: str, why: str) -> None:
    ctx = context()
    with transaction(ctx.engine) as connection:
        told = {"action": "sign-in.refuse", "object": issuer, "detail": {"why": why}}
        record(connection, at=ctx.clock(), actor="web", **told)  # type: ignore[arg-type]  # names are parameters


def _set_up(offer: T | None) -> T:
    if offer is None:
        abort(404)
    return offer


def _public(path: str) -> str:
    return context().settings.public_url.rstrip("/") + path
