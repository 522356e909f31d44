"""The sources that facts come from: those every installation knows, and what its operators made of them."""

from __future__ import annotations

from sqlalchemy import select, text

from profiles.sources import Source, built_in
from pushsvc.store.session import Connection
from pushsvc.store.tables import fact_source


def registered_sources(conn: Connection) -> dict[str, Source]:
    """Every registered source by name; a row of the table stands above what we bring along."""
    names = ("name", "zh", "en", "rank", "holds_days", "purpose", "basis")
    rows = conn.execute(select(*(fact_source.c[name] for name in names)))
    return {**built_in(), **{row.name: Source(*row) for row in rows}}


_IN_USE = text("""
    select said ->> 0 as name, count(*) as facts
    from profile p cross join jsonb_each(p.sources) as s(fact, said)
    where p.erased_at is null group by 1 order by 2 desc, 1
""")


def unregistered_sources(conn: Connection) -> dict[str, int]:
    """How many facts are held from each source that nobody registered."""
    known = registered_sources(conn)
    return {row.name: row.facts for row in conn.execute(_IN_USE) if row.name not in known}
