"""Publish: a reviewed policy becomes visible, with a number, and gets a draft campaign. Nothing is sent by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pushsvc.context import Context
from pushsvc.links import short_code
from pushsvc.pipeline.audience_rule import RuleError, read_limits
from pushsvc.pipeline.errors import PipelineError
from pushsvc.pipeline.four_eyes import is_name, same_person
from pushsvc.pipeline.policy_fields import UNMATCHED
from pushsvc.pipeline.policy_ties import carry_out_repeals, tell_unclear
from pushsvc.pipeline.publications import publication_events
from pushsvc.store.audit import record
from pushsvc.store.campaigns import edit_campaign, insert_campaign
from pushsvc.store.findings import open_blocks
from pushsvc.store.policies import Policy, first_campaign, policy_by_id, policy_by_ref, set_published, set_under_review
from pushsvc.store.policy_events import record as record_events
from pushsvc.store.policy_links import resolve_links
from pushsvc.store.session import Connection, transaction
from pushsvc.store.short_links import put_short_link


class PublishError(PipelineError):
    """A policy cannot be submitted or published; `code` says why."""


def submit(ctx: Context, ref: str, author: str) -> str:
    """Hand a draft to a reviewer; returns the checksum of what is to be reviewed. Raises PublishError."""
    with transaction(ctx.engine) as conn:
        found = _draft(conn, ref)
        set_under_review(conn, found.id, author=_named(author, "author"), checksum=found.checksum)
        detail = {"checksum": found.checksum}
        record(conn, at=ctx.clock(), actor=author, action="policy.submit", object=f"policy:{ref}", detail=detail)
    return found.checksum


def publish(
    ctx: Context,
    ref: str,
    *,
    author: str,
    reviewer: str,
    basis: str | None = None,
    audience: Mapping[str, Any] | None = None,
) -> int:
    """Publish the policy and return its draft campaign; again, it returns the same campaign and changes nothing.

    `basis` cites the legal duty to tell everyone matched; `audience`: the campaign's rule (min_z, top_n, floor).
    Raises PublishError: unknown_policy, no_name, same_person, bad_rule, changed (the content is no longer the one
    submitted), withdrawn, and the code of what was found in the text and nobody settled.
    """
    try:
        read_limits(audience or {})
    except RuleError as exc:
        raise PublishError("bad_rule", str(exc)) from exc
    with transaction(ctx.engine) as conn:
        found = policy_by_ref(conn, ref, lock=True)
        if found is not None and found.state == "published":
            made = first_campaign(conn, found.id)
            if made is not None:
                return made
        found = _draft(conn, ref)
        _check(found, author=author, reviewer=reviewer)
        _refuse_held(conn, found)
        number = set_published(conn, found, author=author.strip(), reviewer=reviewer.strip(), at=ctx.clock())
        put_short_link(conn, short_code(ctx.settings.secret_key, found.id), found.id, ctx.clock())
        duty = (basis or "").strip() or None  # a blank is no citation
        row = _campaign(ctx, found, author.strip(), duty) | {"audience": dict(audience or {})}
        campaign_id = insert_campaign(conn, row)
        detail = {"checksum": found.checksum, "visible_no": number, "author": author, "campaign": campaign_id}
        record(conn, at=ctx.clock(), actor=reviewer, action="policy.publish", object=f"policy:{ref}", detail=detail)
        resolve_links(conn, [found.id])
        _tell(conn, ctx, found.id, campaign_id)
        carry_out_repeals(conn, ctx)
        tell_unclear(conn, ctx, found.id)
    return campaign_id


def _tell(conn: Connection, ctx: Context, policy_id: int, campaign_id: int) -> None:
    """Write down what the publication is; the draft of a change says what changed, and to whom that is said."""
    if (policy := policy_by_id(conn, policy_id)) is None:
        return
    event, *others = publication_events(conn, ctx, policy)
    record_events(conn, [replace(event, campaign_id=campaign_id), *others], ctx.clock())
    if event.kind == "changed":
        edit_campaign(conn, campaign_id, {"detail": event.detail})


def default_doors(kind: str, basis: str | None) -> list[str]:
    """The doors a policy's first campaign opens: drafts, plans and the like only for those who asked."""
    if kind in UNMATCHED:
        return ["subscribed"]
    return [*(["entitled"] if basis else []), "subscribed", "recommended"]


def _campaign(ctx: Context, found: Policy, author: str, basis: str | None) -> dict[str, object]:
    return {
        "policy_id": found.id,
        "family": found.family,
        "event": found.event,
        "title": found.title,
        "doors": default_doors(found.kind, basis),
        "lane": "urgent" if found.kind == "emergency" else "normal",
        "basis": basis,
        "author": author,
        "created_at": ctx.clock(),
    }


def _draft(conn: Connection, ref: str) -> Policy:
    found = policy_by_ref(conn, ref, lock=True)
    if found is None:
        raise PublishError("unknown_policy", f"There is no policy {ref!r}.")
    if found.state != "draft":
        raise PublishError(found.state, f"The policy {ref!r} is {found.state}.")
    return found


def _check(found: Policy, *, author: str, reviewer: str) -> None:
    if same_person(_named(author, "author"), _named(reviewer, "reviewer")):
        raise PublishError("same_person", "The reviewer must be somebody else than the author.")
    if found.author and same_person(found.author, reviewer):
        raise PublishError("same_person", "The reviewer submitted this policy; somebody else must review it.")
    if found.approved_checksum not in (None, found.checksum):
        raise PublishError("changed", "The content changed after it was submitted: submit it again.")


def _refuse_held(conn: Connection, found: Policy) -> None:
    for finding in open_blocks(conn, [found.id]).get(found.id, []):
        sentence = f"{finding.en} It waits in the queue: settle it with a reason, or import a corrected text."
        raise PublishError(finding.code, sentence)


def _named(name: str, role: str) -> str:
    if not is_name(name):
        raise PublishError("no_name", f"The {role} needs a name.")
    return name.strip()
