"""Audience: a campaign's selections, written once; and the same figures for a policy without writing anything."""

from __future__ import annotations

from sqlalchemy import RowMapping

from pushsvc.context import Context
from pushsvc.pipeline.audience_rule import RuleError, read_limits
from pushsvc.pipeline.choosing import Rule, choose
from pushsvc.pipeline.errors import PipelineError
from pushsvc.pipeline.event_audience import people_of
from pushsvc.pipeline.publish import default_doors
from pushsvc.store.audience import write_selections
from pushsvc.store.campaigns import edit_campaign, get_campaign
from pushsvc.store.policies import Policy, first_campaign, policy_by_id, policy_by_ref
from pushsvc.store.session import Connection, transaction


class AudienceError(PipelineError):
    """The audience cannot be found: `code` is unknown_campaign, unknown_policy or bad_rule."""


def audience(ctx: Context, campaign_id: int) -> dict[str, object]:
    """Choose the campaign's profiles, once, and return its funnel; again, it returns the same funnel."""
    with transaction(ctx.engine) as conn:
        row = get_campaign(conn, campaign_id, lock=True)
        if row is None:
            raise AudienceError("unknown_campaign", f"There is no campaign {campaign_id}.")
        if row["selected_at"] is not None:
            return dict(row["funnel"])
        choice = choose(conn, ctx, rule_of(conn, row))
        write_selections(conn, campaign_id, choice.selected)
        edit_campaign(conn, campaign_id, {"funnel": choice.funnel, "selected_at": ctx.clock()})
    return choice.funnel


def match(ctx: Context, ref: str) -> dict[str, object]:
    """Whom the policy's campaign would choose now: the same figures, nothing written."""
    with transaction(ctx.engine) as conn:
        policy = policy_by_ref(conn, ref)
        if policy is None:
            raise AudienceError("unknown_policy", f"There is no policy {ref!r}.")
        return choose(conn, ctx, dry_rule(conn, policy)).funnel


def match_campaign(ctx: Context, campaign_id: int) -> dict[str, object]:
    """Whom this campaign would choose now, by its own doors, basis and limits: nothing written."""
    with transaction(ctx.engine) as conn:
        row = get_campaign(conn, campaign_id)
        if row is None:
            raise AudienceError("unknown_campaign", f"There is no campaign {campaign_id}.")
        return choose(conn, ctx, rule_of(conn, row)).funnel


def dry_rule(conn: Connection, policy: Policy) -> Rule:
    """The rule of the policy's first campaign; before there is one, the rule that campaign would get."""
    number = first_campaign(conn, policy.id)
    row = get_campaign(conn, number) if number is not None else None
    return Rule(policy, default_doors(policy.kind, None)) if row is None else rule_of(conn, row)


def rule_of(conn: Connection, row: RowMapping) -> Rule:
    """The audience rule that a campaign's row holds. Raises AudienceError: bad_rule."""
    policy = policy_by_id(conn, row["policy_id"])
    if policy is None:
        raise AudienceError("unknown_policy", f"There is no policy number {row['policy_id']}.")
    try:
        limits = read_limits(row["audience"] or {})
    except RuleError as exc:
        raise AudienceError("bad_rule", f"The campaign's audience rule cannot be used: {exc}") from exc
    people = people_of(conn, row["detail"] or {}, policy.id)
    return Rule(policy, tuple(row["doors"]), duty=bool(row["basis"]), limits=limits, people=people)
