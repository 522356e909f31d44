"""Residents come in by a one-time code, and go out again.

Every answer to an address is the same, whether we know it or not: a stranger learns nothing by asking.
"""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from profiles.address import AddressError, mask_name, parse_address
from pushsvc.pipeline import proving
from pushsvc.pipeline.proving import Place
from pushsvc.store import access as accounts
from pushsvc.store.session import transaction
from pushsvc.web import arriving
from pushsvc.web import session as sessions
from pushsvc.web.access import public
from pushsvc.web.arriving import next_path
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.limits import Limit, allow
from pushsvc.web.names import plain_name

blueprint = Blueprint("signin", __name__)

ASK_ADDRESS = Limit("code-address", 3, 600)
ASK_ADDRESS_DAY = Limit("code-address-day", 10, 86400)  # nobody's phone is made to ring all night
ASK_CLIENT = Limit("code-client", 20, 3600)
TRY_CLIENT = Limit("try-client", 30, 900)
TRY_ADDRESS = Limit("try-address", 50, 86400)  # from however many clients


@blueprint.get("/m/sign-in")
@public("the way in")
def ask() -> ResponseReturnValue:
    """The ways in: a code by SMS or mail, and whoever else may say who somebody is."""
    return page(next_path(request.args.get("next")))


@blueprint.post("/m/sign-in")
@public("the way in")
def send() -> ResponseReturnValue:
    """Send a code if the address is somebody's; answer the same if it is nobody's."""
    text = request.form.get("address", "").strip()[:254]
    back = next_path(request.form.get("next"))
    try:
        address = parse_address("email" if "@" in text else "sms", text)
    except AddressError:
        return page(back, address=text, error=t("这不是手机号或邮箱，请检查后再填")), 422
    if not allow(ASK_CLIENT, request.remote_addr or "") or not _may_ask(address.value):
        abort(429)
    place = proving.ask_code(context(), address)
    session["asked"] = [place.channel, place.lookup.hex()]  # the keyed hash: the cookie names nobody
    return redirect(url_for("signin.code", next=back), 303)


@blueprint.get("/m/sign-in/code")
@public("the way in")
def code() -> ResponseReturnValue:
    """Ask for the code."""
    if _asked() is None:
        return redirect(url_for("signin.ask"), 303)
    return _code_page(next_path(request.args.get("next")))


@blueprint.post("/m/sign-in/code")
@public("the way in")
def check() -> ResponseReturnValue:
    """Let in whoever knows the code: at once; after choosing among the people an address serves; or after saying who
    they are, where the number may have changed hands."""
    asked, back = _asked(), next_path(request.form.get("next"))
    if asked is None:
        return redirect(url_for("signin.ask"), 303)
    if not allow(TRY_CLIENT, request.remote_addr or "") or not allow(TRY_ADDRESS, asked.lookup.hex()):
        abort(429)
    ctx = context()
    people = proving.try_code(ctx, asked, request.form.get("code", "").strip()[:12])
    if not people:
        return _code_page(back, t("验证码不对或已过期，请重试或重新获取")), 422
    if proving.is_doubtful(ctx, asked):
        arriving.hold(proven=[asked.channel, asked.lookup.hex()])
        return redirect(url_for("confirming.show", next=back), 303)
    proving.put_verified(ctx, asked)
    return arriving.let_in(people, "code", back)


@blueprint.get("/m/sign-in/who")
@public("only those whose code was right have anybody to choose")
def which() -> ResponseReturnValue:
    """An address may serve a family: who is reading?"""
    people = _choice()
    with transaction(context().engine) as connection:
        ciphers = accounts.names(connection, people)
    named = [(person, mask_name(plain_name(ciphers.get(person)))) for person in people]
    return render_template("m/who.html", people=named, next=next_path(request.args.get("next")))


@blueprint.post("/m/sign-in/who")
@public("only those whose code was right have anybody to choose")
def choose() -> ResponseReturnValue:
    """Sign in as one of the people the address serves."""
    chosen = request.form.get("person", type=int)
    if chosen is None or chosen not in _choice() or not arriving.use_step():
        abort(403)
    arriving.arrive(chosen, str(session.get("how", "code")))
    return redirect(next_path(request.form.get("next")), 303)


@blueprint.post("/m/sign-out")
@public("whoever holds a cookie may be rid of it, for whomever they act")
def leave() -> ResponseReturnValue:
    """Sign out on this device."""
    sessions.end()
    return redirect(url_for("signin.ask"), 303)


def page(back: str, **more: str) -> str:
    """The page with the ways in that are set up."""
    settings, new = context().settings, arriving.newcomer()
    ways = {"host": settings.host_login(), "oidc": settings.oidc()}
    vouched = arriving.issuer_name(new.issuer) if new else ""
    return render_template("m/sign_in.html", next=back, vouched=vouched, **ways, **more)


def _code_page(back: str, error: str = "") -> str:
    return render_template("m/code.html", next=back, minutes=proving.CODE_MINUTES, error=error)


def _may_ask(value: str) -> bool:
    return allow(ASK_ADDRESS, value) and allow(ASK_ADDRESS_DAY, value)


def _asked() -> Place | None:
    held = session.get("asked")
    return Place(str(held[0]), bytes.fromhex(held[1])) if isinstance(held, list) and len(held) == 2 else None


def _choice() -> list[int]:
    held = arriving.held("choose")
    if not isinstance(held, list):
        abort(403)
    return [int(person) for person in held]
