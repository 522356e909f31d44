"""The last step of every way in: the session begins, and whoever an issuer vouched for is linked to the person."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import redirect, session, url_for
from flask.typing import ResponseReturnValue

from pushsvc.pipeline import host_identity
from pushsvc.pipeline.host_identity import Newcomer
from pushsvc.store import codes
from pushsvc.store.session import transaction
from pushsvc.web import session as sessions
from pushsvc.web.access import safe_path
from pushsvc.web.current import context
from pushsvc.web.i18n import t

WAITS = timedelta(minutes=15)  # for a code to arrive and be typed
STEP = timedelta(minutes=10)  # from a right code to whoever is reading
NEWCOMER, _STEP = "newcomer", "step"


def next_path(path: str | None) -> str:
    """Where a sign-in leads: a page of ours, else the feed."""
    return safe_path(path, url_for("subscriber.feed"))


def let_in(people: list[int], how: str, back: str) -> ResponseReturnValue:
    """Sign in the one that an address serves; of several, ask who is reading."""
    if len(people) == 1:
        arrive(people[0], how)
        return redirect(back, 303)
    hold(choose=people, how=how)
    return redirect(url_for("signin.which", next=back), 303)


def arrive(person_id: int, how: str, *, credit_code: str = "") -> None:
    """Begin the person's session; link the newcomer who proved an address; act for the firm that is spoken for."""
    ctx, new = context(), newcomer()
    sessions.begin_person(person_id, how)
    # A ticket or a link proves no address, and may be somebody else's than the newcomer's who was here before.
    if new is not None and how == "code" and host_identity.link(ctx, new, person_id, how=how):
        credit_code = credit_code or new.credit_code
    firm = host_identity.prove_firm(ctx, person_id, credit_code)
    if firm is not None:
        session["acting"] = firm


def hold(**values: Any) -> None:
    """Keep values for the next step of a way in, in a cookie emptied of all else but the newcomer.

    A cookie can be copied, so the step has an end and a number under which it is used up (`use_step`).
    """
    waiting = session.get(NEWCOMER)
    sessions.end()
    session.update(values)
    session[_STEP] = [secrets.token_urlsafe(16), int(context().clock().timestamp())]
    if waiting is not None:
        session[NEWCOMER] = waiting


def held(name: str) -> Any:
    """What was kept for this step under `name`; None once its time is over."""
    step = session.get(_STEP)
    return session.get(name) if isinstance(step, list) and len(step) == 2 and recent(step[1], STEP) else None


def use_step() -> bool:
    """Whether this step was never taken before, by this browser or one that copied its cookie."""
    number, at = session[_STEP]
    until = datetime.fromtimestamp(at, tz=UTC) + STEP
    with transaction(context().engine) as connection:
        return codes.use_link(connection, f"step:{number}", expires_at=until)


def wait(new: Newcomer) -> None:
    """Remember whom an issuer vouched for until they prove an address."""
    sessions.end()
    now = int(context().clock().timestamp())
    session[NEWCOMER] = [new.issuer, new.subject.hex(), new.credit_code, now]


def newcomer() -> Newcomer | None:
    """Whom an issuer vouched for in this browser a moment ago."""
    held = session.get(NEWCOMER)
    if not isinstance(held, list) or len(held) != 4 or not recent(held[3], WAITS):
        return None
    return Newcomer(str(held[0]), bytes.fromhex(held[1]), str(held[2]))


def recent(at: object, span: timedelta) -> bool:
    """Whether a moment out of a cookie (seconds) is no older than `span`."""
    return isinstance(at, int) and 0 <= context().clock().timestamp() - at < span.total_seconds()


def issuer_name(issuer: str) -> str:
    """What an issuer is called on pages; its own name where it is set up no more."""
    settings = context().settings
    host, oidc = settings.host_login(), settings.oidc()
    if host is not None and issuer == host.issuer:
        return t(host.name)
    return t(oidc.name) if oidc is not None and issuer == oidc.issuer else issuer
