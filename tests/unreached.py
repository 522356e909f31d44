"""Campaigns whose messages did not arrive, written straight into the tables."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select

from pushsvc.context import Context
from pushsvc.store import tables
from pushsvc.store.campaigns import ensure_run
from pushsvc.store.session import transaction
from tests.making import make_campaign, make_person, make_policy

STREET, OTHER_STREET, DISTRICT = "330102001", "330102003", "330102"


def campaign(ctx: Context, ref: str = "policy-1", **columns: Any) -> int:
    """A running campaign with a run; returns its number."""
    with transaction(ctx.engine) as conn:
        made = make_campaign(conn, ctx, make_policy(conn, ctx, ref), **columns)
        ensure_run(conn, key=f"campaign:{made}", kind="campaign", now=ctx.clock(), campaign_id=made)
    return made


def someone(ctx: Context, n: int, region: str | None = STREET, *, name: str = "张三", **columns: Any) -> int:
    """A citizen of that region with a phone."""
    cipher = ctx.keyring.encrypt(name, "profile:name")
    with transaction(ctx.engine) as conn:
        return make_person(conn, ctx, n, region=region, name=cipher, **{"channels": ("sms",), **columns})


def refuse(ctx: Context, number: int, profile: int, code: str, **columns: Any) -> None:
    """A refusal of the campaign's run."""
    values = {"profile_id": profile, "recipient_id": profile, "door": "subscribed", "code": code, "at": ctx.clock()}
    with transaction(ctx.engine) as conn:
        run_id = conn.scalar(select(tables.run.c.id).where(tables.run.c.campaign_id == number))
        conn.execute(insert(tables.refusal).values(run_id=run_id, **{**values, **columns}))


def deliver(ctx: Context, number: int, profile: int, state: str, code: str | None = None, **columns: Any) -> None:
    """A delivery of the campaign's run as it ended."""
    with transaction(ctx.engine) as conn:
        run_id = conn.scalar(select(tables.run.c.id).where(tables.run.c.campaign_id == number))
        values = {"run_id": run_id, "profile_id": profile, "recipient_id": profile, "address_id": 1, "channel": "sms"}
        values |= {"door": "subscribed", "state": state, "code": code, "step": 0, **columns}
        values |= {"policy_id": 1, "planned_at": ctx.clock(), "updated_at": ctx.clock()}
        key = f"{number}-{values['recipient_id']}-{values['channel']}-{values['step']}"
        conn.execute(insert(tables.delivery).values(**values, wire_key=key))
