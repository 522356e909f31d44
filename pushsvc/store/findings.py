"""What was found in a policy's text: open, settled by a person, or gone with the text it was found in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert

from pushsvc.store.session import Connection
from pushsvc.store.tables import policy, policy_finding

PAGE = 50
_OPEN = policy_finding.c.settled_at.is_(None) & policy_finding.c.gone_at.is_(None)


@dataclass(frozen=True)
class NewFinding:
    """One thing found, in both languages; `place` is the field it is about. Blocking: a person must look first."""

    code: str
    place: str
    zh: str
    en: str
    blocking: bool


@dataclass(frozen=True)
class StoredFinding:
    """A finding about a policy's present text, with who settled it and why."""

    id: int
    policy_id: int
    code: str
    place: str
    zh: str
    en: str
    blocking: bool
    found_at: datetime
    settled_at: datetime | None
    settled_by: str | None
    reason: str | None


@dataclass(frozen=True)
class HeldPolicy:
    """A draft that waits for a person: the codes of its open blocking findings in the order found."""

    id: int
    ref: str
    title: str
    agency: str
    codes: tuple[str, ...]
    since: datetime


@dataclass(frozen=True)
class ToldFinding:
    """A note for operators with the title of its policy."""

    policy_id: int
    title: str
    code: str
    zh: str
    en: str
    found_at: datetime


_COLUMNS = tuple(policy_finding.c[name] for name in StoredFinding.__dataclass_fields__)


def put_findings(conn: Connection, policy_id: int, about: str, found: Sequence[NewFinding], at: datetime) -> None:
    """Write down what was found in the text `about`; what was found in another text is gone.

    What is known of this text already stays as it is, settled or not.
    """
    stale = (policy_finding.c.policy_id == policy_id) & (policy_finding.c.about != about)
    conn.execute(update(policy_finding).where(stale, policy_finding.c.gone_at.is_(None)).values(gone_at=at))
    rows = [{"policy_id": policy_id, "about": about, "found_at": at, **vars(one)} for one in found]
    if rows:
        key = ["policy_id", "about", "code", "place"]
        first = {(row["code"], row["place"]): row for row in reversed(rows)}
        statement = insert(policy_finding).values(list(reversed(first.values())))
        conn.execute(statement.on_conflict_do_update(index_elements=key, set_={"gone_at": None}))


def open_blocks(conn: Connection, policy_ids: Sequence[int]) -> dict[int, list[StoredFinding]]:
    """Open blocking findings by policy, in the order found; policies without any are missing."""
    query = select(*_COLUMNS).where(policy_finding.c.policy_id.in_(list(policy_ids)), policy_finding.c.blocking, _OPEN)
    found: dict[int, list[StoredFinding]] = {}
    for row in conn.execute(query.order_by(policy_finding.c.id)):
        found.setdefault(row.policy_id, []).append(StoredFinding(*row))
    return found


def findings_of(conn: Connection, policy_id: int) -> list[StoredFinding]:
    """All findings about the policy's present text, the blocking ones first."""
    query = select(*_COLUMNS).where(policy_finding.c.policy_id == policy_id, policy_finding.c.gone_at.is_(None))
    rows = conn.execute(query.order_by(policy_finding.c.blocking.desc(), policy_finding.c.id))
    return [StoredFinding(*row) for row in rows]


def finding(conn: Connection, finding_id: int) -> StoredFinding | None:
    """One finding, held until the end of the transaction; None where its text is gone."""
    query = select(*_COLUMNS).where(policy_finding.c.id == finding_id, policy_finding.c.gone_at.is_(None))
    row = conn.execute(query.with_for_update()).first()
    return None if row is None else StoredFinding(*row)


def settle_finding(conn: Connection, finding_id: int, *, by: str, reason: str, at: datetime) -> None:
    """Write down who looked and why it may stand."""
    values = {"settled_at": at, "settled_by": by, "reason": reason}
    conn.execute(update(policy_finding).where(policy_finding.c.id == finding_id).values(values))


def held_policies(conn: Connection, *, page: int = 1, size: int = PAGE) -> tuple[list[HeldPolicy], int]:
    """One page of the queue, who waits longest first, and how many wait in all."""
    held = _held().subquery()
    total = conn.scalar(select(func.count()).select_from(held)) or 0
    rows = conn.execute(select(held).order_by(held.c.since, held.c.id).limit(size).offset((page - 1) * size))
    return [HeldPolicy(row.id, row.ref, row.title, row.agency, tuple(row.codes), row.since) for row in rows], total


def told_findings(conn: Connection, codes: Sequence[str], *, limit: int = PAGE) -> list[ToldFinding]:
    """The newest open findings of these codes."""
    found = policy_finding.c
    query = select(found.policy_id, policy.c.title, found.code, found.zh, found.en, found.found_at)
    query = query.join(policy).where(found.code.in_(list(codes)), _OPEN).order_by(found.id.desc()).limit(limit)
    return [ToldFinding(*row) for row in conn.execute(query)]


def held_by_code(conn: Connection) -> dict[str, int]:
    """How many drafts each code holds, the most frequent first; a draft with two codes counts for both."""
    n = func.count(policy_finding.c.policy_id.distinct())
    query = select(policy_finding.c.code, n).join(policy).where(policy.c.state == "draft", policy_finding.c.blocking)
    rows = conn.execute(query.where(_OPEN).group_by(policy_finding.c.code).order_by(n.desc(), policy_finding.c.code))
    return {row[0]: row[1] for row in rows}


def _held() -> Select[tuple[int, str, str, str, list[str], datetime]]:
    codes = func.array_agg(policy_finding.c.code).label("codes")
    since = func.min(policy_finding.c.found_at).label("since")
    query = select(policy.c.id, policy.c.ref, policy.c.title, policy.c.agency, codes, since)
    query = query.join(policy_finding).where(policy.c.state == "draft", policy_finding.c.blocking, _OPEN)
    return query.group_by(policy.c.id)
