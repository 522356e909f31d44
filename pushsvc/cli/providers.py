"""`pushsvc provider`: how the providers behind each channel do; pause one, let it go on, change its weight."""

from __future__ import annotations

import getpass
from dataclasses import asdict

import click

from pushsvc.cli.context import open_context
from pushsvc.cli.tables import aligned, as_json
from pushsvc.links import hook_token
from pushsvc.pipeline import providers

TOKEN_LENGTH = 32  # of the token that WeChat is told (channels.push.wechat)
_HEAD = ("provider", "channel", "state", "weight", "share", "calls", "failed", "seconds", "unknown", "why")


@click.group()
def provider() -> None:
    """The providers behind each channel."""


@provider.command("list")
@click.option("--json", "as_object", is_flag=True, help="One JSON object.")
def list_command(as_object: bool) -> None:
    """Show every provider: its state, its share of its channel, and how its latest calls went."""
    with open_context() as ctx:
        found = providers.list_providers(ctx)
    if as_object:
        click.echo(as_json({"providers": [asdict(one) for one in found]}))
        return
    for line in aligned([_HEAD, *(_row(one) for one in found)]):
        click.echo(line)


@provider.command("pause")
@click.argument("name")
@click.option("--reason", required=True, help="Why, for those who come after you.")
def pause_command(name: str, reason: str) -> None:
    """Send nothing more by this provider; what is due waits, or goes by another."""
    with open_context() as ctx:
        providers.pause(ctx, name, by=_me(), reason=reason)
    click.echo(f"provider {name}: paused")


@provider.command("resume")
@click.argument("name")
def resume_command(name: str) -> None:
    """Let a provider take its whole share again, at once."""
    with open_context() as ctx:
        providers.resume(ctx, name, by=_me())
    click.echo(f"provider {name}: on")


@provider.command("weight")
@click.argument("name")
@click.argument("weight", type=click.FloatRange(0, providers.MOST_WEIGHT), required=False)
def weight_command(name: str, weight: float | None) -> None:
    """Change a provider's weight among those of its channel; without a number, back to that of the settings."""
    with open_context() as ctx:
        providers.weigh(ctx, name, weight, by=_me())
    click.echo(f"provider {name}: weight {'of the settings' if weight is None else f'{weight:g}'}")


@provider.command("hooks")
def hooks_command() -> None:
    """Show the address at which each provider tells what became of messages, to be given to it. One that holds a token
    is a secret: whoever knows it can report."""
    with open_context() as ctx:
        settings = ctx.settings
        names = {offer.name: offer.is_vendor for offer in settings.offers() if offer.channel != "email"}
        platforms = {offer.platform for offer in settings.push_offers()} - {"jpush"}  # which calls nobody back
        root, secret = settings.public_url.rstrip("/"), settings.secret_key
    for name, wants_token in names.items():
        click.echo(f"{name}: {root}/hooks/{name}{f'/{hook_token(secret, name)}' if wants_token else ''}")
    for name in sorted(platforms):
        signs = f" (its token: {hook_token(secret, name)[:TOKEN_LENGTH]})" if name == "wechat" else ""
        click.echo(f"{name}: {root}/hooks/{name}{signs}")


def _row(one: providers.Seen) -> tuple[str, ...]:
    health = (str(one.calls), f"{one.failed:.0%}", f"{one.seconds:.2f}") if one.calls else ("0", "-", "-")
    place = one.name, one.channel, one.state, f"{one.weight:g}", f"{one.share:.0%}"
    return (*place, *health, str(one.unknown), one.reason)


def _me() -> str:
    return f"shell:{getpass.getuser()}"
