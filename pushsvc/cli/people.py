"""`pushsvc import …`: policies, criteria, profiles, interactions and subscriptions from files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click
from tqdm import tqdm

from pushsvc.cli.context import open_context
from pushsvc.context import Context
from pushsvc.pipeline.report import ImportReport, Progress

Load = Callable[[Context, Path, Progress], ImportReport]
SHOWN = 20  # errors printed; the counts tell of the rest


def _regular(_ctx: click.Context, _option: click.Parameter, path: Path) -> Path:
    """A file is read twice, first for its encoding: a pipe would be empty the second time, a device has no end."""
    if not path.is_file():
        raise click.BadParameter(f"'{path}' is a pipe or a device: write what it says to a file, and import that.")
    return path


def _regular_or_folder(ctx: click.Context, option: click.Parameter, path: Path) -> Path:
    return path if path.is_dir() else _regular(ctx, option, path)


_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), callback=_regular)


@click.group("import")
def import_group() -> None:
    """Load a file. Good rows load, bad ones are named with their line; run again, it changes nothing."""


@import_group.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), callback=_regular_or_folder)
@click.option("--json", "json_", is_flag=True, help="Print the funnel as one JSON object.")
def policies(path: Path, json_: bool) -> None:
    """Load policies as drafts: JSON lines, a JSON array, CSV, plain text, HTML, or a folder of such files."""
    from pushsvc.cli.funnel import run_policies

    run_policies(path, json_=json_)


@import_group.command()
@_FILE
def criteria(file: Path) -> None:
    """Give drafts their criteria: lines of {ref, criteria, family?, event?, kind?, topic?}."""
    from pushsvc.pipeline.ingest_policies import import_criteria

    run("criteria", file, import_criteria)


@import_group.command()
@_FILE
@click.option("--life-events", is_flag=True, help="Raise births, moves and foundings that the rows show to be new.")
def profiles(file: Path, life_events: bool) -> None:
    """Load profiles: a CSV with at least `ref` and `kind`."""
    from pushsvc.pipeline.ingest_profiles import import_profiles

    def load(ctx: Context, path: Path, progress: Progress) -> ImportReport:
        return import_profiles(ctx, path, progress, life_events=life_events)

    run("profiles", file, load)


@import_group.command()
@_FILE
def parameters(file: Path) -> None:
    """Load figures that criteria share (a minimum wage …): JSON of {name: {zh, en, unit, values}}."""
    from pushsvc.pipeline.shared_figures import import_parameters

    run("parameters", file, import_parameters)


@import_group.command()
@_FILE
def interactions(file: Path) -> None:
    """Load what people did: CSV or JSON lines of profile, policy, kind, at."""
    from pushsvc.pipeline.ingest_log import import_interactions

    run("interactions", file, import_interactions)


@import_group.command()
@_FILE
def subscriptions(file: Path) -> None:
    """Load explicit wishes: a CSV of profile, ref, themes, industries, regions, agencies, keyword, cadence.

    In a cell `a|b` asks for any, `a&b` for all; keywords with a space between them must all occur.
    """
    from pushsvc.pipeline.ingest_log import import_subscriptions

    run("subscriptions", file, import_subscriptions)


def run(what: str, file: Path, load: Load) -> None:
    """Load with a progress bar, then say what became of the rows; exit code 2 where some were bad."""
    with open_context() as ctx, tqdm(desc=what, unit=" rows") as bar:
        report = load(ctx, file, bar.update)
    click.echo(f"{what}: {report.new:,} new, {report.changed:,} changed, {report.unchanged:,} unchanged")
    for error in report.errors[:SHOWN]:
        click.echo(f"  line {error.line}, {error.column or 'row'}: {error.code}: {error.sentence}", err=True)
    if report.errors:
        codes = ", ".join(f"{code} {n:,}" for code, n in report.codes().most_common())
        click.echo(f"  {len(report.errors):,} errors: {codes}", err=True)
        sys.exit(2)
