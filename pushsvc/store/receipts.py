"""Receipts: stored raw first, matched to deliveries after; the same callback twice is one row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, RowMapping, Text, select, text, update
from sqlalchemy.dialects.postgresql import insert

from pushsvc.store.arrays import derived
from pushsvc.store.tables import receipt

OPT_OUT = "opt_out"  # the reason of a suppression that spares what a duty requires
_UNSAID: Mapping[str, Any] = {
    **dict.fromkeys(("wire_key", "route", "batch_key", "provider_id", "lookup")),
    "soft": False,
}


def store_receipts(conn: Connection, provider: str, rows: Sequence[dict[str, Any]], now: datetime) -> int:
    """Keep receipts (`wire_key`, `status`, `code`, `raw`, and where they are known `route`, `batch_key`, `provider_id`,
    `lookup`, `soft`); returns how many are new."""
    if not rows:
        return 0
    whole = [{**_UNSAID, **row} for row in rows]
    values = [row | {"provider": provider, "received_at": now, "checksum": _checksum(provider, row)} for row in whole]
    query = insert(receipt).on_conflict_do_nothing(index_elements=["checksum"]).returning(receipt.c.id)
    return len(conn.execute(query, values).all())


def unmatched(conn: Connection, *, after: int, limit: int) -> list[RowMapping]:
    """Receipts that no delivery has been given yet, with a number above `after`, oldest first, locked."""
    query = select(receipt).where(receipt.c.matched_at.is_(None), receipt.c.id > after)
    query = query.order_by(receipt.c.id).limit(limit)
    return list(conn.execute(query.with_for_update(skip_locked=True)).mappings())


def mark_matched(conn: Connection, keys: Mapping[int, str], now: datetime) -> None:
    """These receipts (id → wire key of the delivery they were given to) need no second look."""
    if keys:
        given = derived(id=(list(keys), BigInteger), key=(list(keys.values()), Text))
        done = update(receipt).where(receipt.c.id == given.c.id)
        conn.execute(done.values(matched_at=now, wire_key=given.c.key))


def set_aside(conn: Connection, ids: Sequence[int], now: datetime) -> None:
    """These receipts are of no message that their sender could speak of: they are kept, and prove nothing."""
    if ids:
        conn.execute(update(receipt).where(receipt.c.id.in_(ids)).values(matched_at=now, wire_key=None))


# A stronger reason takes the place of one that spares what a duty requires, never the other way round.
_STRONGER = """
    on conflict (channel, lookup) do update set reason = excluded.reason, source = excluded.source, at = excluded.at
    where suppression.reason = 'opt_out' and excluded.reason <> 'opt_out'
"""
_SUPPRESS = text(f"""
    insert into suppression (channel, lookup, reason, source, at)
    select distinct a.channel, a.lookup, :reason, 'receipt', cast(:now as timestamptz) from address a
    where a.id = any(:ids) and a.channel <> 'app'
    order by a.channel, a.lookup {_STRONGER}
""")
_SUPPRESS_LOOKUP = text(f"""
    insert into suppression (channel, lookup, reason, source, at)
    values (:channel, :lookup, :reason, :source, :now) {_STRONGER}
""")


def suppress_addresses(conn: Connection, address_ids: Sequence[int], reason: str, now: datetime) -> int:
    """Addresses that bounced for good or complained are not used again; "opt_out" spares what a duty requires."""
    if not address_ids:
        return 0
    return conn.execute(_SUPPRESS, {"ids": list(address_ids), "reason": reason, "now": now}).rowcount


def suppress_lookup(conn: Connection, place: tuple[str, bytes], *, reason: str, source: str, now: datetime) -> int:
    """`suppress_addresses` for a (channel, keyed hash), whether or not anybody has that address."""
    values = {"channel": place[0], "lookup": place[1], "reason": reason, "source": source, "now": now}
    return conn.execute(_SUPPRESS_LOOKUP, values).rowcount


def _checksum(provider: str, row: Mapping[str, Any]) -> bytes:
    told = [provider, row["wire_key"], row["status"], row["code"], row["raw"]]
    more = [row["route"], row["batch_key"], row["provider_id"], row["lookup"], row["soft"]]
    told += more if any(more) else []
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False, default=_hex).encode()).digest()


def _hex(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
