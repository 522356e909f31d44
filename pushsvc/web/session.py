"""Who is signed in: a signed cookie holding an id and the moment of sign-in. It holds no personal data.

Signing in empties the session first, so a cookie planted before it is worth nothing after it.
"""

from __future__ import annotations

from datetime import timedelta

from flask import session

from pushsvc.web.current import context

PERSON_DAYS = 30
OPERATOR_HOURS = 8
_KEPT = ("lang", "mode", "size", "theme")  # how a page looks is not who reads it


def begin_person(profile_id: int) -> None:
    """Sign a resident in as themselves."""
    _begin("person", profile_id)


def begin_operator(name: str) -> None:
    """Sign an operator in."""
    _begin("operator", name)


def end() -> None:
    """Sign out, whoever it is."""
    kept = {key: session[key] for key in _KEPT if key in session}
    session.clear()
    session.update(kept)


def person_id() -> int | None:
    """The signed-in resident's profile id while the sign-in lasts."""
    value = session.get("person")
    return value if isinstance(value, int) and _lasts(timedelta(days=PERSON_DAYS)) else None


def operator_name() -> str | None:
    """The signed-in operator's name while the sign-in lasts."""
    value = session.get("operator")
    return value if isinstance(value, str) and _lasts(timedelta(hours=OPERATOR_HOURS)) else None


def _begin(key: str, value: int | str) -> None:
    end()
    session[key] = value
    session["since"] = int(context().clock().timestamp())
    session.permanent = True


def _lasts(span: timedelta) -> bool:
    since = session.get("since")
    return isinstance(since, int) and 0 <= context().clock().timestamp() - since < span.total_seconds()
