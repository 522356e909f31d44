"""Receipts: stored raw first, matched to deliveries after; the same callback twice is one row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select, text, update
from sqlalchemy.dialects.postgresql import insert

from pushsvc.store.tables import receipt


def store_receipts(conn: Connection, provider: str, rows: Sequence[dict[str, Any]], now: datetime) -> int:
    """Keep receipts (`wire_key`, `status`, `code`, `raw`); returns how many are new."""
    if not rows:
        return 0
    values = [row | {"provider": provider, "received_at": now, "checksum": _checksum(provider, row)} for row in rows]
    query = insert(receipt).on_conflict_do_nothing(index_elements=["checksum"]).returning(receipt.c.id)
    return len(conn.execute(query, values).all())


def unmatched(conn: Connection, *, after: int, limit: int) -> list[RowMapping]:
    """Receipts that no delivery has been given yet, with a number above `after`, oldest first, locked."""
    query = select(receipt).where(receipt.c.matched_at.is_(None), receipt.c.id > after)
    query = query.order_by(receipt.c.id).limit(limit)
    return list(conn.execute(query.with_for_update(skip_locked=True)).mappings())


def mark_matched(conn: Connection, ids: Sequence[int], now: datetime) -> None:
    """These receipts have been looked at and need no second look."""
    if ids:
        conn.execute(update(receipt).where(receipt.c.id.in_(ids)).values(matched_at=now))


_SUPPRESS = text("""
    insert into suppression (channel, lookup, reason, source, at)
    select a.channel, a.lookup, :reason, 'receipt', :now from address a where a.id = any(:ids) and a.channel <> 'app'
    on conflict do nothing
""")


def suppress_addresses(conn: Connection, address_ids: Sequence[int], reason: str, now: datetime) -> int:
    """Addresses that bounced for good or complained are not used again."""
    if not address_ids:
        return 0
    return conn.execute(_SUPPRESS, {"ids": list(address_ids), "reason": reason, "now": now}).rowcount


def _checksum(provider: str, row: dict[str, Any]) -> bytes:
    told = [provider, row["wire_key"], row["status"], row["code"], row["raw"]]
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False, default=str).encode()).digest()
