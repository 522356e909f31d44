"""`pushsvc sms-template …`: the registry of SMS templates, and what each vendor said of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import reduce

import click

from pushsvc.cli.context import open_context
from pushsvc.cli.tables import aligned, as_json
from pushsvc.pipeline import sms_templates as registry
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.sms_templates import Form, Which
from pushsvc.pipeline.sms_words import KINDS, LOCALES, SmsTemplateError, most_parts
from pushsvc.store.sms_templates import Filing, Template

_BY = click.option("--by", "actor", required=True, help="Who does this.")
_DAY = click.DateTime(["%Y-%m-%d"])
_HEAD = ("template", "language", "version", "kind", "route", "code", "state", "parts", "when", "reason or body")
_WHICH = (
    click.argument("name"),
    click.argument("route"),
    click.option("--locale", type=click.Choice(LOCALES), default="zh", show_default=True, help="Its language."),
    click.option("--version", type=click.IntRange(1, 2**31 - 1), help="Its version; the newest, unless said."),
    _BY,
)


@click.group("sms-template")
def sms_template() -> None:
    """Templates of SMS: write one, file it with a vendor, and note what the vendor said."""


def _which(command: Callable[..., None]) -> Callable[..., None]:
    """What names a filing: the template, the route, the language, the version; and who does it."""
    return reduce(lambda made, option: option(made), reversed(_WHICH), command)


@sms_template.command("list")
@click.option("--json", "as_object", is_flag=True, help="One JSON object.")
def list_command(as_object: bool) -> None:
    """Show every version and how it stands at each vendor."""
    with open_context() as ctx:
        found, on = registry.registry(ctx), city_day(ctx)
    if as_object:
        click.echo(as_json({"templates": [_object(one, filings, on) for one, filings in found]}))
        return
    for line in aligned([_HEAD, *(row for one, filings in found for row in _rows(one, filings, on))]):
        click.echo(line)


@sms_template.command("add")
@click.argument("name")
@click.argument("body")
@click.option("--locale", type=click.Choice(LOCALES), default="zh", show_default=True, help="Its language.")
@click.option("--kind", type=click.Choice(KINDS), default="notice", show_default=True, help="As vendors class it.")
@_BY
def add_command(name: str, body: str, locale: str, kind: str, actor: str) -> None:
    """Write a template, or a new version of one: text without signature, with ${title} and the like."""
    with open_context() as ctx:
        made = registry.add(ctx, name, body, locale=locale, kind=kind, by=actor)
    click.echo(f"sms-template {name} ({locale}): version {made.version}")


@sms_template.command("file")
@_which
@click.option("--code", required=True, help="The vendor's own code for it.")
@click.option("--signature", required=True, help="The signature registered with this vendor, without brackets.")
@click.option("--limit", "limits", multiple=True, help="title=20: the units that the vendor allows; may be repeated.")
@click.option("--expected", type=_DAY, help="When the vendor should have answered.")
def file_command(name: str, route: str, locale: str, version: int | None, actor: str, **form: object) -> None:
    """Note that a template was filed with a vendor."""
    limits, expected = form.pop("limits"), form.pop("expected")
    told = Form(**form, limits=_limits(limits), expected_at=_day(expected))  # type: ignore[arg-type]  # click's words
    with open_context() as ctx:
        registry.file(ctx, Which(name, locale, version), route, told, by=actor)
    click.echo(f"sms-template {name} ({locale}) at {route}: filed")


@sms_template.command("approve")
@_which
@click.option("--expires", type=_DAY, help="The last day on which it serves.")
def approve_command(
    name: str, route: str, locale: str, version: int | None, actor: str, expires: datetime | None
) -> None:
    """Note that the vendor approved it."""
    with open_context() as ctx:
        registry.approve(ctx, Which(name, locale, version), route, by=actor, expires_at=_day(expires))
    click.echo(f"sms-template {name} ({locale}) at {route}: approved")


@sms_template.command("refuse")
@_which
@click.option("--reason", required=True, help="In the vendor's words.")
def refuse_command(name: str, route: str, locale: str, version: int | None, actor: str, reason: str) -> None:
    """Note that the vendor refused it, or took its approval back."""
    with open_context() as ctx:
        registry.refuse(ctx, Which(name, locale, version), route, by=actor, reason=reason)
    click.echo(f"sms-template {name} ({locale}) at {route}: refused")


@sms_template.command("expire")
@_which
def expire_command(name: str, route: str, locale: str, version: int | None, actor: str) -> None:
    """Note that its approval is over."""
    with open_context() as ctx:
        registry.expire(ctx, Which(name, locale, version), route, by=actor)
    click.echo(f"sms-template {name} ({locale}) at {route}: expired")


def _limits(words: object) -> dict[str, int]:
    found: dict[str, int] = {}
    for word in words if isinstance(words, Sequence) else ():
        name, _, value = str(word).partition("=")
        if not value.isascii() or not value.isdigit() or len(value) > 4 or name in found:
            raise SmsTemplateError("bad_limit", f"A limit is written title=20, each once; {word!r} is none.", "limits")
        found[name] = int(value)
    return found


def _day(moment: object) -> date | None:
    return moment.date() if isinstance(moment, datetime) else None


def _rows(template: Template, filings: Sequence[Filing], on: date) -> list[Sequence[str]]:
    head = [template.name, template.locale, str(template.version), template.kind]
    if not filings:
        return [[*head, "-", "-", "not filed", "-", "-", template.body]]
    return [[*head, *_cells(one, on)] for one in filings]


def _cells(filing: Filing, on: date) -> list[str]:
    state = filing.state_on(on)
    when = filing.expected_at if state == "filed" else filing.expires_at
    parts = str(most_parts(filing.template.body, filing.signature, filing.limits))
    return [filing.route, filing.code, state, parts, str(when or "-"), filing.reason or filing.template.body]


def _object(template: Template, filings: Sequence[Filing], on: date) -> dict[str, object]:
    told = [_filed(one, on) for one in filings]
    return {name: value for name, value in vars(template).items() if name != "id"} | {"filings": told}


def _filed(filing: Filing, on: date) -> dict[str, object]:
    names = ("route", "code", "signature", "limits", "expected_at", "expires_at", "reason", "changed_by", "changed_at")
    parts = most_parts(filing.template.body, filing.signature, filing.limits)
    return {name: getattr(filing, name) for name in names} | {"state": filing.state_on(on), "most_parts": parts}
