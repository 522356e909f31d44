"""`pushsvc mailbox`: what comes back to the bounce address, read from its mailbox or handed over by a mail server."""

from __future__ import annotations

import sys

import click

from pushsvc.cli.context import open_context
from pushsvc.cli.tables import as_json

AGAIN = 75  # EX_TEMPFAIL: any other failure makes the mail server give the mail up


@click.group()
def mailbox() -> None:
    """Bounces and complaints that came back by mail."""


@mailbox.command()
@click.option("--json", "json_", is_flag=True, help="Print one JSON object.")
def read(json_: bool) -> None:
    """Read what is new in PUSHSVC_MAILBOX_URL, once. Workers do so every minute."""
    from pushsvc.pipeline.returned import read_mailbox

    with open_context() as ctx:
        if not ctx.settings.mailbox_url:
            raise click.UsageError("PUSHSVC_MAILBOX_URL is not set: there is no mailbox to read.")
        found = read_mailbox(ctx)
    if json_:
        click.echo(as_json({"mails": dict(found.mails), "new": found.new}))
        return
    click.echo(", ".join(f"{what} {n:,}" for what, n in sorted(found.mails.items())) or "no new mail")
    click.echo(f"{found.new:,} new receipts")


@mailbox.command()
@click.option("--to", default="", help="The envelope's recipient, where the mail server does not write it down.")
def take(to: str) -> None:
    """Take one mail on standard input, as from an alias `bounces: "|pushsvc mailbox take"`.

    Whatever goes wrong, the exit code is 75: the mail server keeps the mail and tries again. Mails that people wrote
    are not kept here: let the alias have a second target for them.
    """
    from channels.mail_parts import MAIL_LIMIT
    from pushsvc.pipeline.returned import take_mail

    raw = sys.stdin.buffer.read(MAIL_LIMIT)
    while sys.stdin.buffer.read(MAIL_LIMIT):  # to the end: else the mail server sees a broken pipe
        pass
    try:
        with open_context() as ctx:
            found = take_mail(ctx, raw, to)
    except Exception as exc:
        click.echo(f"pushsvc: the mail was not taken ({type(exc).__name__}).", err=True)
        sys.exit(AGAIN)
    click.echo(", ".join(found.mails))
