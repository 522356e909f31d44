"""What the database holds, in digests: of everything, or of what belongs to some people. Equal means unchanged."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from pushsvc.context import Context
from pushsvc.store import tables
from pushsvc.store.session import transaction
from tests.web.access_scene import Scene

OWNERS = ("profile_id", "person_id", "recipient_id", "guardian_id", "firm_id")


def held_by(scene: Scene, *names: str) -> dict[str, str]:
    """A digest of all rows that belong to these people, table by table: equal means nothing of theirs was changed."""
    ids = ",".join(str(scene.people[name]) for name in names)
    return _digests(scene.ctx, [(name, mine) for name in tables.metadata.tables if (mine := _whose(name, ids))])


LOOKS = ("audit", "resident_session", "proxy_act")  # who looked at what, and when


def everything(scene: Scene) -> dict[str, str]:
    """A digest of every table but those that say who looked."""
    return all_tables(scene.ctx, but=LOOKS)


def all_tables(ctx: Context, *, but: Sequence[str] = ()) -> dict[str, str]:
    """A digest of every table, by one query. The log's links go with the log."""
    but = (*but, "audit_link") if "audit" in but else but
    return _digests(ctx, [(name, "true") for name in tables.metadata.tables if name not in but])


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The tables that are not as they were."""
    return [name for name in before if before[name] != after[name]]


def _whose(table: str, ids: str) -> str:
    columns = tables.metadata.tables[table].columns
    mine = [name for name in OWNERS if name in columns] + (["id"] if table == "profile" else [])
    if table in ("resident_session", "proxy_act"):  # the moment of a look
        return ""
    return " or ".join(f"{name} in ({ids})" for name in mine)


def _digests(ctx: Context, parts: Sequence[tuple[str, str]]) -> dict[str, str]:
    one_ = "select '{0}', md5(coalesce(string_agg(t::text, chr(10) order by t::text), '')) from \"{0}\" t where {1}"
    with transaction(ctx.engine) as conn:
        found = conn.execute(text(" union all ".join(one_.format(*part) for part in parts)))
        return {row[0]: row[1] for row in found}
