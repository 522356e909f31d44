"""Published policies as pages and programs read them. Drafts and withdrawn texts are not here (no basis, no notice)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, and_, func, literal, or_, select, text

from pushsvc.store.session import Connection
from pushsvc.store.tables import feedback, policy

PAGE = 20
MOST_TERMS = 6  # words of a search that are looked for
_ROW = (
    "id", "ref", "family", "event", "kind", "title", "doc_no", "agency", "topic", "region", "summary", "amount",
    "mandatory", "sensitive", "date_published", "window_opens", "window_closes", "valid_to", "url", "published_at",
)  # fmt: skip


@dataclass(frozen=True)
class PolicyRow:
    """One published policy in a list."""

    id: int
    ref: str
    family: str
    event: str
    kind: str
    title: str
    doc_no: str | None
    agency: str
    topic: str
    region: str
    summary: str | None
    amount: str | None
    mandatory: bool
    sensitive: bool
    date_published: date | None
    window_opens: date | None
    window_closes: date | None
    valid_to: date | None
    url: str | None
    published_at: datetime | None


@dataclass(frozen=True)
class PolicyText:
    """What a policy's own page shows beside its row."""

    body: str
    criteria: object
    themes: tuple[str, ...]
    tags: tuple[str, ...]
    date_written: date | None
    date_effective: date | None
    normative_no: str | None
    version: str | None
    agencies: tuple[str, ...]
    repealed_by: int | None


@dataclass(frozen=True)
class Filter:
    """What a reader looks for; `open_on` keeps policies one may apply for on that day.

    `words` as typed; `terms`: what they were cut into, all of which must occur, those with them in the title first.
    Without terms, the parts between blanks must.
    """

    words: str = ""
    terms: tuple[str, ...] = ()
    topic: str = ""
    kind: str = ""
    regions: tuple[str, ...] = ()
    open_on: date | None = None


def policies(conn: Connection, wanted: Filter, *, page: int = 1, size: int = PAGE) -> tuple[list[PolicyRow], int]:
    """One page of published policies, the newest first, and how many there are in all."""
    where, order = _conditions(wanted), (*_nearness(wanted), policy.c.visible_no.desc())
    total = None if wanted.terms else conn.scalar(select(func.count()).select_from(policy).where(*where))
    # Words are looked for in every text: once, then, the matches being few.
    count = func.count().over() if wanted.terms else literal(total)
    query = _rows(count).where(*where).order_by(*order).limit(size).offset((page - 1) * size)
    rows = list(conn.execute(query))
    if not rows and wanted.terms and page > 1:
        return [], policies(conn, wanted, size=1)[1]
    return [PolicyRow(*row[:-1]) for row in rows], (rows[0][-1] if rows else total or 0)


def policies_by_id(conn: Connection, ids: Sequence[int]) -> dict[int, PolicyRow]:
    """Published policies by id; those not published are missing."""
    found = conn.execute(_rows().where(policy.c.id.in_(list(ids)), policy.c.state == "published"))
    return {row.id: PolicyRow(*row) for row in found}


def with_newest(conn: Connection, ids: Sequence[int], newest: int) -> tuple[dict[int, PolicyRow], list[PolicyRow]]:
    """`policies_by_id`, and beside them so many of the newest, by time alone: one statement for both."""
    wanted = text("""
        policy.id = any(cast(:ids as bigint[]) || array(
            select id from policy where state = 'published' order by visible_no desc limit :newest))
    """)
    query = _rows().where(wanted, policy.c.state == "published").order_by(policy.c.visible_no.desc())
    found = conn.execute(query, {"ids": list(ids), "newest": newest})
    rows = [PolicyRow(*row) for row in found]
    return {row.id: row for row in rows}, rows[:newest]


def policy_page(conn: Connection, policy_id: int) -> tuple[PolicyRow, PolicyText] | None:
    """A published policy with its text; None where it is not published."""
    extra = tuple(policy.c[name] for name in PolicyText.__dataclass_fields__)
    row = conn.execute(_rows(*extra).where(policy.c.id == policy_id, policy.c.state == "published")).first()
    if row is None:
        return None
    count = len(_ROW)
    found = dict(zip(PolicyText.__dataclass_fields__, row[count:], strict=True))
    found |= {name: tuple(found[name]) for name in ("themes", "tags", "agencies")}
    return PolicyRow(*row[:count]), PolicyText(**found)


def family(conn: Connection, row: PolicyRow, *, limit: int = 6) -> list[PolicyRow]:
    """Other published policies of the same family: earlier versions, yearly notices, readings."""
    query = _rows().where(policy.c.family == row.family, policy.c.id != row.id, policy.c.state == "published")
    return [PolicyRow(*found) for found in conn.execute(query.order_by(policy.c.visible_no.desc()).limit(limit))]


def regions_in_use(conn: Connection) -> list[str]:
    """The region codes published policies bear."""
    query = select(policy.c.region).where(policy.c.state == "published").group_by(policy.c.region)
    return list(conn.scalars(query.order_by(policy.c.region)))


def policy_id(conn: Connection, ref: str) -> int | None:
    """The id behind a reference, published or not."""
    return conn.scalar(select(policy.c.id).where(policy.c.ref == ref))


def marks(conn: Connection, profile_id: int) -> dict[int, set[str]]:
    """What a profile did with policies: {policy: {saved, applied, dismissed, …}}."""
    query = select(feedback.c.policy_id, feedback.c.kind).where(feedback.c.profile_id == profile_id).distinct()
    found: dict[int, set[str]] = {}
    for row in conn.execute(query):
        found.setdefault(row.policy_id, set()).add(row.kind)
    return found


def _rows(*extra: ColumnElement[Any]) -> Select[Any]:
    return select(*(policy.c[name] for name in _ROW), *extra)


def _nearness(wanted: Filter) -> list[ColumnElement[bool]]:
    """What was typed, then all of its terms, in the title: those policies come first."""
    if not wanted.terms:
        return []
    title = policy.c.title
    every = and_(*(_holds(title, word) for word in wanted.terms))
    return [_holds(title, wanted.words).desc(), every.desc()]


def _holds(column: Column[Any], word: str) -> ColumnElement[bool]:
    """Whether the text holds the word, in any case; words without case (Chinese) are found in a third of the time."""
    ways = column.contains if word.lower() == word.upper() else column.icontains
    return ways(word, autoescape=True)


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [policy.c.state == "published"]
    for word in wanted.terms or wanted.words.split()[:MOST_TERMS]:
        columns = (policy.c.title, policy.c.agency, policy.c.doc_no, policy.c.body)
        where.append(or_(*(_holds(column, word) for column in columns)))
    if wanted.topic:
        where.append(policy.c.topic == wanted.topic)
    if wanted.kind:
        where.append(policy.c.kind == wanted.kind)
    if wanted.regions:
        where.append(policy.c.region.in_(wanted.regions))
    if wanted.open_on:
        where.append(or_(policy.c.window_opens.is_(None), policy.c.window_opens <= wanted.open_on))
        where.append(policy.c.window_closes >= wanted.open_on)
    return where
