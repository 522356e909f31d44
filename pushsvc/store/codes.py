"""What proves somebody once: codes, of which a few may be tried, and links, of which the used ones are kept."""

from __future__ import annotations

import hmac
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert as upsert

from pushsvc.store.session import Connection
from pushsvc.store.tables import login_code, used_link

CODE_TRIES = 5


def put_code(conn: Connection, lookup: bytes, digest: bytes, expires_at: datetime) -> None:
    """Keep a one-time code's digest; an earlier code for the address is void."""
    row = {"digest": digest, "tries": 0, "expires_at": expires_at}
    conn.execute(
        upsert(login_code).values(lookup=lookup, **row).on_conflict_do_update(index_elements=["lookup"], set_=row)
    )


def try_code(conn: Connection, lookup: bytes, digest: bytes, now: datetime) -> bool:
    """Whether the code is right. It works once; each try counts, and after CODE_TRIES none does."""
    held = conn.scalar(
        update(login_code)
        .where(login_code.c.lookup == lookup, login_code.c.expires_at > now, login_code.c.tries < CODE_TRIES)
        .values(tries=login_code.c.tries + 1)
        .returning(login_code.c.digest)
    )
    if held is None or not hmac.compare_digest(bytes(held), digest):
        return False
    conn.execute(delete(login_code).where(login_code.c.lookup == lookup))
    return True


def use_link(conn: Connection, jti: str, *, expires_at: datetime) -> bool:
    """Use up a sign-in link: True for the first use only. Those past their time are forgotten once a day."""
    row = upsert(used_link).values(jti=jti, expires_at=expires_at).on_conflict_do_nothing()
    return conn.scalar(row.returning(used_link.c.jti)) is not None
