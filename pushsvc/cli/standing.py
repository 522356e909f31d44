"""`pushsvc rule …` and `pushsvc events`: standing rules, and what happened to policies."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC
from functools import partial, reduce
from typing import Any

import click
from sqlalchemy import RowMapping

from pushsvc.cli.context import open_context
from pushsvc.cli.tables import aligned, as_json
from pushsvc.context import Context
from pushsvc.pipeline import standing
from pushsvc.pipeline.campaign_options import LANES
from pushsvc.pipeline.event_audience import EVENTS
from pushsvc.pipeline.event_trouble import troubled
from pushsvc.pipeline.events import pass_events, recent, retry

_NUMBER = click.argument("number", type=click.IntRange(1, 2**63 - 1))
_BY = click.option("--by", "actor", required=True, help="Who does this.")
_URGENT = "Urgent only where --kind emergency is the one kind named."
_HEAD = ("rule", "name", "state", "events", "kinds", "topics", "regions", "lane", "author", "reviewer")
_EVENT_HEAD = ("event", "kind", "key", "policy", "campaign", "state", "rule", "title")

_FITS = (
    click.option("--event", "events", multiple=True, type=click.Choice(EVENTS), help="An event; may be repeated."),
    click.option("--kind", "kinds", multiple=True, help="Only policies of this kind; may be repeated."),
    click.option("--topic", "topics", multiple=True, help="Only this topic; may be repeated."),
    click.option("--region", "regions", multiple=True, help="Only this region and what lies in it; may be repeated."),
)


def _fits(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say which events of which policies a rule fits."""
    return reduce(lambda made, option: option(made), reversed(_FITS), command)


@click.group()
def rule() -> None:
    """Standing rules: an approved one lets the campaign of a routine event run for its subscribers."""


@rule.command("create")
@click.argument("name")
@click.option("--author", required=True, help="Who writes it; may not approve it.")
@_fits
@click.option("--lane", type=click.Choice(LANES), default="bulk", show_default=True, help=_URGENT)
def create_command(name: str, author: str, **options: object) -> None:
    """Draft a rule."""
    with open_context() as ctx:
        number = standing.create(ctx, name, author=author, **options)  # type: ignore[arg-type]  # click's words
    click.echo(f"rule {number}: draft")


@rule.command("edit")
@_NUMBER
@_BY
@_fits
@click.option("--lane", type=click.Choice(LANES), help=_URGENT)
def edit_command(number: int, actor: str, **options: object) -> None:
    """Change what is named, and nothing else: it is a draft again, and whoever edits it may not approve it."""
    named: dict[str, Any] = {name: value for name, value in options.items() if value}
    if not named:
        raise click.UsageError("Name what is to change.")
    _step(number, "draft", partial(standing.edit, actor=actor, **named))


@rule.command("submit")
@_NUMBER
@_BY
def submit_command(number: int, actor: str) -> None:
    """Ask for review."""
    _step(number, "in_review", partial(standing.submit, actor=actor))


@rule.command("approve")
@_NUMBER
@_BY
def approve_command(number: int, actor: str) -> None:
    """Approve what somebody else wrote."""
    _step(number, "approved", partial(standing.approve, actor=actor))


@rule.command("end")
@_NUMBER
@_BY
@click.option("--reason", required=True, help="Why, for those who come after you.")
def end_command(number: int, actor: str, reason: str) -> None:
    """Let it approve nothing more."""
    _step(number, "ended", partial(standing.end, actor=actor, reason=reason))


@rule.command("list")
@click.option("--json", "as_object", is_flag=True, help="One JSON object.")
def list_command(as_object: bool) -> None:
    """Show every rule: what it fits, who wrote it, who approved it."""
    with open_context() as ctx:
        found = standing.list_rules(ctx)
    if as_object:
        click.echo(as_json({"rules": [dict(row) for row in found]}))
        return
    for line in aligned([_HEAD, *(_row(row) for row in found)]):
        click.echo(line)


@click.group(invoke_without_command=True)
@click.option("--json", "as_object", is_flag=True, help="One JSON object.")
@click.pass_context
def events(call: click.Context, as_object: bool) -> None:
    """Notice what happened to policies by now, draft its campaigns, list the newest events and what went wrong."""
    if call.invoked_subcommand:
        return
    with open_context() as ctx:
        answered = pass_events(ctx)
        found, wrong = recent(ctx), troubled(ctx)
    if as_object:
        click.echo(as_json({"answered": answered, "events": found, "troubled": wrong}))
        return
    rows = [[str(value if value is not None else "-") for value in _event(one)] for one in found]
    for line in aligned([_EVENT_HEAD, *rows]):
        click.echo(line)
    for one in wrong:
        click.echo(_trouble(one))
    click.echo(f"{answered:,} answered now")


@events.command("retry")
@_NUMBER
@_BY
def retry_command(number: int, actor: str) -> None:
    """Try an event again now, also one that was given up."""
    with open_context() as ctx:
        answered = retry(ctx, number, by=actor)
        wrong = [one for one in troubled(ctx) if one["id"] == number]
    if answered:
        click.echo(f"event {number}: answered")
        return
    click.echo(_trouble(wrong[0]) if wrong else f"event {number}: another pass is at it", err=True)
    sys.exit(1)


def _step(number: int, state: str, take: Callable[[Context, int], None]) -> None:
    """Take a rule's next step and say in which state it is now."""
    with open_context() as ctx:
        take(ctx, number)
    click.echo(f"rule {number}: {state}")


def _row(row: RowMapping) -> list[str]:
    words = [",".join(row[name]) or "any" for name in ("events", "kinds", "topics", "regions")]
    head = [str(row["id"]), row["name"], row["state"]]
    return [*head, *words, row["lane"], row["author"], row["reviewer"] or "-"]


def _event(one: dict[str, object]) -> list[object]:
    return [one[name] for name in ("id", *_EVENT_HEAD[1:])]


def _trouble(one: dict[str, Any]) -> str:
    """What went wrong with an event, and what comes next."""
    again = f"again at {one['again_at'].astimezone(UTC):%Y-%m-%d %H:%M} UTC" if one["again_at"] else "given up"
    head = f"event {one['id']} ({one['kind']} of {one['policy']}) went wrong (tries: {one['tries']}, {again})"
    return f"{head}. {one['code']}: {one['error']}"
