"""`pushsvc lint`: criteria in words, and what is wrong with them, before anything runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from profiles.criteria import CriteriaError
from profiles.criteria.leaves import Days
from profiles.criteria.linting import Flaw, lint
from profiles.criteria.outline import outline
from profiles.criteria.parameters import bind
from pushsvc.cli.context import open_context
from pushsvc.pipeline.policy_criteria import parse_unbound


@click.command("lint")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--locale", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def lint_command(file: Path, locale: str) -> None:
    """Read one tree (JSON), or the `criteria` of policies (JSON lines); exit code 2 where one cannot be used.

    Shared figures are those of the database, as of today in the city.
    """
    from pushsvc.pipeline.days import city_day
    from pushsvc.store.parameters import load_parameters
    from pushsvc.store.session import transaction

    with open_context() as ctx:
        with transaction(ctx.engine) as conn:
            parameters = load_parameters(conn)
        today = city_day(ctx)
    bad = 0
    for name, tree in _trees(file):
        try:
            found = lint(bind(tree, parameters, today), days=Days(today))
        except CriteriaError as exc:
            found = (Flaw(exc.code, exc.place, exc.sentence, exc.sentence),)
        click.echo("\n".join(_lines(name, tree, found, locale)))
        bad += any(flaw.harmful for flaw in found)
    sys.exit(2 if bad else 0)


def _trees(file: Path) -> Iterator[tuple[str, Any]]:
    """What the file holds: a tree by itself, or a policy a line; lines without criteria are passed over."""
    text = file.read_text(encoding="utf-8-sig", errors="replace")
    whole = _json(text)
    if isinstance(whole, dict) and "criteria" not in whole:
        yield file.name, whole
        return
    for number, line in enumerate(text.splitlines(), start=1):
        row = _json(line)
        if line.strip() and not isinstance(row, dict):
            raise click.ClickException(f"line {number}: this is no JSON object.")
        if isinstance(row, dict) and row.get("criteria") is not None:
            yield str(row.get("ref") or row.get("id") or f"line {number}"), row["criteria"]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _lines(name: str, tree: Any, found: tuple[Flaw, ...], locale: str) -> Iterator[str]:
    """The tree in words, then its flaws with their places."""
    yield name
    with suppress(CriteriaError):
        yield from (f"  {'  ' * line.depth}{line.words(locale)}" for line in outline(parse_unbound(tree)))
    for flaw in found:
        words = flaw.zh if locale == "zh" else flaw.en
        hint = f" ({'、'.join(flaw.close)}?)" if flaw.close and locale != "zh" else ""
        yield f"  {'✗' if flaw.harmful else '!'} {flaw.place or '.'}: {flaw.code}: {words}{hint}"
