"""Trained models: kept for ever with their card; at most one is active."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, text

from pushsvc.store.session import Connection
from pushsvc.store.tables import model


@dataclass(frozen=True)
class StoredModel:
    """A model as bytes (.npz) and its card; `checksum` is the SHA-256 of the bytes."""

    id: int
    card: Mapping[str, Any]
    arrays: bytes
    checksum: str


def add_model(conn: Connection, arrays: bytes, card: Mapping[str, object], *, active: bool, at: datetime) -> int:
    """Store a model; an active one takes the place of the one before. Returns its id."""
    if active:
        conn.execute(text("update model set active = false where active"))
    checksum = hashlib.sha256(arrays).hexdigest()
    values = {"card": dict(card), "arrays": arrays, "checksum": checksum, "active": active, "created_at": at}
    return int(conn.execute(insert(model).values(values).returning(model.c.id)).scalar_one())


def active_model(conn: Connection) -> StoredModel | None:
    """The model in use, or None."""
    query = select(model.c.id, model.c.card, model.c.arrays, model.c.checksum).where(model.c.active)
    row = conn.execute(query.order_by(model.c.id.desc()).limit(1)).first()
    return StoredModel(*row) if row else None


def active_stamp(conn: Connection) -> tuple[int, str] | None:
    """Id and checksum of the model in use, without its arrays: tells whether a loaded one is still the right one."""
    query = select(model.c.id, model.c.checksum).where(model.c.active).order_by(model.c.id.desc()).limit(1)
    row = conn.execute(query).first()
    return (row.id, row.checksum) if row else None
