"""A campaign's life: drafted, reviewed by another person, approved by hash, started, paused, cancelled, reported."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from channels.templates import TemplateError
from pushsvc.context import Context
from pushsvc.pipeline.audience_rule import RuleError, read_limits
from pushsvc.pipeline.errors import PipelineError
from pushsvc.pipeline.four_eyes import is_name, same_person
from pushsvc.pipeline.wording import check_words
from pushsvc.store import campaigns as store
from pushsvc.store import deliveries, digests
from pushsvc.store.audit import record
from pushsvc.store.policies import Policy
from pushsvc.store.session import transaction

DOORS = ("entitled", "subscribed", "recommended")
LANES = ("urgent", "normal", "bulk")


class CampaignError(PipelineError):
    """A campaign refuses what was asked of it; `code` names the rule, the message is a sentence."""


def create(ctx: Context, policy: Policy, *, author: str, **options: Any) -> int:
    """Draft a campaign for a published policy. Options: doors, lane, basis, audience, content, title, expires_at."""
    values = _checked(options, basis=None, doors=())
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
        values = _checked(options, basis=row["basis"], doors=row["doors"])
        if row["state"] not in ("draft", "changes_requested", "in_review", "approved", "scheduled"):
            raise CampaignError("state", f"A campaign that is {row['state']} cannot be edited.")
        store.edit_campaign(conn, campaign_id, values | {"state": "draft", "approved_hash": None, "reviewer": None})
        record(conn, at=ctx.clock(), actor=actor, action="campaign.edit", object=f"campaign:{campaign_id}")


def submit(ctx: Context, campaign_id: int, actor: str) -> None:
    """Ask for review."""
    _move(ctx, campaign_id, "in_review", actor)


def approve(ctx: Context, campaign_id: int, actor: str) -> None:
    """Bind the content's hash to the approval. The author may not approve."""
    _require_name(actor)
    with transaction(ctx.engine) as conn:
        row = _get(conn, campaign_id)
        if same_person(row["author"], actor):
            raise CampaignError("same_person", "The author of a campaign may not approve it.")
        if row["policy_state"] != "published":
            raise CampaignError("unpublished", "Only a published policy can be pushed.")
        _step(conn, row, "approved", {"reviewer": actor, "approved_hash": content_hash(dict(row))})
        record(conn, at=ctx.clock(), actor=actor, action="campaign.approve", object=f"campaign:{campaign_id}")


def request_changes(ctx: Context, campaign_id: int, actor: str) -> None:
    """Send a campaign back to its author."""
    _move(ctx, campaign_id, "changes_requested", actor)


def start(ctx: Context, campaign_id: int, actor: str) -> None:
    """Let it run, now or at its `starts_at`, if what was approved is what would be sent."""
    with transaction(ctx.engine) as conn:
        row = _get(conn, campaign_id)
        if row["state"] in ("approved", "scheduled") and row["approved_hash"] != content_hash(dict(row)):
            store.edit_campaign(conn, campaign_id, {"state": "draft", "approved_hash": None})
            void = True
        else:
            later = row["state"] == "approved" and row["starts_at"] is not None and row["starts_at"] > ctx.clock()
            _step(conn, row, "scheduled" if later else "running", {"starts_at": row["starts_at"] or ctx.clock()})
            record(conn, at=ctx.clock(), actor=actor, action="campaign.start", object=f"campaign:{campaign_id}")
            void = False
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
        _step(conn, _get(conn, campaign_id), "cancelled", {"finished_at": ctx.clock()})
        record(conn, at=ctx.clock(), actor=actor, action="campaign.cancel", object=f"campaign:{campaign_id}")
    return end_deliveries(ctx, campaign_id, "cancelled")


def end_deliveries(ctx: Context, campaign_id: int, state: str) -> int:
    """End what a campaign, just moved to `state` (cancelled or expired), has not sent; the sweep does it where we die.

    In a transaction of its own: a worker locks deliveries first and their campaign after, so we may not hold it.
    """
    with transaction(ctx.engine) as conn:
        digests.drop_campaign_items(conn, campaign_id, code=state, now=ctx.clock())
        return deliveries.cancel_campaign_deliveries(conn, campaign_id, state=state, now=ctx.clock())


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
    """SHA-256 of what an approval binds: policy content, words, audience rule, timing, lane and basis."""
    bound = {
        name: row[name]
        for name in ("policy_id", "family", "event", "title", "doors", "lane", "basis", "audience", "content")
    }
    bound |= {
        "policy": row["policy_checksum"],
        "criteria": row["policy_criteria"],
        "mandatory": row["policy_mandatory"],
    }
    bound |= {name: _moment(row[name]) for name in ("starts_at", "expires_at")}
    return hashlib.sha256(json.dumps(bound, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _checked(options: Mapping[str, Any], *, basis: str | None, doors: Sequence[str]) -> dict[str, Any]:
    """The options to store; `basis` and `doors` stand where they name none."""
    unknown = set(options) - {
        "doors",
        "lane",
        "basis",
        "audience",
        "content",
        "title",
        "event",
        "expires_at",
        "starts_at",
    }
    if unknown:
        raise CampaignError("unknown_option", f"A campaign has no {', '.join(sorted(unknown))}.")
    values = {name: value for name, value in options.items() if value is not None}
    _require_known(values.get("doors", ()), DOORS, "door")
    _require_known([values["lane"]] if "lane" in values else (), LANES, "lane")
    if "entitled" in values.get("doors", doors) and not str(values.get("basis", basis) or "").strip():
        raise CampaignError("no_basis", "The entitled door needs a cited legal duty as its basis.")
    try:
        read_limits(values.get("audience", {}))
    except RuleError as exc:
        raise CampaignError("bad_rule", str(exc)) from exc
    try:
        check_words(values.get("content", {}))
    except (ValueError, TemplateError) as exc:
        raise CampaignError("bad_content", f"The campaign's own words cannot be used: {exc}") from exc
    return values


def _require_name(actor: str) -> None:
    if not is_name(actor):
        raise CampaignError("no_name", "Who does this needs a name.")


def _require_known(values: Sequence[str], known: Sequence[str], what: str) -> None:
    for value in values:
        if value not in known:
            raise CampaignError(f"unknown_{what}", f"There is no {what} {value!r}; known: {', '.join(known)}.")


def _move(ctx: Context, campaign_id: int, state: str, actor: str) -> None:
    _require_name(actor)
    with transaction(ctx.engine) as conn:
        _step(conn, _get(conn, campaign_id), state, {})
        record(conn, at=ctx.clock(), actor=actor, action=f"campaign.{state}", object=f"campaign:{campaign_id}")


def _step(conn: Connection, row: RowMapping, state: str, values: dict[str, Any]) -> None:
    if not store.move_campaign(conn, row["id"], state, values):
        raise CampaignError("state", f"A campaign that is {row['state']} cannot become {state}.")


def _get(conn: Connection, campaign_id: int) -> RowMapping:
    row = store.get_campaign(conn, campaign_id, lock=True)
    if row is None:
        raise CampaignError("unknown_campaign", f"There is no campaign {campaign_id}.")
    return row


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
