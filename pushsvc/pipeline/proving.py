"""Proving an address: a one-time code shows who holds it now, and a number that may have changed hands wants more.

Carriers let a number rest for 90 days before somebody else gets it. So a number that was proven, or heard from, at
gaps below that is still its person's; any other may be a stranger's by now, and its code opens no profile alone.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from profiles.address import Address
from pushsvc.context import Context
from pushsvc.keyring import KeyringError
from pushsvc.links import sign_in_token
from pushsvc.pipeline import system
from pushsvc.store import access, codes, replies, verified
from pushsvc.store.audit import record
from pushsvc.store.locks import lock_addresses
from pushsvc.store.people import NAME_PLACE
from pushsvc.store.session import Connection, transaction

REST = timedelta(days=90)
CODE_MINUTES = 10
CHANNEL = "sms"  # mailboxes are seldom given to somebody else; numbers are, as a rule


@dataclass(frozen=True)
class Place:
    """An address that somebody proved: its channel and keyed hash."""

    channel: str
    lookup: bytes


def ask_code(ctx: Context, address: Address) -> Place:
    """Make a code, and send it where the address is somebody's.

    For a stranger's address the same is written and taken back, so that neither the answer nor its time tells.
    """
    place = Place(address.channel, ctx.keyring.lookup(address.channel, address.value))
    number = f"{secrets.randbelow(1_000_000):06d}"
    with transaction(ctx.engine) as conn:
        expires_at = ctx.clock() + timedelta(minutes=CODE_MINUTES)
        codes.put_code(conn, place.lookup, _digest(ctx, place.lookup, number), expires_at)
        who, address_id = access.reached_at(conn, place.channel, place.lookup) or (0, 0)
        trying = conn.begin_nested()
        link = _link(ctx, conn, place, who)
        system.write_code(ctx, conn, (number, place.channel), recipient_id=who, address_id=address_id, link=link)
        if who:
            trying.commit()
        else:
            trying.rollback()
    return place


def _link(ctx: Context, conn: Connection, place: Place, who: int) -> str:
    """A mail has room for a link that signs its one reader in, once; whom a shared mailbox is for, its code asks."""
    alone = len(access.people_at(conn, place.channel, place.lookup)) <= 1
    if place.channel != "email" or not alone:
        return ""
    token = sign_in_token(ctx.settings.secret_key, who, ctx.clock())
    return f"{ctx.settings.public_url.rstrip('/')}/m/enter/{token}"


def try_code(ctx: Context, place: Place, number: str) -> list[int]:
    """The people an address serves, if the code is right; nobody else."""
    with transaction(ctx.engine) as conn:
        if not codes.try_code(conn, place.lookup, _digest(ctx, place.lookup, number), ctx.clock()):
            return []
        return access.people_at(conn, place.channel, place.lookup)


def is_doubtful(ctx: Context, place: Place) -> bool:
    """Whether the address may have come to somebody else since it was proven; one never proven may."""
    if place.channel != CHANNEL:
        return False
    with transaction(ctx.engine) as conn:
        heard = verified.heard_of(conn, place.channel, place.lookup)
    return heard is None or lapsed(heard.verified_at, heard.against, heard.alive, ctx.clock())


def lapsed(at: datetime | None, against: datetime | None, alive: Sequence[datetime], now: datetime) -> bool:
    """Whether a number proven `at` may be somebody else's `now`: never proven, something spoke against it since, or
    nothing was heard of it for as long as a number rests before it is given away."""
    if at is None or (against is not None and against > at):
        return True
    for sign in (*sorted(alive), now):
        if sign - at > REST:
            return True
        at = max(at, sign)
    return False


def confirm(ctx: Context, place: Place, *, born: date | None, name: str) -> list[int]:
    """Those at the address whom this date of birth, or where none is held this name, is of."""
    with transaction(ctx.engine) as conn:
        people = access.people_at(conn, place.channel, place.lookup)
        known = verified.knows(conn, people)
    return [one for one in people if _is(ctx, known[one], born, name)]


def contradicts(ctx: Context, person_id: int, *, born: date | None, name: str) -> bool:
    """Whether this date of birth or this name, where one is told, is another than is held of the person."""
    with transaction(ctx.engine) as conn:
        birth, cipher = verified.knows(conn, [person_id])[person_id]
    held = _plain(_name(ctx, cipher))
    other_day = birth is not None and born is not None and birth != born
    return other_day or bool(held and name and held != _plain(name))


def put_verified(ctx: Context, place: Place) -> None:
    """The address was proven just now, by one of those it is held for."""
    with transaction(ctx.engine) as conn:
        heard = verified.heard_of(conn, place.channel, place.lookup)
        if heard is not None:
            verified.verify(conn, heard.address_id, ctx.clock())


def report(ctx: Context, place: Place) -> None:
    """Whoever holds the number could not say who they are: the office sees which profiles to ask anew."""
    with transaction(ctx.engine) as conn:
        for person, address_id in _held_for(conn, place):
            detail = {"address": address_id}
            _note(conn, ctx, ("address.unconfirmed", f"profile:{person}"), detail)


def not_theirs(ctx: Context, place: Place) -> None:
    """Whoever holds the number says that they are somebody else: it is no address of those people any more."""
    with transaction(ctx.engine) as conn:
        lock_addresses(conn)
        held = _held_for(conn, place)
        if held:
            replies.part(conn, held[0][1], [person for person, _ in held], ctx.clock())
        for person, address_id in held:
            _note(conn, ctx, ("address.not_theirs", f"profile:{person}"), {"address": address_id, "route": "sign-in"})


def _held_for(conn: Connection, place: Place) -> list[tuple[int, int]]:
    heard = verified.heard_of(conn, place.channel, place.lookup)
    people = access.people_at(conn, place.channel, place.lookup)
    return [(person, heard.address_id) for person in people] if heard else []


def _note(conn: Connection, ctx: Context, what: tuple[str, str], detail: Mapping[str, object]) -> None:
    record(conn, at=ctx.clock(), actor="web", action=what[0], object=what[1], detail=detail)


def _is(ctx: Context, known: tuple[date | None, bytes | None], born: date | None, name: str) -> bool:
    birth, cipher = known
    if birth is not None:
        return born == birth
    held = _plain(_name(ctx, cipher))
    return bool(held) and hmac.compare_digest(held.encode(), _plain(name).encode(errors="replace"))


def _name(ctx: Context, cipher: bytes | None) -> str:
    try:
        return ctx.keyring.decrypt(cipher, NAME_PLACE) if cipher else ""
    except KeyringError:
        return ""


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def _digest(ctx: Context, lookup: bytes, number: str) -> bytes:
    return hmac.digest(ctx.keyring.secret, b"code\0" + lookup + number.encode(), hashlib.sha256)
