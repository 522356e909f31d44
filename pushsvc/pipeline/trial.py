"""A trial: outside production, or for a new agency, only listed recipients are contacted. What the others would have
got goes the whole way to its attempt, and is refused there as `simulated`: it counts for nothing afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from pushsvc.context import Context
from pushsvc.store import trial as store
from pushsvc.store.members import Member, Run
from pushsvc.trial_file import Listed, read_trial

SIMULATED = "simulated"


@dataclass
class _Files:
    """The lists that this process has read, by path."""

    read: dict[str, Listed] = field(default_factory=dict)


def simulated(ctx: Context, conn: Connection, run: Run, members: Sequence[Member]) -> set[int]:
    """The members, by id, of a run that is no digest, who are not really to be written to.

    A system message (a sign-in code) belongs to no agency: where only some are on trial, it goes out.
    """
    if not ctx.settings.trial or not members:
        return set()
    agency = None if run.campaign is None else _agency(conn, run.campaign)
    if not _on_trial(ctx, agency):
        return set()
    listed = _listed(ctx, conn, [row["recipient_id"] for row in members])
    return {row["id"] for row in members if row["recipient_id"] not in listed}


def simulated_items(ctx: Context, conn: Connection, items: Sequence[Mapping[Any, Any]]) -> set[tuple[int, int]]:
    """The items of digests, as (delivery, policy), that are not really to be told: each by its policy's agency."""
    if not ctx.settings.trial or not items:
        return set()
    agencies = store.agencies_of(conn, sorted({item["policy_id"] for item in items}))
    tried = [item for item in items if _on_trial(ctx, agencies.get(item["policy_id"]))]
    listed = _listed(ctx, conn, [item["recipient_id"] for item in tried])
    return {(item["delivery_id"], item["policy_id"]) for item in tried if item["recipient_id"] not in listed}


def _agency(conn: Connection, campaign: Mapping[str, Any]) -> str | None:
    return store.agencies_of(conn, [campaign["policy_id"]]).get(campaign["policy_id"])


def _on_trial(ctx: Context, agency: str | None) -> bool:
    some = {name.strip() for name in ctx.settings.trial_agencies.replace("，", ",").split(",")} - {""}
    return not some or agency in some


def _listed(ctx: Context, conn: Connection, recipients: Sequence[int]) -> set[int]:
    files = ctx.kept.of(_Files).read
    if ctx.settings.trial not in files:
        files[ctx.settings.trial] = read_trial(ctx.settings.trial)
    known = files[ctx.settings.trial]
    lookups = [ctx.keyring.lookup(channel, value) for channel, value in known.addresses]
    return store.listed(conn, sorted(set(recipients)), refs=known.refs, lookups=lookups)
