"""`pushsvc sandbox`: the counterpart of the channels, on loopback."""

from __future__ import annotations

from urllib.parse import urlsplit

import click

from pushsvc.settings import Settings, read_settings


@click.command()
def sandbox() -> None:
    """Run the counterpart until Ctrl-C: a mail server, and a gateway for SMS and push, where the settings point."""
    from channels.sandbox import run_sandbox
    from pushsvc.context import clock_of

    settings = read_settings()
    root = settings.var / "sandbox"
    root.mkdir(parents=True, exist_ok=True)
    smtp, http = sandbox_ports(settings)
    click.echo(f"mail on 127.0.0.1:{smtp}, SMS and push on 127.0.0.1:{http}, journal in {root}")
    hooks = f"http://127.0.0.1:{settings.web_port}"
    key, clock = settings.gateway_key, clock_of(settings)  # a rehearsal's world keeps the rehearsal's time
    run_sandbox(root, smtp_port=smtp, http_port=http, key=key, hooks_url=hooks, clock=clock)


def sandbox_ports(settings: Settings) -> tuple[int, int]:
    """The counterpart's ports for mail and for the gateway: those that the settings point to."""
    first = {offer.channel: urlsplit(offer.url).port for offer in reversed(settings.offers())}
    return first["email"] or 8025, first["sms"] or 8026
