"""`pushsvc model drift`: how far people, policies and scores have moved from what the serving model learnt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from pushsvc.cli.context import open_context
from pushsvc.cli.tables import aligned, as_json

if TYPE_CHECKING:
    from pushsvc.pipeline.drift import Report, Side
    from pushsvc.store.opened import Opened
    from recommenders.drift import Shift

WIDTH = 24  # letters of a bar that calls for a new model
CALLS = {
    "ok": "nothing to do",
    "watch": "look again soon",
    "retrain": "train anew: `pushsvc train`",
    "unknown": "this model's card keeps nothing to compare with",
}


@click.command()
@click.option("--json", "json_", is_flag=True, help="Print one JSON object.")
def drift(json_: bool) -> None:
    """Say how far the city has moved from what the serving model learnt."""
    from pushsvc.pipeline.drift import drift as find

    with open_context() as ctx:
        found = find(ctx)
    if json_:
        click.echo(as_json(asdict(found)))
        return
    for line in told(found):
        click.echo(line)


def told(report: Report) -> Iterator[str]:
    """The report as a table, with a bar for each index."""
    yield f"model {report.model}, serving since {report.since:%Y-%m-%d %H:%M}: {report.status}, {CALLS[report.status]}"
    yield "PSI: below 0.1 ok, 0.1 to 0.25 watch, from 0.25 retrain; what chance explains is ok"
    yield from _side("profiles", report.profiles)
    yield from _side("policies published since it was made", report.policies)
    yield "scores of a sample"
    yield from aligned([_row(report.scores)])
    yield "opened, by door, before it served and since"
    rows = [(door.since.door, _rate(door.before), _rate(door.since)) for door in report.doors]
    yield from aligned([("  door", "before", "since"), *((f"  {name}", old, new) for name, old, new in rows)])


def _side(name: str, side: Side) -> Iterator[str]:
    then = f" (when it was made {_percent(side.unknown_then)})" if side.unknown_then is not None else ""
    yield f"{name}: {side.rows:,}; with something that the model does not know {_percent(side.unknown)}{then}"
    yield from aligned([_row(one) for one in side.shifts])


def _row(one: Shift) -> tuple[str, ...]:
    value = "–" if one.psi is None else f"{one.psi:.3f}"
    chance = "" if one.chance is None else f"chance {one.chance:.3f}"
    most = f"{one.most} {one.moved:+.1%}" if abs(one.moved) >= 0.0005 else ""  # less would read as +0.0%
    return f"  {one.name}", value, bar(one.psi), one.status, chance, most


def bar(psi: float | None) -> str:
    """A bar as long as the index, at most twice as long as what calls for a new model."""
    from recommenders.drift import RETRAIN

    length = 0 if psi is None else round(min(psi / RETRAIN, 2.0) * WIDTH)
    return ("█" * length or "·") if length <= 2 * WIDTH - 1 else "█" * (2 * WIDTH - 1) + "▶"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _rate(one: Opened) -> str:
    return "–" if one.rate is None else f"{one.rate:.1%} of {one.sent:,}"
