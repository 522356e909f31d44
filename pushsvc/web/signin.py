"""Residents come in by a one-time code or a signed link, and go out again.

Every answer to an address is the same, whether we know it or not: a stranger learns nothing by asking.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from profiles.address import Address, AddressError, mask_name, parse_address
from pushsvc.links import LinkError, read_sign_in
from pushsvc.pipeline import system
from pushsvc.store import access as accounts
from pushsvc.store.session import transaction
from pushsvc.web import session as sessions
from pushsvc.web.access import public, resident, safe_path
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.limits import Limit, allow
from pushsvc.web.names import plain_name

blueprint = Blueprint("signin", __name__)

CODE_MINUTES = 10
ASK_ADDRESS = Limit("code-address", 3, 600)
ASK_ADDRESS_DAY = Limit("code-address-day", 10, 86400)  # nobody's phone is made to ring all night
ASK_CLIENT = Limit("code-client", 20, 3600)
TRY_CLIENT = Limit("try-client", 30, 900)
ENTER_CLIENT = Limit("enter-client", 60, 3600)


@blueprint.get("/m/sign-in")
@public("the way in")
def ask() -> ResponseReturnValue:
    """Ask for a mobile number or a mail address."""
    return render_template("m/sign_in.html", next=_next(request.args.get("next")))


@blueprint.post("/m/sign-in")
@public("the way in")
def send() -> ResponseReturnValue:
    """Send a code if the address is somebody's; answer the same if it is nobody's."""
    text = request.form.get("address", "").strip()[:254]
    back = _next(request.form.get("next"))
    try:
        address = parse_address("email" if "@" in text else "sms", text)
    except AddressError:
        page = render_template("m/sign_in.html", next=back, address=text, error=t("这不是手机号或邮箱，请检查后再填"))
        return page, 422
    if not allow(ASK_CLIENT, request.remote_addr or "") or not _may_ask(address.value):
        abort(429)
    session["asked"] = [address.channel, _send(address).hex()]  # the keyed hash: the cookie names nobody
    return redirect(url_for("signin.code", next=back), 303)


@blueprint.get("/m/sign-in/code")
@public("the way in")
def code() -> ResponseReturnValue:
    """Ask for the code."""
    if _asked() is None:
        return redirect(url_for("signin.ask"), 303)
    return render_template("m/code.html", next=_next(request.args.get("next")), minutes=CODE_MINUTES)


@blueprint.post("/m/sign-in/code")
@public("the way in")
def check() -> ResponseReturnValue:
    """Let in whoever knows the code: at once, or after choosing among the people an address serves."""
    asked, back = _asked(), _next(request.form.get("next"))
    if asked is None:
        return redirect(url_for("signin.ask"), 303)
    if not allow(TRY_CLIENT, request.remote_addr or ""):
        abort(429)
    people = _proved(asked, request.form.get("code", "").strip()[:12])
    if not people:
        page = render_template(
            "m/code.html", next=back, minutes=CODE_MINUTES, error=t("验证码不对或已过期，请重试或重新获取")
        )
        return page, 422
    if len(people) == 1:
        sessions.begin_person(people[0])
        return redirect(back, 303)
    sessions.end()
    session["choose"] = people
    return redirect(url_for("signin.which", next=back), 303)


@blueprint.get("/m/sign-in/who")
@public("only those whose code was right have anybody to choose")
def which() -> ResponseReturnValue:
    """An address may serve a family: who is reading?"""
    people = _choice()
    with transaction(context().engine) as connection:
        ciphers = accounts.names(connection, people)
    named = [(person, mask_name(plain_name(ciphers.get(person)))) for person in people]
    return render_template("m/who.html", people=named, next=_next(request.args.get("next")))


@blueprint.post("/m/sign-in/who")
@public("only those whose code was right have anybody to choose")
def choose() -> ResponseReturnValue:
    """Sign in as one of the people the address serves."""
    chosen = request.form.get("person", type=int)
    if chosen not in _choice() or chosen is None:
        abort(403)
    sessions.begin_person(chosen)
    return redirect(_next(request.form.get("next")), 303)


@blueprint.get("/m/enter/<token>")
@public("shows a button; the signature is read when it is pressed")
def enter(token: str) -> ResponseReturnValue:
    """A signed link: opening it changes nothing, so a mail scanner cannot use it up."""
    return render_template("m/enter.html", token=token)


@blueprint.post("/m/enter/<token>")
@public("the signature is the proof, and works once")
def enter_now(token: str) -> ResponseReturnValue:
    """Sign in by the link, once."""
    ctx = context()
    if not allow(ENTER_CLIENT, request.remote_addr or ""):
        abort(429)
    try:
        link = read_sign_in(ctx.settings.secret_key, token, ctx.clock())
    except LinkError:
        abort(410)
    with transaction(ctx.engine) as connection:
        fresh = accounts.use_link(connection, link.jti, expires_at=link.expires_at, now=ctx.clock())
    if not fresh:
        abort(410)
    sessions.begin_person(link.profile_id)
    return redirect(url_for("subscriber.feed"), 303)


@blueprint.post("/m/sign-out")
@resident
def leave() -> ResponseReturnValue:
    """Sign out on this device."""
    sessions.end()
    return redirect(url_for("signin.ask"), 303)


def _may_ask(value: str) -> bool:
    return allow(ASK_ADDRESS, value) and allow(ASK_ADDRESS_DAY, value)


def _send(address: Address) -> bytes:
    """Make a code, and send it where the address is somebody's. Returns the address's keyed hash."""
    ctx = context()
    lookup = ctx.keyring.lookup(address.channel, address.value)
    number = f"{secrets.randbelow(1_000_000):06d}"
    with transaction(ctx.engine) as connection:
        reached = accounts.reached_at(connection, address.channel, lookup)
        expires_at = ctx.clock() + timedelta(minutes=CODE_MINUTES)
        accounts.put_code(connection, lookup, _digest(lookup, number), expires_at)
    if reached is not None:
        who, address_id = reached
        system.send_code(ctx, recipient_id=who, address_id=address_id, channel=address.channel, code=number)
    return lookup


def _proved(asked: tuple[str, bytes], number: str) -> list[int]:
    """The people the address serves, if the code is right."""
    ctx = context()
    channel, lookup = asked
    with transaction(ctx.engine) as connection:
        if not accounts.try_code(connection, lookup, _digest(lookup, number), ctx.clock()):
            return []
        return accounts.people_at(connection, channel, lookup)


def _digest(lookup: bytes, number: str) -> bytes:
    return hmac.digest(context().keyring.secret, b"code\0" + lookup + number.encode(), hashlib.sha256)


def _asked() -> tuple[str, bytes] | None:
    held = session.get("asked")
    return (str(held[0]), bytes.fromhex(held[1])) if isinstance(held, list) and len(held) == 2 else None


def _choice() -> list[int]:
    held = session.get("choose")
    if not isinstance(held, list):
        abort(403)
    return [int(person) for person in held]


def _next(path: str | None) -> str:
    return safe_path(path, url_for("subscriber.feed"))
