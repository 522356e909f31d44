"""A campaign's life: drafted, reviewed by another person, approved by hash, started, paused, cancelled, reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, RowMapping

from pushsvc.context import Context
from pushsvc.pipeline.approval import BOUND, SAID, content_hash, writers
from pushsvc.pipeline.approving import DRIFTED, approve
from pushsvc.pipeline.campaign_options import DOORS, LANES, CampaignError, checked
from pushsvc.pipeline.empty_audience import require_somebody
from pushsvc.pipeline.ending import end_deliveries
from pushsvc.pipeline.four_eyes import is_name
from pushsvc.pipeline.sms_gate import bind_words, refuse_own_words, require_words
from pushsvc.store import campaigns as store
from pushsvc.store import deliveries, digests
from pushsvc.store.audit import record
from pushsvc.store.policies import Policy
from pushsvc.store.session import transaction

__all__ = [
    "BOUND", "DOORS", "LANES", "SAID", "CampaignError", "approve", "cancel", "content_hash", "create", "edit", "pause",
    "report", "request_changes", "resume", "start", "submit", "supersede", "writers",
]  # fmt: skip
CLEARABLE = ("basis", "starts_at", "expires_at", "rate_per_second", "escalate_after")
UNSTARTED = ("draft", "in_review", "changes_requested", "approved", "scheduled")


def create(ctx: Context, policy: Policy, *, author: str, **options: Any) -> int:
    """Draft a campaign for a published policy; its options: see `campaign_options`. Raises CampaignError."""
    values = checked(options, ctx.clock())
    refuse_own_words(ctx, values.get("content", {}))
    _require_name(author)
    with transaction(ctx.engine) as conn:
        row = {"policy_id": policy.id, "family": policy.family, "event": policy.event, "title": policy.title}
        row |= {"doors": ["subscribed", "recommended"], "author": author, "created_at": ctx.clock()} | values
        campaign_id = store.insert_campaign(conn, row)
        record(conn, at=ctx.clock(), actor=author, action="campaign.create", object=f"campaign:{campaign_id}")
        return campaign_id


def edit(ctx: Context, campaign_id: int, *, actor: str, cleared: Collection[str] = (), **options: Any) -> None:
    """Change content, audience, timing or basis: any edit voids an approval and sends the campaign back to draft.
    `cleared`: options of CLEARABLE that say nothing any more.

    Whoever edits it may not approve it any more.
    """
    _require_name(actor)
    refuse_own_words(ctx, options.get("content") or {})
    with transaction(ctx.engine) as conn:
        row = _get(conn, campaign_id)
        gone = dict.fromkeys(name for name in cleared if name in CLEARABLE)
        values = checked(options, ctx.clock(), row=dict(row) | gone) | gone
        _in(row, "be edited", *UNSTARTED)
        void: dict[str, Any] = {"state": "draft", "approved_hash": None, "reviewer": None, "sms_words": {}}
        store.edit_campaign(conn, campaign_id, values | void)
        record(conn, at=ctx.clock(), actor=actor, action="campaign.edit", object=f"campaign:{campaign_id}")


def submit(ctx: Context, campaign_id: int, actor: str) -> None:
    """Ask for review; it binds the versions of the SMS template that are the newest now. Raises CampaignError: state,
    template_not_approved (with how it stands at each vendor, and when an answer is expected), own_words."""
    _require_name(actor)
    with transaction(ctx.engine) as conn:
        row = _get(conn, campaign_id)
        _step(conn, row, "in_review", {})
        bound = bind_words(ctx, conn, row)
        if bound != row["sms_words"]:
            store.edit_campaign(conn, campaign_id, {"sms_words": bound})
        record(conn, at=ctx.clock(), actor=actor, action="campaign.in_review", object=f"campaign:{campaign_id}")


def request_changes(ctx: Context, campaign_id: int, actor: str) -> None:
    """Send a campaign back to its author."""
    _move(ctx, campaign_id, "changes_requested", actor)


def start(ctx: Context, campaign_id: int, actor: str) -> None:
    """Let it run, now or at its `starts_at`, if what was approved is what would be sent.

    Raises CampaignError: approval_void, state, not_yet (it is scheduled, and its moment was approved with it),
    empty_audience (with the funnel) where nobody would be written to now, template_not_approved, own_words.
    """
    _require_name(actor)
    _refuse_nobody(ctx, campaign_id)
    with transaction(ctx.engine) as conn:
        row = _get(conn, campaign_id)
        _in(row, "be started", "approved", "scheduled")
        later = _is_later(row, ctx)
        if later and row["state"] == "scheduled":
            sentence = f"It begins at {row['starts_at'].isoformat()}, as approved: an earlier moment is an edit."
            raise CampaignError("not_yet", sentence, _place(row))
        void = row["approved_hash"] != content_hash(dict(row))
        if void:
            store.edit_campaign(conn, campaign_id, {"state": "draft", "approved_hash": None})
        else:
            require_words(ctx, conn, row)
            state = "scheduled" if later else "running"
            _step(conn, row, state, {"starts_at": row["starts_at"] or ctx.clock()})
            record(conn, at=ctx.clock(), actor=actor, action="campaign.start", object=f"campaign:{campaign_id}")
    if void:
        raise CampaignError(
            "approval_void", "审批已失效 / Approval void: the campaign changed after it was approved. Resubmit."
        )
    ctx.nudge(f"pushsvc.advance.{row['lane']}")


def pause(ctx: Context, campaign_id: int, actor: str) -> None:
    """Stop claiming slices; what is being sent is finished."""
    _move(ctx, campaign_id, "paused", actor)


def resume(ctx: Context, campaign_id: int, actor: str) -> None:
    """Go on after a pause. Raises CampaignError: state for any other campaign (one begins by `start`); drifted."""
    _require_name(actor)
    with transaction(ctx.engine) as conn:
        row = _get(conn, campaign_id)
        _in(row, "be resumed", "paused")
        if DRIFTED in row["funnel"]:
            raise CampaignError(
                "drifted", "Its people changed since the approval: approve it anew, or cancel it.", _place(row)
            )
        _step(conn, row, "running", {})
        record(conn, at=ctx.clock(), actor=actor, action="campaign.running", object=f"campaign:{campaign_id}")


def cancel(ctx: Context, campaign_id: int, actor: str) -> int:
    """End it; what has not left is cancelled. Returns how many deliveries that were."""
    with transaction(ctx.engine) as conn:
        _step(conn, _get(conn, campaign_id), "cancelled", {})
        record(conn, at=ctx.clock(), actor=actor, action="campaign.cancel", object=f"campaign:{campaign_id}")
    return end_deliveries(ctx, campaign_id, "cancelled")


def supersede(ctx: Context, campaign_id: int, *, event_id: int) -> bool:
    """End a campaign that has not started, since one of a later event says the same; whether there was one to end."""
    with transaction(ctx.engine) as conn:
        row = _get(conn, campaign_id)
        if row["state"] not in UNSTARTED:
            return False
        _step(conn, row, "cancelled", {})
        about, detail = f"campaign:{campaign_id}", {"event": event_id}
        record(conn, at=ctx.clock(), actor="system", action="campaign.superseded", object=about, detail=detail)
    end_deliveries(ctx, campaign_id, "cancelled")
    return True


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


def _refuse_nobody(ctx: Context, campaign_id: int) -> None:
    """Raises empty_audience for an approved campaign that would begin now, where its rule chooses nobody."""
    with transaction(ctx.engine) as conn:
        row = store.get_campaign(conn, campaign_id)
    if row is None or row["state"] not in ("approved", "scheduled") or _is_later(row, ctx):
        return
    if row["selected_at"] is None and row["approved_hash"] == content_hash(dict(row)):
        require_somebody(ctx, campaign_id)


def _is_later(row: RowMapping, ctx: Context) -> bool:
    return row["starts_at"] is not None and bool(row["starts_at"] > ctx.clock())


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
        raise CampaignError("state", f"A campaign that is {row['state']} cannot become {state}.", _place(row))


def _in(row: RowMapping, what: str, *states: str) -> None:
    if row["state"] not in states:
        told = f"A campaign that is {row['state']} cannot {what}, only one that is {' or '.join(states)}."
        raise CampaignError("state", told, _place(row))


def _place(row: RowMapping) -> str:
    return f"campaign {row['id']}"


def _get(conn: Connection, campaign_id: int) -> RowMapping:
    row = store.get_campaign(conn, campaign_id, lock=True)
    if row is None:
        raise CampaignError("unknown_campaign", f"There is no campaign {campaign_id}.")
    return row
