"""`pushsvc demo`: the first minute of the service on its sample city, then the pages to look around in."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time

import click

from pushsvc.demo.figures import settle, summary, tell
from pushsvc.demo.loading import load_city
from pushsvc.demo.memory import Peak, watched
from pushsvc.demo.play import play
from pushsvc.demo.stage import Stage, open_stage

LINKS = (("居民", "r"), ("企业", "e"), ("经办", "o"), ("审核", "v"))


@click.command()
@click.option("--once", is_flag=True, help="Exit after the run instead of staying up.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as one JSON object on stdout.")
@click.option("--profiles", default=20_000, show_default=True, type=click.IntRange(min=200), help="Size of the city.")
@click.option("--policies", default=200, show_default=True, type=click.IntRange(min=40), help="Policies of the city.")
@click.option("--seed", default=1, show_default=True, help="The city's seed.")
def demo(once: bool, as_json: bool, profiles: int, policies: int, seed: int) -> None:
    """Run the whole service on an invented city: match, plan, deliver, survive a kill, reconcile."""
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.default_int_handler)  # all unwind the stage, which ends the children before us
    started = time.monotonic()
    try:
        with watched() as peak, open_stage(sys.stderr if as_json else sys.stdout, started) as stage:
            stage.say(f"江澜市(示例) {profiles:,} profiles · {policies} policies · PostgreSQL + Redis embedded")
            if hours := stage.ctx.settings.ahead_seconds / 3600:
                stage.say(f"by night, what is recommended waits for day: the city's clock is {hours:.0f} h ahead")
            even = _run(stage, as_json=as_json, size=(seed, profiles, policies), peak=peak)
            if not once:
                _stay(stage)
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)
        sys.exit(130 if once else 0)
    if not even:
        sys.exit(1)


def _run(stage: Stage, *, as_json: bool, size: tuple[int, int, int], peak: Peak) -> bool:
    """Load, play, reckon; returns whether everything came out even."""
    seed, profiles, policies = size
    city = load_city(stage, seed=seed, profiles=profiles, policies=policies)
    auc = city.model["audience_auc_cold"]
    trained = (
        f" · model: audience AUC on unseen policies {auc:.3f}"
        if auc is not None and city.model.get("in_use", True)
        else ""
    )
    stage.say(
        f"imported {city.counts['interactions']:,} interactions, {city.counts['subscriptions']:,} wishes{trained}"
    )
    shown = play(stage, city)
    found = settle(stage, seconds=60)
    result = summary(stage, found, {"policies": city.counts["policies"], "model": city.model, **shown})
    stage.say(f"in all: {tell(found)} · listed {result['listed']:,}")
    for sentence in found.ledger.differences:
        stage.say(f"difference: {sentence}")
    if as_json:
        result["peak_mb"] = peak.mb
        click.echo(json.dumps(result, ensure_ascii=False, default=str))
    return found.even and not found.lost and not found.ledger.differences


def _stay(stage: Stage) -> None:
    """Show where to look, and wait for Ctrl-C."""
    url = stage.ctx.settings.public_url
    stage.say("Open: " + " · ".join(f"{who} {url}/demo/{letter}" for who, letter in LINKS) + "\nCtrl-C stops.")
    threading.Event().wait()
