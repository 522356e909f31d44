"""Guards: who may call a view. Each view wears exactly one, and its `guard` says which, for the house test to read."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, cast
from urllib.parse import quote

from flask import abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from pushsvc.store import access as accounts
from pushsvc.store import proxies
from pushsvc.store.access import Operator, Person
from pushsvc.store.session import transaction
from pushsvc.web import session as sessions
from pushsvc.web.csrf import MEANT
from pushsvc.web.current import context
from pushsvc.web.errors import ApiError

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]
_LOCAL_PATH = re.compile(r"/(?![/\\])[\x21-\x7e]*")


def public(reason: str) -> Callable[[View[P]], View[P]]:
    """Open to everyone; `reason` says why that is right."""

    def mark(view: View[P]) -> View[P]:
        return _named(view, f"public: {reason}")

    return mark


def resident(view: View[P]) -> View[P]:
    """A signed-in person, with `g.person`: themselves, or acting for a firm they still belong to; no proxy."""

    def check(person: Person) -> None:
        if person.by is not None:
            abort(403, "proxy")

    return _named(_signed_in(view, check), "resident")


def acting(scope: str) -> Callable[[View[P]], View[P]]:
    """A signed-in person who may do `scope` (see `Person.may`) for whom they act; what a proxy does is recorded."""

    def check(person: Person) -> None:
        if not person.may(scope):
            abort(403, "role" if person.by is None else "scope")

    return lambda view: _named(_signed_in(view, check), f"acting:{scope}")


def _signed_in(view: View[P], check: Callable[[Person], None]) -> View[P]:
    """The view for somebody who is signed in and passes the check, with a form of nobody else's."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        reader = sessions.reader(versioned=getattr(view, "keeps", False))
        if reader is None:
            return _to_sign_in("signin.ask")
        person, g.version = reader.person, reader.version
        g.person = person
        check(person)
        _check_meant(person)
        _record(person)
        return view(*args, **kwargs)

    return guarded


def operator(*roles: str) -> Callable[[View[P]], View[P]]:
    """A signed-in operator who has one of `roles` (none named: any operator), with `g.operator`."""

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            who = _operator()
            if who is None:
                return _to_sign_in("console.signin.ask")
            if roles and not who.may(*roles):
                abort(403, "role")
            g.operator = who
            return view(*args, **kwargs)

        return _named(guarded, "operator:" + ",".join(roles or ("any",)))

    return guard


def api_key(scope: str) -> Callable[[View[P]], View[P]]:
    """A bearer key with `scope`, with `g.api_key`, its name."""

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            g.api_key = _bearer(scope)
            return view(*args, **kwargs)

        guarded.csrf_exempt = "a bearer key is never sent by a browser unasked"  # type: ignore[attr-defined]
        return _named(guarded, f"api_key:{scope}")

    return guard


def current_person() -> Person:
    """Whom the guard let in."""
    return cast(Person, g.person)


def current_operator() -> Operator:
    """The operator the operator guard let in."""
    return cast(Operator, g.operator)


def safe_path(path: str | None, otherwise: str) -> str:
    """`path` where it stays on this site, else `otherwise`: never a redirect to somebody else's."""
    return path if path and _LOCAL_PATH.fullmatch(path) else otherwise


def _named(view: View[P], guard: str) -> View[P]:
    view.guard = guard  # type: ignore[attr-defined]  # a mark on the function, read by the house test
    return view


def _to_sign_in(endpoint: str) -> ResponseReturnValue:
    if request.method not in ("GET", "HEAD"):
        return redirect(url_for(endpoint), 303)
    back = request.full_path.rstrip("?")
    return redirect(f"{url_for(endpoint)}?next={quote(back, safe='/')}", 303)


def _check_meant(person: Person) -> None:
    """A form changes what its page showed: nothing, where the reader acts for another by now (they switched in another
    tab, left the firm, or their leave is over). Switching itself is the way out."""
    meant = request.form.get(MEANT, "")
    if meant and meant != str(person.profile_id) and request.endpoint != "acting.act_for":
        abort(403, "other")


def _record(person: Person) -> None:
    """The one acted for reads later what was done for them."""
    if person.proxy is not None:
        with transaction(context().engine) as connection:
            action = f"{request.method} {request.endpoint}"
            proxies.record_act(connection, person.proxy, action, context().clock())


def _operator() -> Operator | None:
    name = sessions.operator_name()
    if name is None:
        return None
    with transaction(context().engine) as connection:
        return accounts.operator(connection, name)


def _bearer(scope: str) -> str:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise ApiError(401, "no_key", place="Authorization", sentence="Send an API key as a bearer token.")
    with transaction(context().engine) as connection:
        found = accounts.find_key(connection, key.strip())
    if found is None:
        raise ApiError(401, "bad_key", place="Authorization", sentence="This API key is not known.")
    if scope not in found.scopes:
        raise ApiError(403, "no_scope", place="Authorization", sentence=f"This API key lacks the scope {scope}.")
    return found.name
