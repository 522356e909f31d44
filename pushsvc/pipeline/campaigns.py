"""A campaign's life: drafted, reviewed by another person, approved by hash, started, paused, cancelled, reported."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from pushsvc.context import Context
from pushsvc.pipeline.campaign_options import DOORS, LANES, CampaignError, checked
from pushsvc.pipeline.empty_audience import require_somebody
from pushsvc.pipeline.ending import end_deliveries
from pushsvc.pipeline.four_eyes import is_name, same_person
from pushsvc.store import campaigns as store
from pushsvc.store import deliveries, digests
from pushsvc.store.access import operator
from pushsvc.store.audit import record
from pushsvc.store.policies import Policy
from pushsvc.store.session import transaction

__all__ = [
    "DOORS", "LANES", "CampaignError", "approve", "cancel", "content_hash", "create", "edit", "pause", "report",
    "request_changes", "resume", "start", "submit",
]  # fmt: skip
BOUND = ("policy_id", "family", "event", "title", "doors", "lane", "basis", "audience", "content")
# Bound where they say something: an approval from before there were these stays what it is.
SAID: Mapping[str, Any] = {"emergency": False, "rate_per_second": None, "escalate_after": None, "detail": {}}


def create(ctx: Context, policy: Policy, *, author: str, **options: Any) -> int:
    """Draft a campaign for a published policy; its options: see `campaign_options`. Raises CampaignError."""
    values = checked(options, ctx.clock())
    _require_name(author)
    with transaction(ctx.engine) as conn:
        row = {"policy_id": policy.id, "family": policy.family, "event": policy.event, "title": policy.title}
        row |= {"doors": ["subscribed", "recommended"], "author": author, "created_at": ctx.clock()} | values
        campaign_id = store.insert_campaign(conn, row)
        record(conn, at=ctx.clock(), actor=author, action="campaign.create", object=f"campaign:{campaign_id}")
        return campaign_id


def edit(ctx: Context, campaign_id: int, *, actor: str, **options: Any) -> None:
    """Change content, audience, timing or basis: any edit voids an approval and sends the campaign back to draft."""
    with transaction(ctx.engine) as conn:
        row = _get(conn, campaign_id)
        values = checked(options, ctx.clock(), row=dict(row))
        if row["state"] not in ("draft", "changes_requested", "in_review", "approved", "scheduled"):
            raise CampaignError("state", f"A campaign that is {row['state']} cannot be edited.")
        store.edit_campaign(conn, campaign_id, values | {"state": "draft", "approved_hash": None, "reviewer": None})
        record(conn, at=ctx.clock(), actor=actor, action="campaign.edit", object=f"campaign:{campaign_id}")


def submit(ctx: Context, campaign_id: int, actor: str) -> None:
    """Ask for review."""
    _move(ctx, campaign_id, "in_review", actor)


def approve(ctx: Context, campaign_id: int, actor: str) -> None:
    """Bind the content's hash to the approval. The author may not approve; an emergency needs the role for it.

    The role is looked up in the operators' table by the actor's name, whichever way the call came: console or shell.
    Raises CampaignError: same_person, unpublished, no_emergency_role, state.
    """
    _require_name(actor)
    with transaction(ctx.engine) as conn:
        row = _get(conn, campaign_id)
        if same_person(row["author"], actor):
            raise CampaignError("same_person", "The author of a campaign may not approve it.")
        if row["policy_state"] != "published":
            raise CampaignError("unpublished", "Only a published policy can be pushed.")
        action = "campaign.approve_emergency" if row["emergency"] else "campaign.approve"
        if row["emergency"] and not _may_approve_emergencies(conn, actor):
            raise CampaignError("no_emergency_role", "Only an operator with the role emergency approves an emergency.")
        _step(conn, row, "approved", {"reviewer": actor, "approved_hash": content_hash(dict(row))})
        record(conn, at=ctx.clock(), actor=actor, action=action, object=f"campaign:{campaign_id}")


def request_changes(ctx: Context, campaign_id: int, actor: str) -> None:
    """Send a campaign back to its author."""
    _move(ctx, campaign_id, "changes_requested", actor)


def start(ctx: Context, campaign_id: int, actor: str) -> None:
    """Let it run, now or at its `starts_at`, if what was approved is what would be sent.

    Raises CampaignError: approval_void, state, empty_audience (with the funnel) where nobody would be written to now.
    """
    _require_name(actor)
    _refuse_nobody(ctx, campaign_id)
    with transaction(ctx.engine) as conn:
        row = _get(conn, campaign_id)
        void = row["state"] in ("approved", "scheduled") and row["approved_hash"] != content_hash(dict(row))
        if void:
            store.edit_campaign(conn, campaign_id, {"state": "draft", "approved_hash": None})
        else:
            state = "scheduled" if _is_later(dict(row), ctx) else "running"
            _step(conn, row, state, {"starts_at": row["starts_at"] or ctx.clock()})
            record(conn, at=ctx.clock(), actor=actor, action="campaign.start", object=f"campaign:{campaign_id}")
    if void:
        raise CampaignError(
            "approval_void", "审批已失效 / Approval void: the campaign changed after it was approved. Resubmit."
        )


def pause(ctx: Context, campaign_id: int, actor: str) -> None:
    """Stop claiming slices; what is being sent is finished."""
    _move(ctx, campaign_id, "paused", actor)


def resume(ctx: Context, campaign_id: int, actor: str) -> None:
    """Go on."""
    _move(ctx, campaign_id, "running", actor)


def cancel(ctx: Context, campaign_id: int, actor: str) -> int:
    """End it; what has not left is cancelled. Returns how many deliveries that were."""
    with transaction(ctx.engine) as conn:
        _step(conn, _get(conn, campaign_id), "cancelled", {})
        record(conn, at=ctx.clock(), actor=actor, action="campaign.cancel", object=f"campaign:{campaign_id}")
    return end_deliveries(ctx, campaign_id, "cancelled")


def report(ctx: Context, campaign_id: int) -> dict[str, Any]:
    """The funnel in figures that add up: selected by door, refusals by code, deliveries by channel and state."""
    with transaction(ctx.engine) as conn:
        row = _get(conn, campaign_id)
        selected = store.count_selections(conn, campaign_id)
        inside = digests.count_items(conn, campaign_id)
        states = deliveries.by_channel_and_state(conn, campaign_id)
        refusals: Counter[str] = Counter()
        for _, code, n in deliveries.refusals_by_code(conn, campaign_id):
            refusals[code] += n
    table: dict[str, dict[str, int]] = {}
    accepted: Counter[str] = Counter()
    for channel, _, state, n, ever in states:
        cells = table.setdefault(channel, {})
        cells[state] = cells.get(state, 0) + n
        accepted[channel] += ever
    head = {
        name: row[name]
        for name in ("id", "title", "state", "expected", "author", "reviewer", "doors", "lane", "version")
    }
    funnel = {"funnel": row["funnel"], "selected": selected, "refusals": dict(refusals)}
    told = {"deliveries": table, "accepted": dict(accepted), "digests": inside}
    return {**head, "policy": row["policy_ref"], **funnel, **told}


def content_hash(row: Mapping[str, Any]) -> str:
    """SHA-256 of what an approval binds: policy content, words, audience rule, timing, lane, pace and basis.

    Whether it is an emergency is bound too: nobody lets a routine notice through the night after its approval.
    """
    bound = {name: row[name] for name in BOUND}
    bound |= {name: row[name] for name, silent in SAID.items() if row[name] != silent}
    bound |= {
        "policy": row["policy_checksum"],
        "criteria": row["policy_criteria"],
        "mandatory": row["policy_mandatory"],
    }
    bound |= {name: _moment(row[name]) for name in ("starts_at", "expires_at")}
    return hashlib.sha256(json.dumps(bound, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _refuse_nobody(ctx: Context, campaign_id: int) -> None:
    """Raises empty_audience for an approved campaign that would begin now, where its rule chooses nobody."""
    with transaction(ctx.engine) as conn:
        row = store.get_campaign(conn, campaign_id)
    if row is None or row["state"] not in ("approved", "scheduled") or _is_later(dict(row), ctx):
        return
    if row["selected_at"] is None and row["approved_hash"] == content_hash(dict(row)):
        require_somebody(ctx, campaign_id)


def _is_later(row: Mapping[str, Any], ctx: Context) -> bool:
    return bool(row["state"] == "approved" and row["starts_at"] is not None and row["starts_at"] > ctx.clock())


def _require_name(actor: str) -> None:
    if not is_name(actor):
        raise CampaignError("no_name", "Who does this needs a name.")


def _move(ctx: Context, campaign_id: int, state: str, actor: str) -> None:
    _require_name(actor)
    with transaction(ctx.engine) as conn:
        _step(conn, _get(conn, campaign_id), state, {})
        record(conn, at=ctx.clock(), actor=actor, action=f"campaign.{state}", object=f"campaign:{campaign_id}")


def _step(conn: Connection, row: RowMapping, state: str, values: dict[str, Any]) -> None:
    if not store.move_campaign(conn, row["id"], state, values):
        raise CampaignError("state", f"A campaign that is {row['state']} cannot become {state}.")


def _may_approve_emergencies(conn: Connection, actor: str) -> bool:
    who = operator(conn, actor)
    return who is not None and who.may("emergency")


def _get(conn: Connection, campaign_id: int) -> RowMapping:
    row = store.get_campaign(conn, campaign_id, lock=True)
    if row is None:
        raise CampaignError("unknown_campaign", f"There is no campaign {campaign_id}.")
    return row


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
