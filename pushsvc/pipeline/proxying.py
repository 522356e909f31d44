"""Acting for another by their leave: granted for some things and some time, accepted by a code, ended by either side.

Who grants it is asked in words of a known version (PIPL 14: informed, by their own will, as easily withdrawn). It
covers the citizen's own profile and nothing else: no firm of theirs, and no leave for a third.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.store import memberships, people, proxies
from pushsvc.store.audit import record
from pushsvc.store.proxies import Given
from pushsvc.store.session import Connection, transaction

SCOPES = ("read", "manage", "ask")
WORDING = "proxy-1"  # the version of what a person agrees to, see web/proxy_words
DEFAULT_DAYS, MOST_DAYS = 90, 365
CODE_DAYS = timedelta(days=7)
_TWICE = timedelta(seconds=10)  # a button pressed twice; the code of the second is the one that is shown
MOST_OPEN = 5  # leaves of one person at a time
ADULT = 18
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no 0/o, 1/i/l: a code is read out on the phone
_LENGTH = 10
_LOOKUP = "proxy"
_ZONE = ZoneInfo("Asia/Shanghai")


class ProxyError(ValueError):
    """It cannot be done so; `place` is the field."""

    def __init__(self, code: str, place: str = "") -> None:
        super().__init__(code)
        self.code, self.place = code, place


def grant(ctx: Context, person_id: int, scopes: Collection[str], until: date) -> str:
    """Give leave to whoever gets the code that is returned, to the end of the day `until` in the city.

    Reading is part of every leave. Raises ProxyError: bad_scope, bad_day, too_many, minor or no_such.
    """
    if not set(scopes) <= set(SCOPES):
        raise ProxyError("bad_scope", "scopes")
    if not 0 < (until - city_day(ctx)).days <= MOST_DAYS:
        raise ProxyError("bad_day", "until")
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    row: dict[str, object] = {
        "profile_id": person_id,
        "code": ctx.keyring.lookup(_LOOKUP, code),
        "scopes": [one for one in SCOPES if one == "read" or one in scopes],
        "wording": WORDING,
        "granted_at": ctx.clock(),
        "expires_at": datetime.combine(until + timedelta(days=1), time(), _ZONE),
    }
    with transaction(ctx.engine) as conn:
        people.lock_profile(conn, person_id)  # of two at once, the second sees what the first granted
        proxies.drop_twin(conn, row, ctx.clock() - _TWICE)
        _check_granter(ctx, conn, person_id)
        number = proxies.add_leave(conn, row)
        _note(ctx, conn, "proxy.grant", number, {"person": person_id})
    return code


def look(ctx: Context, person_id: int, typed: str) -> Given:
    """The leave that a code stands for, before it is accepted. Raises ProxyError: bad_code or own."""
    with transaction(ctx.engine) as conn:
        return _waiting(ctx, conn, person_id, typed)


def accept(ctx: Context, person_id: int, typed: str) -> int:
    """Take the leave that a code stands for, once (by the same person again is harmless); whom it is for.

    It stands instead of what they had from the same one before. Raises ProxyError: bad_code or own.
    """
    with transaction(ctx.engine) as conn:
        found = _waiting(ctx, conn, person_id, typed)
        if found.accepted_at is None:
            proxies.accept(conn, found, person_id, ctx.clock())
            _note(ctx, conn, "proxy.accept", found.id, {"person": person_id})
    assert found.other is not None
    return found.other


def end(ctx: Context, person_id: int, proxy_id: int) -> None:
    """End a leave that one granted or has; again is harmless. Raises ProxyError: no_such."""
    with transaction(ctx.engine) as conn:
        ended = proxies.end(conn, proxy_id, person_id, ctx.clock())
        if ended is None:
            raise ProxyError("no_such")
        if ended:
            _note(ctx, conn, "proxy.end", proxy_id, {"person": person_id})


def _waiting(ctx: Context, conn: Connection, person_id: int, typed: str) -> Given:
    now, code = ctx.clock(), "".join(typed.split()).lower()
    lookup = ctx.keyring.lookup(_LOOKUP, code)
    found = proxies.by_code(conn, lookup, person_id, granted_after=now - CODE_DAYS, now=now)
    if found is None:
        raise ProxyError("bad_code", "code")
    if found.other == person_id:
        raise ProxyError("own", "code")
    return found


def _check_granter(ctx: Context, conn: Connection, person_id: int) -> None:
    person = people.lock_profile(conn, person_id)
    if person is None or person.erased or not memberships.is_person(conn, person_id):
        raise ProxyError("no_such")
    born, today = person.facts.get("birth_date"), city_day(ctx)
    if (
        isinstance(born, date)
        and (today.year - born.year) - ((today.month, today.day) < (born.month, born.day)) < ADULT
    ):
        raise ProxyError("minor")
    if proxies.count_open(conn, person_id, ctx.clock()) >= MOST_OPEN:
        raise ProxyError("too_many")


def _note(ctx: Context, conn: Connection, action: str, proxy_id: int, detail: dict[str, object]) -> None:
    record(conn, at=ctx.clock(), actor="person", action=action, object=f"proxy:{proxy_id}", detail=detail)
