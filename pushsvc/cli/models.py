"""`pushsvc train` and `pushsvc model`: make models, see them, choose which one serves."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

import click
from tqdm import tqdm

from pushsvc.cli.context import open_context
from pushsvc.cli.drift import drift
from pushsvc.cli.tables import aligned, as_json

if TYPE_CHECKING:
    from pushsvc.pipeline.gate import Check
    from pushsvc.store.models import ModelRow

_SHOWN = ("audience_auc_cold", "audience_auc_activity", "audience_auc_random", "feed_auc_cold")
_DAY = click.DateTime(["%Y-%m-%d"])
_BY = click.option("--by", required=True, help="Who decides this.")
_JSON = click.option("--json", "json_", is_flag=True, help="Print one JSON object.")
_HEAD = ("id", "state", "made", "window", "audience AUC", "activity", "feed AUC", "assessment")

_SEED = click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=1,
    show_default=True,
    help="The same seed and data give the same model.",
)


@click.command()
@_SEED
@click.option("--threads", type=click.IntRange(1, 64), default=1, show_default=True, help="With more, two runs differ.")
@click.option("--assessment", help="Id of the impact assessment; without it the newest that covers the algorithm.")
def train(seed: int, threads: int, assessment: str | None) -> None:
    """Train the recommender from the interactions; it serves if it passes the gate."""
    from pushsvc.pipeline import learn
    from pushsvc.pipeline.models import require_assessment

    with open_context() as ctx, tqdm(desc="train", unit="step") as bar:

        def progress(done: int, total: int, what: str) -> None:
            bar.total, bar.n = total, done
            bar.set_postfix_str(what)

        if assessment is not None:
            require_assessment(ctx, assessment)
        learnt = learn.train(ctx, seed=seed, threads=threads, assessment=assessment, progress=progress)
    click.echo(f"model {learnt.id}: {_line(learnt.card)}")
    for line in _gate_lines(learnt.checks):
        click.echo(line)
    click.echo("It is in use." if learnt.active else "It is not in use: it does not pass the gate.")


@click.group()
def model() -> None:
    """See the trained models, and choose which one serves."""


model.add_command(drift)


@model.command("list")
@_JSON
def list_(json_: bool) -> None:
    """All models, the newest first."""
    from pushsvc.store.models import model_rows
    from pushsvc.store.session import transaction

    with open_context() as ctx, transaction(ctx.engine) as conn:
        rows = model_rows(conn)
    if json_:
        click.echo(as_json({"models": [dict(zip(_HEAD, _cells(row), strict=True)) for row in rows]}))
        return
    for line in aligned([_HEAD, *map(_cells, rows)]) if rows else ["There is no model: `pushsvc train` makes one."]:
        click.echo(line)


@model.command()
@click.argument("id", type=click.IntRange(1, 2**63 - 1))
@_JSON
def show(id: int, json_: bool) -> None:
    """One model: when it served, the gate's answer line by line, its recipe and its card."""
    from pushsvc.store.models import history, model_rows
    from pushsvc.store.session import transaction

    with open_context() as ctx, transaction(ctx.engine) as conn:
        rows = model_rows(conn, model_id=id)
        times = [one for one in history(conn) if one.model_id == id]
    if not rows:
        click.echo(f"pushsvc: There is no model {id}: `pushsvc model list` shows them.", err=True)
        sys.exit(1)
    if json_:
        click.echo(as_json(vars(rows[0]) | {"served": [vars(one) for one in times]}))
        return
    for line in _shown(rows[0]):
        click.echo(line)
    for one in times:
        until = f"{one.until:%Y-%m-%d %H:%M}" if one.until else "now"
        click.echo(f"served {one.since:%Y-%m-%d %H:%M} – {until}, by {one.by} ({one.why})")


@model.command()
@click.argument("id", type=click.IntRange(1, 2**63 - 1))
@_BY
def use(id: int, by: str) -> None:
    """Let a stored model serve, if it passes the gate today."""
    from pushsvc.pipeline.models import use as use_model

    with open_context() as ctx:
        found = use_model(ctx, id, by=by)
    for line in _gate_lines(found.checks):
        click.echo(line)
    click.echo(f"model {found.id} is in use")


@model.command()
@_BY
def rollback(by: str) -> None:
    """Take back: the model that served before serves again."""
    from pushsvc.pipeline.models import rollback as take_back

    with open_context() as ctx:
        number = take_back(ctx, by=by)
    click.echo(f"model {number} is in use again")


@model.command()
@click.argument("id")
@click.option("--algorithm", required=True, help="The version of the algorithm that was assessed.")
@click.option("--title", required=True)
@click.option("--made-on", type=_DAY, required=True)
@click.option("--valid-until", type=_DAY, help="Its last day; without it three years after it was made.")
@click.option("--by", required=True, help="Who records it.")
def assess(id: str, algorithm: str, title: str, made_on: datetime, valid_until: datetime | None, by: str) -> None:
    """Record a personal information impact assessment (PIPL 55): without one no model begins to serve."""
    from pushsvc.pipeline.assessing import NewAssessment
    from pushsvc.pipeline.assessing import assess as record

    until: date | None = valid_until.date() if valid_until else None
    with open_context() as ctx:
        found = record(ctx, NewAssessment(id, algorithm, title, made_on.date(), until), by=by)
    click.echo(f"assessment {found.id} covers algorithm {found.algorithm} from {found.made_on} to {found.valid_until}")


def _cells(row: ModelRow) -> tuple[str, ...]:
    from pushsvc.pipeline.gate import baseline, figure, measured

    figures, window = measured(row.card), row.card.get("window") or {}
    told = (figure(figures, "audience_auc_cold"), baseline(figures, "activity"), figure(figures, "feed_auc_cold"))
    days = f"{window['from']} – {window['to']}" if window.get("from") and window.get("to") else "not told"
    numbers = tuple("–" if value is None else f"{value:.3f}" for value in told)
    return (str(row.id), row.state, f"{row.created_at:%Y-%m-%d %H:%M}", days, *numbers, row.assessment or "none")


def _shown(row: ModelRow) -> Iterator[str]:
    from pushsvc.pipeline.gate import check_of
    from recommenders.recipe import PARTS

    yield f"model {row.id}: {row.state}, made {row.created_at:%Y-%m-%d %H:%M}, arrays {row.checksum}"
    yield from _gate_lines([check_of(one) for one in row.gate])
    recipe = row.card.get("recipe") or {}
    for direction, blend in recipe.items():
        names = [*PARTS, *sorted(blend.keys() - set(PARTS))]
        parts = ", ".join(f"{name} {blend[name]:g}" for name in names if blend.get(name))
        yield f"recipe, {direction}: {parts}"
    for name, value in sorted(row.card.items()):
        if name == "evaluation":
            yield f"evaluation: {_line(row.card)} (all figures: --json)"
        elif name not in ("recipe", "mean", "reference"):
            yield f"{name}: {as_json(value) if isinstance(value, list | dict) else value}"


def _gate_lines(checks: Sequence[Check]) -> Iterator[str]:
    from pushsvc.pipeline.gate import said

    for check in checks:
        yield f"  {'passed' if check.passed else 'FAILED'}  {said(check, 'en')}"


def _line(card: Mapping[str, object]) -> str:
    """How well it did in one line; of a model that learnt nothing, why."""
    from pushsvc.pipeline.gate import measured

    figures = measured(card)
    told = ", ".join(f"{name} {figures[name]}" for name in _SHOWN if name in figures)
    return told or f"of what people declared, without figures ({card.get('why_not_learnt', 'not told')})"
