"""Campaigns: one decision to push one policy event, and the run its deliveries belong to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.dialects.postgresql import psycopg

from pushsvc.store.session import rows_cursor
from pushsvc.store.states import CAMPAIGN
from pushsvc.store.tables import campaign, policy, run, selection


def get_campaign(conn: Connection, campaign_id: int, *, lock: bool = False) -> RowMapping | None:
    """The campaign with its policy's fields (prefixed `policy_`), optionally locked for this transaction."""
    query = _CAMPAIGN.with_for_update(of=campaign) if lock else _CAMPAIGN
    return conn.execute(query, {"number": campaign_id}).mappings().one_or_none()


# Built once: every slice asks for its campaign.
_CAMPAIGN = (
    select(campaign, *[column.label(f"policy_{column.name}") for column in policy.c if column.name != "id"])
    .join(policy, policy.c.id == campaign.c.policy_id)
    .where(campaign.c.id == bindparam("number"))
)
_WRITTEN = str(_CAMPAIGN.compile(dialect=psycopg.dialect()))  # type: ignore[no-untyped-call]  # theirs
_BUMP = "update campaign set version = version + 1 where id = %s"


def read_campaign(conn: Connection, campaign_id: int) -> Mapping[str, Any] | None:
    """`get_campaign` without a lock, for a slice: written out, and no row of SQLAlchemy's."""
    return rows_cursor(conn).execute(_WRITTEN, {"number": campaign_id}).fetchone()


def list_campaigns(conn: Connection, *, limit: int = 200) -> list[RowMapping]:
    """The newest campaigns first."""
    query = select(campaign, policy.c.ref.label("policy_ref")).join(policy, policy.c.id == campaign.c.policy_id)
    return list(conn.execute(query.order_by(campaign.c.id.desc()).limit(limit)).mappings())


def insert_campaign(conn: Connection, values: Mapping[str, Any]) -> int:
    """A new draft; returns its id."""
    return int(conn.execute(insert(campaign).values(**values).returning(campaign.c.id)).scalar_one())


def move_campaign(conn: Connection, campaign_id: int, state: str, values: Mapping[str, Any] | None = None) -> bool:
    """Change the state if the table of states allows it; says whether it did."""
    sources = [source for source, after in CAMPAIGN.items() if state in after]
    done = conn.execute(
        update(campaign)
        .where(campaign.c.id == campaign_id, campaign.c.state.in_(sources))
        .values(state=state, version=campaign.c.version + 1, **(values or {}))
    )
    return done.rowcount == 1


def edit_campaign(conn: Connection, campaign_id: int, values: Mapping[str, Any]) -> None:
    """Set columns and count the version up."""
    conn.execute(update(campaign).where(campaign.c.id == campaign_id).values(version=campaign.c.version + 1, **values))


def bump(conn: Connection, campaign_id: int | None) -> None:
    """Count the campaign's version up: live pages see that something changed."""
    if campaign_id is not None:
        rows_cursor(conn).execute(_BUMP, (campaign_id,))


def unfinished(conn: Connection, now: datetime) -> list[RowMapping]:
    """Campaigns that have a step before them: due to start, to select, to plan, to expire, or perhaps finished."""
    begins = (campaign.c.state == "scheduled") & or_(campaign.c.starts_at.is_(None), campaign.c.starts_at <= now)
    over = campaign.c.state.in_(("scheduled", "paused")) & (campaign.c.expires_at <= now)
    due = (campaign.c.state == "running") | begins | over
    query = select(campaign.c.id, campaign.c.lane, campaign.c.state, campaign.c.selected_at, campaign.c.planned_at)
    return list(conn.execute(query.where(due).order_by(campaign.c.id)).mappings())


def ensure_run(
    conn: Connection,
    *,
    key: str,
    kind: str,
    now: datetime,
    campaign_id: int | None = None,
    due_at: datetime | None = None,
) -> int:
    """The run with this key, made on first use."""
    made = conn.execute(
        upsert(run)
        .values(key=key, kind=kind, campaign_id=campaign_id, due_at=due_at, created_at=now)
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(run.c.id)
    ).scalar_one_or_none()
    return int(made if made is not None else conn.execute(select(run.c.id).where(run.c.key == key)).scalar_one())


def set_run_content(conn: Connection, run_id: int, cipher: bytes) -> None:
    """Keep a system message's own words, as ciphertext."""
    conn.execute(update(run).where(run.c.id == run_id).values(content=cipher))


def count_selections(conn: Connection, campaign_id: int) -> dict[str, int]:
    """Selections by door."""
    query = select(selection.c.door, func.count()).where(selection.c.campaign_id == campaign_id)
    return {door: int(n) for door, n in conn.execute(query.group_by(selection.c.door))}


def has_selections(conn: Connection, campaign_id: int) -> bool:
    """Whether the campaign chose anybody."""
    mine = select(selection.c.rank).where(selection.c.campaign_id == campaign_id).limit(1)
    return conn.execute(mine).first() is not None


def bump_runs(conn: Connection, run_ids: set[int]) -> None:
    """Count up the versions of the campaigns these runs belong to."""
    ids = select(run.c.campaign_id).where(run.c.id.in_(run_ids), run.c.campaign_id.is_not(None))
    conn.execute(update(campaign).where(campaign.c.id.in_(ids)).values(version=campaign.c.version + 1))
