"""Trained models: kept for ever with their card; at most one serves, and which served when is written down."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, update

from pushsvc.store.locks import lock_models
from pushsvc.store.session import Connection
from pushsvc.store.tables import model, model_serving

SERVING = "serving"


@dataclass(frozen=True)
class StoredModel:
    """A model as bytes (.npz) and its card; `checksum` is the SHA-256 of the bytes as they were stored."""

    id: int
    card: Mapping[str, Any]
    arrays: bytes
    checksum: str


@dataclass(frozen=True)
class ModelRow:
    """What is said of a model without its arrays; `gate`: [{check, passed, value, bar}]; `since`: when it last began
    to serve."""

    id: int
    state: str
    card: Mapping[str, Any]
    gate: Sequence[Mapping[str, Any]]
    checksum: str
    created_at: datetime
    since: datetime | None

    @property
    def assessment(self) -> str | None:
        """Id of the impact assessment that let it serve, or was found when it was refused."""
        told = next((one.get("value") for one in self.gate if one.get("check") == "assessment"), None)
        return str(told) if told else None


@dataclass(frozen=True)
class Served:
    """A time during which a model ranked people; `why`: train | use | rollback | upgrade."""

    model_id: int
    since: datetime
    until: datetime | None
    by: str
    why: str


def add_model(
    conn: Connection, arrays: bytes, card: Mapping[str, object], *, at: datetime, active: bool = False
) -> int:
    """Store a model; an active one serves from now on, without a gate. Returns its id."""
    checksum = hashlib.sha256(arrays).hexdigest()
    values = {"card": dict(card), "arrays": arrays, "checksum": checksum, "created_at": at}
    number = int(conn.execute(insert(model).values(values).returning(model.c.id)).scalar_one())
    if active:
        serve(conn, number, at=at, by="system", why="use")
    return number


def record_gate(conn: Connection, model_id: int, gate: Sequence[Mapping[str, object]], *, refused: bool) -> None:
    """Keep the gate's answer; a refused model that does not serve says so."""
    conn.execute(update(model).where(model.c.id == model_id).values(gate=[dict(one) for one in gate]))
    if refused:
        stored = update(model).where(model.c.id == model_id, model.c.state == "stored")
        conn.execute(stored.values(state="refused"))


def serve(conn: Connection, model_id: int, *, at: datetime, by: str, why: str) -> int | None:
    """This model serves from now on, and no other; returns the id of the one that served until now."""
    lock_models(conn)
    before = conn.scalar(select(model.c.id).where(model.c.state == SERVING))
    if before == model_id:
        return int(before)
    conn.execute(update(model).where(model.c.state == SERVING).values(state="retired"))
    conn.execute(update(model_serving).where(model_serving.c.until.is_(None)).values(until=_end(at)))
    conn.execute(update(model).where(model.c.id == model_id).values(state=SERVING))
    conn.execute(insert(model_serving).values(model_id=model_id, since=at, actor=by, why=why))
    return None if before is None else int(before)


def _end(at: datetime) -> ColumnElement[datetime]:
    return func.greatest(model_serving.c.since, at)  # a clock that was set back ends nothing before it began


def active_model(conn: Connection) -> StoredModel | None:
    """The model that serves, or None."""
    stamp = active_stamp(conn)
    return model_by_id(conn, stamp[0]) if stamp else None


def active_stamp(conn: Connection) -> tuple[int, str] | None:
    """Id and checksum of the model that serves, without its arrays: tells whether a loaded one is still right."""
    row = conn.execute(select(model.c.id, model.c.checksum).where(model.c.state == SERVING)).first()
    return (row.id, row.checksum) if row else None


def model_by_id(conn: Connection, model_id: int) -> StoredModel | None:
    """A stored model with its arrays."""
    query = select(model.c.id, model.c.card, model.c.arrays, model.c.checksum).where(model.c.id == model_id)
    row = conn.execute(query).first()
    return StoredModel(row.id, row.card, bytes(row.arrays), row.checksum) if row else None


def serving_candidates(conn: Connection) -> list[int]:
    """Ids of the models to serve, the best first: the one that serves, then those that served before, the latest first.

    Empty where none serves: what was switched off does not come back by itself.
    """
    stamp = active_stamp(conn)
    if stamp is None:
        return []
    latest = func.max(model_serving.c.id)
    query = select(model_serving.c.model_id).group_by(model_serving.c.model_id).order_by(latest.desc())
    return [stamp[0], *(number for number in conn.scalars(query) if number != stamp[0])]


def model_rows(conn: Connection, *, model_id: int | None = None) -> list[ModelRow]:
    """All models, or one, the newest first; without their arrays."""
    since = select(func.max(model_serving.c.since)).where(model_serving.c.model_id == model.c.id).scalar_subquery()
    columns = (model.c.id, model.c.state, model.c.card, model.c.gate, model.c.checksum, model.c.created_at)
    query = select(*columns, since.label("since")).order_by(model.c.id.desc())
    if model_id is not None:
        query = query.where(model.c.id == model_id)
    return [ModelRow(*row) for row in conn.execute(query)]


def serving_row(conn: Connection) -> ModelRow | None:
    """The model that serves, without its arrays."""
    stamp = active_stamp(conn)
    return model_rows(conn, model_id=stamp[0])[0] if stamp else None


def history(conn: Connection) -> list[Served]:
    """What served when, the earliest first."""
    c = model_serving.c
    query = select(c.model_id, c.since, c.until, c.actor, c.why).order_by(c.id)
    return [Served(*row) for row in conn.execute(query)]
