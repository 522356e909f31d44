"""Sign-ins of residents: begun, found again by the token in the cookie, ended; short, and bound to one browser."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from pushsvc.context import Context
from pushsvc.store import access, sessions, tickets
from pushsvc.store.access import Person
from pushsvc.store.audit import record
from pushsvc.store.reader_version import reader_version
from pushsvc.store.session import Connection, transaction, transaction_by_index
from pushsvc.store.sessions import Listed

# A phone is put down, lent and lost: two hours without a page end it, and half a day in any case (what OWASP ASVS 4,
# 3.3.2, asks of services like this). Coming again costs a code; inside a host app, nothing.
IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)  # a page costs no write: the idle time is right to a minute
TOKEN_BYTES = 32
TICKETS_KEPT = timedelta(days=1)
# What a User-Agent says of the device, the first that fits; "computer" otherwise.
_DEVICES = (("MicroMessenger", "wechat"), ("AlipayClient", "alipay"), ("Mobile", "phone"), ("Android", "phone"))
_AGENT_LENGTH = 1000
# What one webview says of itself now and otherwise later: on mobile data instead of wifi, or in another language.
_CHANGING = re.compile(r"\b(?:NetType|Language)/\S*", re.I)


@dataclass(frozen=True)
class Reader:
    """Who reads a page; `version` tells what their pages are made of (`store.reader_version`), where that was asked."""

    session_id: int
    person: Person
    version: str = ""


def begin(ctx: Context, person_id: int, *, agent: str, how: str) -> str:
    """Sign a person in; the token that their cookie holds. `how`: code, link, ticket, host, oidc or demo."""
    token, now = secrets.token_urlsafe(TOKEN_BYTES), ctx.clock()
    row = {"digest": _digest(token), "person_id": person_id, "agent": _agent(ctx, agent), "device": device_of(agent)}
    times = {"began_at": now, "seen_at": now, "ends_at": now + LONGEST}
    with transaction(ctx.engine) as conn:
        sessions.put(conn, {**row, **times, "how": how})
    return token


def reader(
    ctx: Context, token: str, *, agent: str, acting_for: object = None, versioned: bool = False
) -> Reader | None:
    """Who holds this token, acting for `acting_for` where they may; None once it ended or in another browser.

    A token that comes from another browser was copied: it ends for both.
    """
    now = ctx.clock()
    with transaction_by_index(ctx.engine) as conn:
        found = sessions.live(conn, _digest(token), now=now, seen_after=now - IDLE)
        if found is None:
            return None
        if not hmac.compare_digest(found.agent, _agent(ctx, agent)):
            sessions.end(conn, _digest(token))
            about = f"profile:{found.person.id}"
            record(conn, at=now, actor="web", action="session.other_browser", object=about)
            return None
        if now - found.seen_at >= SEEN_EVERY:
            sessions.see(conn, found.id, now)
        person = found.person
        if isinstance(acting_for, int):
            person = access.acting_for(conn, person, acting_for, now)
        return Reader(found.id, person, reader_version(conn, person.id, person.profile_id) if versioned else "")


def end(ctx: Context, token: str) -> None:
    """Sign out where this token is held."""
    with transaction(ctx.engine) as conn:
        sessions.end(conn, _digest(token))


def end_own(ctx: Context, person_id: int, session_id: int) -> bool:
    """Sign the person out at one place; False where they are not signed in there."""
    with transaction(ctx.engine) as conn:
        return sessions.end_own(conn, person_id, session_id)


def end_others(ctx: Context, person_id: int, *, keep: str | None) -> int:
    """Sign the person out everywhere, but for where the token `keep` is held; at how many places."""
    with transaction(ctx.engine) as conn:
        return sessions.end_others(conn, person_id, None if keep is None else _digest(keep))


def places(conn: Connection, ctx: Context, person_id: int) -> list[Listed]:
    """Where the person is signed in."""
    now = ctx.clock()
    return sessions.of_person(conn, person_id, now=now, seen_after=now - IDLE)


def forget_old(ctx: Context) -> int:
    """Delete what can sign nobody in any more: sessions that are over, old codes, tickets and used links."""
    now = ctx.clock()
    with transaction(ctx.engine) as conn:
        gone = sessions.forget(conn, now=now, seen_after=now - IDLE)
        return gone + tickets.forget(conn, now=now, before=now - TICKETS_KEPT)


def device_of(agent: str) -> str:
    """What a browser says it runs on: wechat, alipay, phone or computer."""
    return next((device for word, device in _DEVICES if word in agent), "computer")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()


def _agent(ctx: Context, agent: str) -> bytes:
    told = _CHANGING.sub("", agent[:_AGENT_LENGTH]).encode(errors="replace")
    return hmac.digest(ctx.keyring.secret, b"agent\0" + told, hashlib.sha256)
