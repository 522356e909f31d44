"""`pushsvc queue`: drafts that wait for a person, and settling what was found in them."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from pushsvc.cli.context import open_context
from pushsvc.cli.tables import as_json


@click.group("queue")
def queue_group() -> None:
    """Look at drafts that are held back, and settle what was found in them."""


@queue_group.command("list")
@click.option("--page", type=click.IntRange(1, 100_000), default=1, show_default=True)
@click.option("--json", "json_", is_flag=True, help="Print one JSON object.")
def list_(page: int, json_: bool) -> None:
    """Drafts that wait, the longest first."""
    from pushsvc.pipeline.queue import queue

    with open_context() as ctx:
        found = queue(ctx, page)
    if json_:
        click.echo(as_json(asdict(found)))
        return
    for one in found.held:
        click.echo(f"{one.ref}  {', '.join(one.codes)}  {one.title}")
    click.echo(
        f"{found.total:,} wait: " + (", ".join(f"{code} {n:,}" for code, n in found.by_code.items()) or "nothing")
    )


@queue_group.command()
@click.argument("policy")
@click.option("--json", "json_", is_flag=True, help="Print one JSON object.")
def show(policy: str, json_: bool) -> None:
    """One policy: what was found, with the number to settle it by, where it came from, what it speaks of."""
    from pushsvc.pipeline.queue import judged

    with open_context() as ctx:
        found = judged(ctx, policy)
    if found is None:
        click.echo(f"pushsvc: There is no policy {policy!r}.", err=True)
        sys.exit(1)
    if json_:
        click.echo(as_json(asdict(found)))
        return
    click.echo(f"{found.policy.ref}: {found.policy.title} ({found.policy.state})")
    for one in found.findings:
        state = f"settled by {one.settled_by}: {one.reason}" if one.settled_by else "holds" if one.blocking else "note"
        click.echo(f"  {one.id}  {one.code} at {one.place} [{state}]: {one.en}")
    for copy in found.sources:
        click.echo(f"  from {copy.origin}, line {copy.line}, {copy.url or 'no address'}, {copy.checksum[:12]}")
    for link in found.says:
        named = " ".join(filter(None, (link.doc_no, link.title and f"《{link.title}》")))
        click.echo(f"  {link.relation} {named} -> {link.target_ref or 'not stored'}")


@queue_group.command()
@click.argument("finding", type=click.IntRange(1, 2**63 - 1))
@click.option("--by", required=True, help="Who looked.")
@click.option("--reason", required=True, help="Why it may stand.")
def settle(finding: int, by: str, reason: str) -> None:
    """Settle one finding: it no longer holds its policy. Written to the audit log."""
    from pushsvc.pipeline.settling import settle as settle_finding

    with open_context() as ctx:
        found = settle_finding(ctx, finding, by=by, reason=reason)
    click.echo(f"{finding}: {found.code} is settled")
