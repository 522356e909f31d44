"""Questions that are answered to everybody: drafts of one operator, published by another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, or_, select, update

from pushsvc.store.session import Connection
from pushsvc.store.tables import faq, policy

PAGE = 20
MOST = 500  # that share a word with what is looked for: they are put in order by whoever asked


@dataclass(frozen=True)
class FaqRow:
    """One of them, with the title and state of its policy."""

    id: int
    policy_id: int | None
    question_id: int | None
    agency: str
    question: str
    answer: str
    state: str
    author: str
    reviewer: str | None
    written_at: datetime
    published_at: datetime | None
    title: str | None
    public: bool


_QUERY = select(
    *(faq.c[name] for name in FaqRow.__dataclass_fields__ if name not in ("title", "public")),
    policy.c.title,
    func.coalesce(policy.c.state == "published", False).label("public"),
).outerjoin(policy, policy.c.id == faq.c.policy_id)
_PUBLISHED = faq.c.state == "published"


def add_faq(conn: Connection, row: dict[str, object]) -> int:
    """Keep a draft; its number."""
    return int(conn.execute(insert(faq).values(row).returning(faq.c.id)).scalar_one())


def lock_faq(conn: Connection, number: int) -> FaqRow | None:
    """One of them, held until the end of the transaction."""
    found = _rows(conn, _QUERY.where(faq.c.id == number).with_for_update(of=faq))
    return found[0] if found else None


def change(conn: Connection, number: int, **values: object) -> None:
    """Set columns of one that the caller holds."""
    conn.execute(update(faq).where(faq.c.id == number).values(**values))


def drafts(conn: Connection, *, limit: int = 100) -> list[FaqRow]:
    """Those that wait for a second person, the oldest first."""
    return _rows(conn, _QUERY.where(faq.c.state == "draft").order_by(faq.c.id).limit(limit))


def published(conn: Connection, *, page: int = 1, size: int = PAGE) -> tuple[list[FaqRow], int]:
    """A page of those that everybody reads, the newest first, and how many there are."""
    total = conn.scalar(select(func.count()).select_from(faq).where(_PUBLISHED)) or 0
    query = _QUERY.where(_PUBLISHED).order_by(faq.c.published_at.desc(), faq.c.id.desc())
    return _rows(conn, query.limit(size).offset((page - 1) * size)), total


def of_family(conn: Connection, policy_id: int, *, limit: int = 10) -> list[FaqRow]:
    """Those on a policy or another of its family, its own first, then the newest."""
    family = select(policy.c.family).where(policy.c.id == policy_id).scalar_subquery()
    query = _QUERY.where(_PUBLISHED, policy.c.family == family)
    return _rows(conn, query.order_by(faq.c.policy_id != policy_id, faq.c.id.desc()).limit(limit))


def with_any(conn: Connection, words: Sequence[str]) -> list[FaqRow]:
    """Those that hold at least one of the words."""
    held = [column.icontains(word, autoescape=True) for word in words for column in (faq.c.question, faq.c.answer)]
    if not held:
        return []
    return _rows(conn, _QUERY.where(_PUBLISHED, or_(*held)).order_by(faq.c.id.desc()).limit(MOST))


def of_question(conn: Connection, question_id: int) -> list[FaqRow]:
    """What became public of one question."""
    return _rows(conn, _QUERY.where(faq.c.question_id == question_id).order_by(faq.c.id))


def _rows(conn: Connection, query: Select[Any]) -> list[FaqRow]:
    return [FaqRow(**row) for row in conn.execute(query).mappings()]
