"""Fingerprints of stored texts, and those that could be of the same text as some given ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, cast, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from pushsvc.store.session import Connection
from pushsvc.store.tables import policy, policy_fingerprint

_ALL = 500  # more texts than this at once are compared with everything: asking for each would cost more


@dataclass(frozen=True)
class Print:
    """A text's fingerprint under its policy; `bands` are 64-bit hashes of parts of the signature."""

    policy_id: int
    ref: str
    host: str
    number: str | None
    title: str
    digest: int
    signature: bytes
    bands: tuple[int, ...]


def put_print(conn: Connection, one: Print) -> None:
    """Keep the fingerprint of the policy's present text."""
    values = {name: value for name, value in vars(one).items() if name != "ref"} | {"bands": list(one.bands)}
    statement = insert(policy_fingerprint).values(values)
    conn.execute(statement.on_conflict_do_update(index_elements=["policy_id"], set_=values))


def prints_of(conn: Connection, policy_ids: Sequence[int]) -> list[Print]:
    """The fingerprints of these policies, in the order given."""
    rows = conn.execute(_QUERY.where(policy_fingerprint.c.policy_id.in_(list(policy_ids))))
    found = {row.policy_id: _print(row) for row in rows}
    return [found[policy_id] for policy_id in policy_ids if policy_id in found]


def prints_like(conn: Connection, those: Sequence[Print]) -> list[Print]:
    """Fingerprints of other policies that share the number, the digest or a band with one of `those`, oldest first."""
    query = _QUERY.where(policy_fingerprint.c.policy_id.not_in([one.policy_id for one in those]))
    if len(those) <= _ALL:
        bands = sorted({band for one in those for band in one.bands})
        like: ColumnElement[bool] = policy_fingerprint.c.number.in_([one.number for one in those if one.number])
        like |= policy_fingerprint.c.digest.in_([one.digest for one in those if one.digest])
        if bands:
            like |= policy_fingerprint.c.bands.op("&&")(cast(bands, ARRAY(BigInteger)))
        query = query.where(like)
    return [_print(row) for row in conn.execute(query.order_by(policy_fingerprint.c.policy_id))]


_QUERY = select(
    policy_fingerprint.c.policy_id,
    policy.c.ref,
    *(policy_fingerprint.c[name] for name in ("host", "number", "title", "digest", "signature", "bands")),
).join(policy)


def _print(row: Row[Any]) -> Print:
    values = dict(row._mapping)
    return Print(**values | {"signature": bytes(values["signature"]), "bands": tuple(values["bands"])})
