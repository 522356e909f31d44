"""`pushsvc ledger check`: reconcile our tables, and the sandbox's journals where there are some."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click

from pushsvc.cli.context import open_context
from pushsvc.pipeline.ledger import CHANNELS, Ledger, check, sink_keys
from pushsvc.store.states import DELIVERY


@click.group()
def ledger() -> None:
    """Reconcile what we say with what sinks received."""


@ledger.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--sinks",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of a sandbox's journals; where not given, that of this service's own sandbox, if there is one.",
)
def check_command(as_json: bool, sinks: Path | None) -> None:
    """Name every difference; exit 1 if there is one. The service may run meanwhile."""
    with open_context() as ctx:
        root = sinks or ctx.settings.var / "sandbox"
        found = check(ctx, (lambda: sink_keys(root)) if root.is_dir() else None)
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False))
    else:
        for line in table(found):
            click.echo(line)
    if found.found:
        raise SystemExit(1)


def table(found: Ledger) -> list[str]:
    """Lines: a row a state, a column a channel and their total; then the sums, and what does not add up."""
    names = [state for state in DELIVERY if any(state in cells for cells in found.states.values())]
    states = {state: {c: found.states.get(c, {}).get(state, 0) for c in CHANNELS} for state in names}
    sums = {"expected": found.expected, "accepted": found.accepted, "listed": found.listed, "pending": found.pending}
    if found.received:
        sums["at sink"] = found.received
    head = f"{'':<12}" + "".join(f"{name:>12}" for name in (*CHANNELS, "total"))
    lines = [head, *(_line(name, cells) for name, cells in states.items()), "-" * len(head)]
    lines += [_line(name, cells) for name, cells in sums.items()]
    if found.received:
        lines.append(f"lost {found.lost:,} · unexplained {found.unexplained:,}")
    lines += [f"difference {one.code}: {one}" for one in found.found] or ["no differences"]
    return lines


def _line(name: str, cells: Mapping[str, int]) -> str:
    counts = [cells.get(channel, 0) for channel in CHANNELS]
    return f"{name:<12}" + "".join(f"{n:>12,}" for n in (*counts, sum(counts)))
