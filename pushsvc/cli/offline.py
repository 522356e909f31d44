"""`pushsvc offline CAMPAIGN`: whom a campaign could not reach, by street and reason."""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from pathlib import Path

import click

from pushsvc.cli.context import open_context
from pushsvc.cli.tables import aligned, as_json


@click.command()
@click.argument("number", metavar="CAMPAIGN", type=click.IntRange(1, 2**63 - 1))
@click.option("--csv", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write the masked list there.")
@click.option("--json", "json_", is_flag=True, help="Print one JSON object.")
def offline(number: int, file: Path | None, json_: bool) -> None:
    """Whom CAMPAIGN could not reach, by street and reason. A list that is written is entered in the audit log."""
    from pushsvc.pipeline import offline as verbs

    with open_context() as ctx:
        found = verbs.totals(ctx, number)
        if file is not None:
            people = verbs.lines(ctx, number, actor=f"shell:{getpass.getuser()}")
            _write(file, verbs.as_csv(people, english=True))
    if json_:
        places = [{**vars(one), "total": one.total, "names": verbs.place_name(one)} for one in found.places]
        click.echo(as_json({"campaign": number, "total": found.total, "reasons": found.reasons, "places": places}))
        return
    click.echo(f"campaign {number}: {found.total:,} could not be reached")
    rows = []
    for one in found.places:
        told = ", ".join(f"{reason} {n:,}" for reason, n in one.reasons.items())
        rows.append((*verbs.place_name(one, english=True), f"{one.total:,}", told))
    for line in aligned(rows):
        click.echo(f"  {line}")
    if file is not None:
        click.echo(f"{len(people):,} lines in {file}")


def _write(file: Path, rows: Iterable[str]) -> None:
    try:
        with file.open("w", encoding="utf-8-sig", newline="") as out:  # spreadsheets take the mark for Chinese
            out.writelines(rows)
    except OSError as exc:
        raise click.FileError(str(file), exc.strerror) from exc
