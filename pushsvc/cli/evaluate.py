"""`pushsvc evaluate`: how good the recommender is, on our own log or on a data set in a folder."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Protocol

import click
from tqdm import tqdm

from pushsvc.cli.context import open_context

Result = Mapping[str, Any]
COLUMNS = ("auc", "ndcg@20", "recall@20", "precision@20", "coverage")
SIDES = ("feed", "audience")
BEST = "*"


class Progress(Protocol):
    """Called as steps end."""

    def __call__(self, done: int, total: int, label: str) -> None:
        """`done` of `total` steps, the last of which is named."""


def _writable(ctx: click.Context, param: click.Parameter, folder: Path | None) -> Path | None:
    """Asked before the evaluation, which may take hours."""
    try:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder):
                return folder
    except OSError as exc:
        raise click.BadParameter(f"{folder} cannot be written to: {exc.strerror}.") from exc
    return folder


@click.command()
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=1,
    show_default=True,
    help="The same seed and data give the same figures.",
)
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A published data set, or a folder of them.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--charts",
    type=click.Path(file_okay=False, path_type=Path),
    callback=_writable,
    help="Draw the figures as SVG into a folder.",
)
def evaluate(seed: int, data: Path | None, as_json: bool, charts: Path | None) -> None:
    """Measure the recommender on policies held out from training, or on a data set in a folder."""
    start = time.perf_counter()
    with _bar(data.name if data else "evaluate") as progress:
        found = _folder(data, seed, progress) if data else _own(seed, progress)
    found = {**found, "seconds": round(time.perf_counter() - start, 1)}
    results = _each(found)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        click.echo("\n\n".join(block for name, result in results.items() for block in tables(name, result)))
    if charts:
        from recommenders.evaluation.charts import draw

        names = [path.name for name, result in results.items() for path in draw(charts, name, result)]
        click.echo(f"{len(names)} charts in {charts}: {', '.join(names)}", err=as_json)


@contextmanager
def _bar(title: str) -> Iterator[Progress]:
    with tqdm(desc=title, unit="step") as bar:

        def progress(done: int, total: int, label: str) -> None:
            bar.total = total
            bar.set_postfix_str(label, refresh=False)
            bar.update(done - bar.n)

        yield progress


def _own(seed: int, progress: Progress) -> Result:
    from pushsvc.pipeline import learn

    with open_context() as ctx:
        return learn.evaluate(ctx, seed=seed, progress=progress)


def _folder(data: Path, seed: int, progress: Progress) -> Result:
    from recommenders.evaluation import evaluate_dir
    from recommenders.training import Config

    return evaluate_dir(data, config=Config(seed=seed), progress=progress)


def _each(found: Result) -> dict[str, Result]:
    """The results by data set, or by split of the own log."""
    if "datasets" in found:
        return dict(found["datasets"])
    if isinstance(found.get("splits"), Mapping):
        return {f"{name} split": one for name, one in found["splits"].items() if one is not None}
    return {str(found.get("name", "")): found}


def tables(name: str, result: Result) -> Iterator[str]:
    """Our score first, then the baselines, then our score without each part; a column's best is marked."""
    for side in SIDES:
        rows = {"ours": result[side]} | {one: judged[side] for one, judged in result["baselines"].items()}
        most = {column: max((row[column] for row in rows.values() if row[column] is not None), default=None)
                for column in COLUMNS}  # fmt: skip
        lines = [f"{name}, {side}".ljust(26) + "".join(column.rjust(14) for column in COLUMNS)]
        lines += [_line(one, row, most) for one, row in rows.items()]
        lines += [_line(f"ours without {one}", judged[side], {}) for one, judged in result["ablations"].items()]
        low, high = result["interval"][side]["auc"]
        lines.append(f"{BEST} best of its column; 95 % interval of our AUC: {_number(low)} to {_number(high)}")
        yield "\n".join(lines)


def _line(name: str, row: Result, most: Mapping[str, float | None]) -> str:
    cells = []
    for column in COLUMNS:
        mark = BEST if row[column] is not None and row[column] == most.get(column) else " "
        cells.append(f"{_number(row[column])}{mark}".rjust(14))
    return name.ljust(26) + "".join(cells)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
