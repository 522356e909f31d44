"""Policies: imported as drafts, published once, numbered in the order in which they become visible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, text, update

from pushsvc.store.session import Connection
from pushsvc.store.tables import campaign, policy, visibility

_PUBLISH_LOCK = 0x70756C69  # one publication commits before the next takes its number


@dataclass(frozen=True)
class Policy:
    """One policy as stored; `criteria` is a checked tree or None, dates are the office's, moments are UTC."""

    id: int
    ref: str
    family: str
    event: str
    kind: str
    title: str
    doc_no: str | None
    index_no: str | None
    agency: str
    themes: tuple[str, ...]
    tags: tuple[str, ...]
    topic: str
    region: str
    industries: tuple[str, ...]
    summary: str | None
    amount: str | None
    body: str
    criteria: Mapping[str, Any] | None
    mandatory: bool
    sensitive: bool
    date_written: date | None
    date_published: date | None
    window_opens: date | None
    window_closes: date | None
    date_effective: date | None
    valid_to: date | None
    normative_no: str | None
    version: str | None
    doc_nos: tuple[str, ...]
    agencies: tuple[str, ...]
    url: str | None
    repealed_by: int | None
    state: str
    author: str | None
    reviewer: str | None
    checksum: str
    approved_checksum: str | None
    source_checksum: str | None
    visible_no: int | None
    published_at: datetime | None


_FIELDS = [field.name for field in fields(Policy)]
_QUERY = select(*(policy.c[name] for name in _FIELDS))


def policy_by_ref(conn: Connection, ref: str, *, lock: bool = False) -> Policy | None:
    """The policy with this outside reference, held until the end of the transaction with `lock`."""
    query = _QUERY.where(policy.c.ref == ref)
    return _policy(conn.execute(query.with_for_update(key_share=True) if lock else query).first())


def policy_by_id(conn: Connection, policy_id: int) -> Policy | None:
    """The policy with this number."""
    return _policy(conn.execute(_QUERY.where(policy.c.id == policy_id)).first())


def policies_by_id(conn: Connection, policy_ids: Sequence[int]) -> list[Policy]:
    """The policies with these numbers, by id."""
    rows = conn.execute(_QUERY.where(policy.c.id.in_(list(policy_ids))).order_by(policy.c.id))
    return [_policy_of(row) for row in rows]


def published_policies(conn: Connection, *, on: date | None = None, limit: int | None = None) -> list[Policy]:
    """Published policies, newest first; with `on` only those still valid that day, with `limit` the newest."""
    query = _QUERY.where(policy.c.state == "published").order_by(policy.c.visible_no.desc())
    if on is not None:
        query = query.where((policy.c.valid_to.is_(None)) | (policy.c.valid_to >= on))
    return [_policy_of(row) for row in conn.execute(query.limit(limit))]


def criteria_policies(conn: Connection, *, limit: int) -> list[tuple[str, str]]:
    """Reference and title of the policies with criteria, drafts too, the newest first."""
    query = select(policy.c.ref, policy.c.title).where(func.jsonb_typeof(policy.c.criteria) == "object")
    return [(row.ref, row.title) for row in conn.execute(query.order_by(policy.c.id.desc()).limit(limit))]


def policy_ids(conn: Connection, refs: Sequence[str]) -> dict[str, int]:
    """Numbers by outside reference, for those that exist."""
    query = select(policy.c.ref, policy.c.id).where(policy.c.ref.in_(list(refs)))
    return {row.ref: row.id for row in conn.execute(query)}


def add_policy(conn: Connection, content: Mapping[str, object], *, checksum: str, at: datetime) -> int:
    """Insert a draft; `content` holds the columns. Returns its number."""
    values = {**content, "checksum": checksum, "imported_at": at}
    return int(conn.execute(insert(policy).values(values).returning(policy.c.id)).scalar_one())


def change_policy(conn: Connection, ref: str, content: Mapping[str, object], *, checksum: str, at: datetime) -> None:
    """Replace the content of a draft. Whether another text repeals it is asked anew."""
    values = {**content, "checksum": checksum, "imported_at": at, "repealed_by": None}
    conn.execute(update(policy).where(policy.c.ref == ref, policy.c.state == "draft").values(values))


def set_under_review(conn: Connection, policy_id: int, *, author: str, checksum: str) -> None:
    """Remember who submitted which content."""
    values = {"author": author, "approved_checksum": checksum}
    conn.execute(update(policy).where(policy.c.id == policy_id).values(values))


def set_published(conn: Connection, found: Policy, *, author: str, reviewer: str, at: datetime) -> int:
    """Publish: takes the next visibility number under a lock held until the commit, so numbers appear in order."""
    conn.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _PUBLISH_LOCK})
    number = int(conn.execute(select(visibility.next_value())).scalar_one())
    values = {
        "state": "published",
        "author": author,
        "reviewer": reviewer,
        "approved_checksum": found.checksum,
        "visible_no": number,
        "published_at": at,
    }
    conn.execute(update(policy).where(policy.c.id == found.id).values(values))
    return number


def first_campaign(conn: Connection, policy_id: int) -> int | None:
    """The campaign that the policy's publication made."""
    query = select(campaign.c.id).where(campaign.c.policy_id == policy_id).order_by(campaign.c.id).limit(1)
    return conn.execute(query).scalar()


def _policy(row: Row[Any] | None) -> Policy | None:
    return None if row is None else _policy_of(row)


def policy_of_campaign(row: Mapping[Any, Any]) -> Policy:
    """The policy that a campaign's row (of `get_campaign`) tells of."""
    return _made({name: row["policy_id" if name == "id" else f"policy_{name}"] for name in _FIELDS})


def _policy_of(row: Row[Any]) -> Policy:
    return _made(dict(zip(_FIELDS, row, strict=True)))


def _made(values: dict[str, Any]) -> Policy:
    for name in ("themes", "tags", "industries", "doc_nos", "agencies"):
        values[name] = tuple(values[name])
    return Policy(**values)
