"""`pushsvc train` and `pushsvc evaluate`."""

from __future__ import annotations

import json
from pathlib import Path

import click
from tqdm import tqdm

from pushsvc.cli.context import open_context

_SHOWN = ("audience_auc_cold", "audience_auc_activity", "audience_auc_random", "feed_auc_cold")

_SEED = click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=1,
    show_default=True,
    help="The same seed and data give the same model.",
)


@click.command()
@_SEED
def train(seed: int) -> None:
    """Train the recommender from the interactions, and use it if it beats chance on policies it has not seen."""
    from pushsvc.pipeline import learn

    with open_context() as ctx, tqdm(total=2, desc="train", unit="step") as bar:
        learnt = learn.train(ctx, seed=seed, progress=lambda done, total, what: bar.update(1))
    figures = learnt.card["evaluation"]
    use = "in use" if learnt.active else "not in use: it does not beat chance"
    click.echo(f"model {learnt.id}: {use}; {_line(figures)}")


@click.command()
@_SEED
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), help="A published data set.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def evaluate(seed: int, data: Path | None, as_json: bool) -> None:
    """Measure the recommender on policies held out from training, or on a data set in a folder."""
    figures = _evaluate_folder(data, seed) if data else _evaluate_own(seed)
    click.echo(json.dumps(figures, ensure_ascii=False) if as_json or data else _line(figures))


def _evaluate_own(seed: int) -> dict[str, object]:
    from pushsvc.pipeline import learn

    with open_context() as ctx:
        return learn.evaluate(ctx, seed=seed)


def _evaluate_folder(data: Path, seed: int) -> dict[str, object]:
    from recommenders.evaluation import evaluate_dir
    from recommenders.training import Config

    with tqdm(desc=data.name, unit="step") as bar:

        def progress(done: int, total: int, label: str) -> None:
            bar.total = total
            bar.update(done - bar.n)

        return evaluate_dir(data, config=Config(seed=seed), progress=progress)


def _line(figures: dict[str, object]) -> str:
    return ", ".join(f"{name} {figures[name]}" for name in _SHOWN if name in figures)
