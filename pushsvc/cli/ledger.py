"""`pushsvc ledger check`: reconcile our tables, and the sandbox's journals where there are some."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from pushsvc.cli.context import open_context
from pushsvc.pipeline.ledger import Ledger, check, sink_keys


@click.group()
def ledger() -> None:
    """Reconcile what we say with what sinks received."""


@ledger.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check_command(as_json: bool) -> None:
    """Name every difference; exit 1 if there is one."""
    with open_context() as ctx:
        root = ctx.settings.var / "sandbox"
        found = check(ctx, (lambda: sink_keys(root)) if root.is_dir() else None)
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False))
    else:
        _print(found)
    if found.lost or found.unexplained or found.differences:
        raise SystemExit(1)


def _print(found: Ledger) -> None:
    click.echo(f"{'':<8}{'expected':>10}{'accepted':>10}{'at sink':>10}{'listed':>10}{'pending':>10}")
    for channel in found.expected:
        cells = (found.expected, found.accepted, found.received, found.listed, found.pending)
        click.echo(f"{channel:<8}" + "".join(f"{cell.get(channel, 0):>10,}" for cell in cells))
    click.echo(f"lost {found.lost} · unexplained {found.unexplained}")
    for sentence in found.differences:
        click.echo(f"difference: {sentence}")
