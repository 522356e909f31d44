"""`pushsvc campaign …`: draft, review, run and report campaigns."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from pushsvc.cli.context import open_context
from pushsvc.cli.coverage_table import coverage_table
from pushsvc.cli.sms_table import sms_table
from pushsvc.context import Context
from pushsvc.pipeline import campaigns
from pushsvc.pipeline.audience import match_campaign
from pushsvc.pipeline.coverage import full_report
from pushsvc.pipeline.retry_these import AGAIN, Rejected, Wanted, rejected, retry_these
from pushsvc.pipeline.sms_cost import as_json as sms_json
from pushsvc.pipeline.sms_cost import sms_cost
from pushsvc.store.policies import policy_by_ref
from pushsvc.store.session import transaction

_NUMBER = click.argument("number", type=click.IntRange(1, 2**63 - 1))
_MOMENT = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"])
CITY_ZONE = ZoneInfo("Asia/Shanghai")
BEFORE = ("draft", "in_review", "changes_requested", "approved", "scheduled")  # nobody is chosen yet
RULE = ("min_z", "top_n", "floor")


@click.group()
def campaign() -> None:
    """Draft, review, run and report campaigns."""


@campaign.command()
@click.argument("policy")
@click.option("--author", required=True, help="Who drafts it; may not approve it.")
@click.option("--basis", help="The legal duty that opens the entitled door, as a citation.")
@click.option("--door", "doors", multiple=True, type=click.Choice(campaigns.DOORS), help="A door; may be repeated.")
@click.option("--lane", type=click.Choice(campaigns.LANES))
@click.option("--min-z", type=float, help="Least score, in deviations from the mean of those scored.")
@click.option("--top-n", type=int, help="At most so many recommendations, the best.")
@click.option("--floor", type=float, help="At least this share (0 to 1) of each district, age band, size and stage.")
@click.option("--starts", "starts_at", type=_MOMENT, help="Not before this moment, in the city's time.")
@click.option("--expires", "expires_at", type=_MOMENT, help="Nothing is sent from this moment on, in the city's time.")
@click.option("--rate", "rate_per_second", type=float, help="At most so many messages a second.")
@click.option("--escalate-after", type=int, help="Hours after which another channel is tried, for those who wish it.")
@click.option("--sms-template", help="The SMS template where vendors take no other words; policy, unless said.")
@click.option("--emergency", is_flag=True, default=None, help="By night and past all caps; needs its own approval.")
def create(policy: str, author: str, basis: str | None, doors: tuple[str, ...], **others: Any) -> None:
    """Draft a campaign for a published policy."""
    with open_context() as ctx:
        with transaction(ctx.engine) as conn:
            row = policy_by_ref(conn, policy)
        if row is None:
            raise campaigns.CampaignError("unknown_policy", f"There is no policy {policy!r}.")
        wanted = list(doors) or (["entitled", "subscribed", "recommended"] if basis else None)
        rule = {name: value for name in RULE if (value := others.pop(name)) is not None}
        others |= {name: _aware(others[name]) for name in ("starts_at", "expires_at")}
        number = campaigns.create(ctx, row, author=author, basis=basis, doors=wanted, audience=rule or None, **others)
        click.echo(f"campaign {number}: draft")


def _aware(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(tzinfo=CITY_ZONE)


def _act(name: str, verb: str, what: str) -> None:
    @campaign.command(name, help=what)
    @_NUMBER
    @click.option("--by", "actor", required=True, help="Who does this.")
    def command(number: int, actor: str) -> None:
        with open_context() as ctx:
            getattr(campaigns, verb)(ctx, number, actor)
            click.echo(f"campaign {number}: {campaigns.report(ctx, number)['state']}")


_act("submit", "submit", "Ask for review.")
_act("approve", "approve", "Approve what would be sent; the author may not. An emergency: an operator with that role.")
_act("start", "start", "Let an approved campaign run.")
_act("pause", "pause", "Stop after the slices being sent.")
_act("resume", "resume", "Go on.")
_act("cancel", "cancel", "End it; what has not left is cancelled.")


@campaign.command()
@_NUMBER
@click.option("--code", help="The provider's code of what is to be tried again.")
@click.option("--class", "kind", help=f"A class of codes: {', '.join(sorted(AGAIN))}.")
@click.option("--by", "actor", help="Who does this.")
def retry(number: int, code: str | None, kind: str | None, actor: str | None) -> None:
    """Try rejected messages again, by code or by class; without either, list what was rejected."""
    with open_context() as ctx:
        if code is None and kind is None:
            for one in rejected(ctx, number):
                click.echo(_rejected_line(one))
            return
        n = retry_these(ctx, number, Wanted(code, kind), actor=actor or "")
    click.echo(f"campaign {number}: {n:,} messages are tried again")


def _rejected_line(one: Rejected) -> str:
    said = "may be tried again" if one.may else "is not tried again"
    return f"{one.n:>9,}  {one.code:<32} {one.kind or '-':<28} {one.provider}: {said}"


@campaign.command()
@_NUMBER
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def report(number: int, as_json: bool) -> None:
    """Print the funnel: selected, refused, delivered, with totals; and how much of each group was reached."""
    with open_context() as ctx:
        found = full_report(ctx, number)
        cost = sms_cost(ctx, number, _chosen(ctx, found))
    found["sms"] = sms_json(cost)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, default=str))
        return
    click.echo(f"{found['title']} · {found['state']}")
    click.echo(_total("selected", found["selected"]))
    click.echo(_total("refused", found["refusals"]))
    for channel, states in found["deliveries"].items():
        click.echo(_total(f"  {channel}", states))
    for line in sms_table(cost):
        click.echo(line)
    for line in coverage_table(found["coverage"]):
        click.echo(line)


def _chosen(ctx: Context, found: dict[str, Any]) -> int:
    """How many profiles it chose, or would choose now."""
    funnel: dict[str, Any] = match_campaign(ctx, found["id"]) if found["state"] in BEFORE else found
    return sum(funnel["selected"].values())


def _total(name: str, parts: dict[str, int]) -> str:
    """`name 91 = suppressed 38 + no_basis 31 + no_address 22`."""
    terms = " + ".join(f"{part} {n:,}" for part, n in sorted(parts.items(), key=lambda item: -item[1]))
    return f"{name:<10} {sum(parts.values()):>9,}" + (f" = {terms}" if terms else "")
