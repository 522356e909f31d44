"""`pushsvc import policies PATH`: a file or a folder goes in, and the funnel is shown by file and reason."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from tqdm import tqdm

from pushsvc.cli.context import open_context
from pushsvc.cli.tables import as_json, funnel_json, funnel_table
from pushsvc.pipeline.ingest_policies import import_folder, import_policies
from pushsvc.pipeline.report import Funnel

SHOWN = 20  # errors printed a file; the table counts them all


def run_policies(path: Path, *, json_: bool) -> None:
    """Load with a progress bar, then print the funnel; exit code 2 where rows were refused."""
    with open_context() as ctx, tqdm(desc="policies", unit=" rows") as bar:
        if path.is_dir():
            funnel = import_folder(ctx, path, bar.update)
        else:
            funnel = Funnel(((path.name, import_policies(ctx, path, bar.update)),))
    if json_:
        click.echo(as_json(funnel_json(funnel)))
    else:
        click.echo("\n".join(_lines(funnel)))
        _tell_errors(funnel)
    if any(report.errors for _, report in funnel.files):
        sys.exit(2)


def _lines(funnel: Funnel) -> list[str]:
    total = funnel.total()
    lines = [f"policies: {total.new:,} new, {total.changed:,} changed, {total.unchanged:,} unchanged"]
    lines += funnel_table(funnel)
    if total.held:
        lines.append("What is held waits for a person: `pushsvc queue list`, `pushsvc queue show REF`.")
    return lines


def _tell_errors(funnel: Funnel) -> None:
    for name, report in funnel.files:
        for error in report.errors[:SHOWN]:
            place = f"line {error.line}, {error.column or 'row'}" if error.line else "file"
            click.echo(f"  {name}, {place}: {error.code}: {error.sentence}", err=True)
        if len(report.errors) > SHOWN:
            click.echo(f"  {name}: {len(report.errors) - SHOWN:,} more errors", err=True)
