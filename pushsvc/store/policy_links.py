"""What one policy says of others: kept by number and title, resolved when exactly one stored policy fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, insert, text

from pushsvc.store.session import Connection
from pushsvc.store.tables import policy_link

DUPLICATES = "duplicates"


@dataclass(frozen=True)
class NewLink:
    """A relation to another text, named by its number, its title or both; `target_id` where it is known."""

    relation: str
    doc_no: str | None
    title: str | None
    target_id: int | None = None


@dataclass(frozen=True)
class LinkRow:
    """A link as pages show it: the other policy's id, reference, title, state and number where it is stored."""

    relation: str
    doc_no: str | None
    title: str | None
    target_id: int | None
    target_ref: str | None
    target_title: str | None
    target_state: str | None
    target_no: str | None


@dataclass(frozen=True)
class Repeal:
    """A policy that was closed just now: which, by which, and its last day."""

    policy_id: int
    ref: str
    by_ref: str
    by_no: str | None
    valid_to: date


_NO_COPY = f"not exists (select from policy_link c where c.policy_id = p.id and c.relation = '{DUPLICATES}')"

_FITS = f"""
    touched as (
        select l.id, l.policy_id, l.doc_no, l.title from policy_link l
        where l.relation <> '{DUPLICATES}' and (
            l.policy_id = any(:ids)
            or l.doc_no in (select unnest(doc_nos) from policy where id = any(:ids))
            or (l.doc_no is null and l.title in (select title from policy where id = any(:ids)))
        )
    ), fits as (
        select t.id as link, p.id as target, p.title = t.title as named from touched t
        join policy p on p.doc_nos @> array[t.doc_no] and p.id <> t.policy_id where t.doc_no is not null and {_NO_COPY}
        union all
        select t.id, p.id, true from touched t
        join policy p on p.title = t.title and p.id <> t.policy_id where t.doc_no is null and {_NO_COPY}
    )
"""

_RESOLVE = text(f"""
    with {_FITS}, best as (
        select link, case when count(*) = 1 then min(target)
            when count(*) filter (where named) = 1 then min(target) filter (where named) end as target
        from fits group by link
    )
    update policy_link l set target_id = b.target from touched t left join best b on b.link = t.id
    where l.id = t.id and l.target_id is distinct from b.target
""")

_UNCLEAR = text(f"""
    with {_FITS} select l.doc_no, l.title, count(*) from fits f join policy_link l on l.id = f.link
    where l.relation = 'repeals' and l.target_id is null and l.policy_id = any(:ids)
    group by l.id, l.doc_no, l.title having count(*) > 1 order by l.id
""")

_CLOSE = text("""
    with ends as (
        select distinct on (l.target_id) l.target_id, p.id, p.ref, p.doc_no,
            coalesce(p.date_effective, p.date_published, (p.published_at at time zone 'Asia/Shanghai')::date) - 1 as day
        from policy_link l join policy p on p.id = l.policy_id and p.state = 'published'
        join policy o on o.id = l.target_id and o.repealed_by is null
        where l.relation = 'repeals' order by l.target_id, day
    )
    update policy t set repealed_by = e.id, valid_to = least(t.valid_to, e.day) from ends e
    where t.id = e.target_id returning t.id, t.ref, e.ref, e.doc_no, t.valid_to
""")

_SHOWN = """
    select l.relation, l.doc_no, l.title, p.id, p.ref, p.title, p.state, p.doc_no
    from policy_link l left join policy p on p.id = l.{other} where l.{own} = :id order by l.relation, l.id
"""


def put_links(conn: Connection, policy_id: int, links: Sequence[NewLink], *, relations: Sequence[str]) -> None:
    """Replace the policy's links of these relations."""
    mine = policy_link.c.policy_id == policy_id
    conn.execute(delete(policy_link).where(mine, policy_link.c.relation.in_(list(relations))))
    if links:
        conn.execute(insert(policy_link), [{"policy_id": policy_id, **vars(link)} for link in dict.fromkeys(links)])


def resolve_links(conn: Connection, policy_ids: Sequence[int]) -> None:
    """Look again at the links of these policies and at those that may mean one of them."""
    conn.execute(_RESOLVE, {"ids": list(policy_ids)})


def unclear_repeals(conn: Connection, policy_id: int) -> list[tuple[str | None, str | None, int]]:
    """(number, title, how many fit) for each repeal that could mean several policies."""
    return [(row[0], row[1], row[2]) for row in conn.execute(_UNCLEAR, {"ids": [policy_id]})]


def close_repealed(conn: Connection) -> list[Repeal]:
    """End what a published policy repeals: its last day is the one before the repealing policy takes effect."""
    return [Repeal(*row) for row in conn.execute(_CLOSE)]


def links_from(conn: Connection, policy_id: int) -> list[LinkRow]:
    """What the policy says of others."""
    return [
        LinkRow(*row)
        for row in conn.execute(text(_SHOWN.format(other="target_id", own="policy_id")), {"id": policy_id})
    ]


def links_to(conn: Connection, policy_id: int) -> list[LinkRow]:
    """What others say of the policy; the row's target is the other one."""
    return [
        LinkRow(*row)
        for row in conn.execute(text(_SHOWN.format(other="policy_id", own="target_id")), {"id": policy_id})
    ]


_FACES = text("""
    select distinct s.family, t.family from policy_link l join policy s on s.id = l.policy_id
    join policy t on t.id = l.target_id
    where l.relation = any(:relations) and s.family <> t.family order by 1, 2
""")


def families_told_again(conn: Connection) -> list[tuple[str, str]]:
    """(family, other family) where a policy of the one passes on, explains or repeats one of the other."""
    return [(row[0], row[1]) for row in conn.execute(_FACES, {"relations": ["forwards", "interprets", DUPLICATES]})]
