"""What pages need in the database: published policies, operators, keys, one-time codes."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import text

from profiles.address import parse_address
from pushsvc.context import Context
from pushsvc.store import access, codes
from pushsvc.store.access import Operator
from pushsvc.store.addresses import NewAddress, replace_addresses
from pushsvc.store.session import transaction
from pushsvc.store.tables import metadata
from tests.making import VALUES, make_person, make_policy

AUTHOR = Operator("limeng", "李萌", ("author", "sender"))
REVIEWER = Operator("zhoulan", "周岚", ("reviewer",))
AUDITOR = Operator("shenqi", "沈祺", ("auditor",))
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # what tests can wait for
KEY = "a-key-of-32-bytes-that-is-random-"


def publish(ctx: Context, ref: str = "policy-1", number: int = 1, **columns: Any) -> int:
    """A published policy with a visibility number."""
    with transaction(ctx.engine) as conn:
        return make_policy(conn, ctx, ref, visible_no=number, published_at=ctx.clock(), **columns)


def person(ctx: Context, n: int = 1, **columns: Any) -> int:
    """A citizen who agreed to be told, reached by SMS and email, both proven just now."""
    channels = columns.pop("channels", ("sms", "email"))
    consent = columns.pop("consent", ("notify", "recommend"))
    with transaction(ctx.engine) as conn:
        someone = make_person(conn, ctx, n, channels=(), consent=consent, **columns)
        found = [parse_address(channel, VALUES[channel].format(n=n)) for channel in channels]
        new = [NewAddress(someone, one.channel, one.value, one.mask) for one in found]
        replace_addresses(conn, ctx.keyring, new)
        mine = "id in (select address_id from profile_address where profile_id = :id)"
        conn.execute(text(f"update address set verified_at = :now where {mine}"), {"now": ctx.clock(), "id": someone})
    return someone


def crowd(ctx: Context, times: int) -> None:
    """As many of everybody: copies of every profile, with its facts alone."""
    names = [one.name for one in metadata.tables["profile"].columns if one.name not in ("id", "ref")]
    with transaction(ctx.engine) as conn:
        conn.execute(
            text(
                f"insert into profile (ref, {', '.join(names)})"
                f" select ref || '-' || g, {', '.join(names)} from profile, generate_series(2, :times) g"
            ),
            {"times": times},
        )


def operators(ctx: Context, *who: Operator, password: str = "right") -> None:
    """Operators with a password."""
    with transaction(ctx.engine) as conn:
        for one in who:
            access.put_operator(conn, one, password=CHEAP.hash(password), now=ctx.clock())


def api_key(ctx: Context, *scopes: str, key: str = KEY) -> dict[str, str]:
    """An API key; the header that sends it."""
    with transaction(ctx.engine) as conn:
        access.put_key(conn, f"key-{key}", key=key, scopes=scopes, now=ctx.clock())
    return {"Authorization": f"Bearer {key}"}


def code_for(ctx: Context, channel: str, value: str, number: str = "123456") -> str:
    """A one-time code that works for this address."""
    lookup = ctx.keyring.lookup(channel, value)
    digest = hmac.digest(ctx.keyring.secret, b"code\0" + lookup + number.encode(), hashlib.sha256)
    with transaction(ctx.engine) as conn:
        codes.put_code(conn, lookup, digest, ctx.clock() + timedelta(minutes=10))
    return number


def rows(ctx: Context, query: str, **values: Any) -> list[Any]:
    """What the database holds."""
    with transaction(ctx.engine) as conn:
        return list(conn.execute(text(query), values))


def one(ctx: Context, query: str, **values: Any) -> Any:
    """The only value of the only row."""
    ((value,),) = rows(ctx, query, **values)
    return value


def snapshot(ctx: Context, *, but: Sequence[str] = ()) -> dict[str, str]:
    """A digest of every table's rows: equal means nothing was changed. The log's links go with the log."""
    but = (*but, "audit_link") if "audit" in but else but
    query = "select md5(coalesce(string_agg(t::text, chr(10) order by t::text), '')) from \"{}\" t"
    return {name: str(one(ctx, query.format(name))) for name in metadata.tables if name not in but}
