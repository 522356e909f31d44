"""`pushsvc facts`: what is held of one profile, with source, day, purpose and basis."""

from __future__ import annotations

import json

import click

from pushsvc.cli.context import open_context


@click.command()
@click.argument("ref")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--locale", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def facts(ref: str, as_json: bool, locale: str) -> None:
    """Say what is held of the profile REF, and what is not held and why. The look is written to the audit log."""
    from pushsvc.pipeline.held import held_for_operator
    from pushsvc.pipeline.held_output import as_json as plain
    from pushsvc.pipeline.held_output import lines

    with open_context() as ctx:
        held = held_for_operator(ctx, ref, locale)
    if as_json:
        click.echo(json.dumps(plain(held), ensure_ascii=False, default=str))
    else:
        click.echo("\n".join(lines(held, locale)))
