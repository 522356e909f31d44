"""Who is signed in. A resident's cookie holds a random token, whose session lies in the database and ends there at
once; an operator's holds a name and the moment of sign-in. It holds no personal data.

Signing in empties the cookie first, so one planted before it is worth nothing after it.
"""

from __future__ import annotations

from datetime import timedelta

from flask import request, session

from pushsvc.pipeline import sign_ins
from pushsvc.web.current import context

COOKIE_DAYS = 30  # how pages look is remembered this long; a sign-in is much shorter, see pipeline.sign_ins
OPERATOR_HOURS = 8
_KEPT = ("lang", "mode", "size", "theme")  # how a page looks is not who reads it
_TOKEN = "token"


def begin_person(person_id: int, how: str) -> None:
    """Sign a resident in as themselves; `how`: code, link, ticket, host, oidc or demo."""
    end()
    session[_TOKEN] = sign_ins.begin(context(), person_id, agent=agent(), how=how)
    session.permanent = True


def begin_operator(name: str) -> None:
    """Sign an operator in."""
    end()
    session["operator"] = name
    session["since"] = int(context().clock().timestamp())
    session.permanent = True


def end() -> None:
    """Sign out, whoever it is."""
    held = token()
    if held is not None:
        sign_ins.end(context(), held)
    kept = {key: session[key] for key in _KEPT if key in session}
    session.clear()
    session.update(kept)


def token() -> str | None:
    """The token of this browser's sign-in, whether or not that is over."""
    value = session.get(_TOKEN)
    return value if isinstance(value, str) else None


def agent() -> str:
    """What the browser calls itself."""
    return request.headers.get("User-Agent", "")


def reader(*, versioned: bool = False) -> sign_ins.Reader | None:
    """The resident who is signed in here, acting for whom they chose where they may."""
    held = token()
    if held is None:
        return None
    chosen = session.get("acting")
    return sign_ins.reader(context(), held, agent=agent(), acting_for=chosen, versioned=versioned)


def operator_name() -> str | None:
    """The signed-in operator's name while the sign-in lasts."""
    value = session.get("operator")
    return value if isinstance(value, str) and _lasts(timedelta(hours=OPERATOR_HOURS)) else None


def _lasts(span: timedelta) -> bool:
    since = session.get("since")
    return isinstance(since, int) and 0 <= context().clock().timestamp() - since < span.total_seconds()
