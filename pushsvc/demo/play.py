"""The first minute, step by step: approve, match, plan, kill, recover, switch off, a birth."""

from __future__ import annotations

from typing import Any

from pushsvc.demo import pushing
from pushsvc.demo.choices import keep_quiet, record_birth, switch_off
from pushsvc.demo.figures import reckon, tell
from pushsvc.demo.killing import hold_sms, kill_mid_campaign, recover, tell_kill
from pushsvc.demo.loading import City, publish_all
from pushsvc.demo.memory import give_back
from pushsvc.demo.pushing import CHECKUP, MEALS, PIECES, RESEARCH, TALENT, WINDOW, Piece
from pushsvc.demo.stage import Stage, require, wait_until
from pushsvc.pipeline import campaigns
from pushsvc.store.policies import published_policies
from pushsvc.store.session import transaction
from pushsvc.store.watching import draft_refs

PATIENCE = 60.0


def play(stage: Stage, city: City) -> dict[str, Any]:
    """Everything between the loaded city and the reckoning; figures that the summary adds to its own."""
    with transaction(stage.ctx.engine) as conn:
        already = {policy.ref for policy in published_policies(conn)}
    give_back()
    publish_all(stage, [ref for ref in _library(stage) if ref not in already])
    give_back()
    killed = _talent(stage)
    quiet = keep_quiet(stage)
    numbers = {piece.ref: pushing.prepare(stage, piece) for piece in (RESEARCH, CHECKUP, MEALS)}
    for piece in (RESEARCH, CHECKUP, MEALS):
        _begin(stage, piece, numbers[piece.ref])
    off = _off(stage, [numbers[CHECKUP.ref], numbers[MEALS.ref]], quiet=quiet)
    born = record_birth(stage)
    stage.say(f"宝宝出生 recorded → {born['policies']} policies in force → {born['digests']} digest")
    pushing.watch(stage, list(numbers.values()), seconds=PATIENCE)
    _window(stage)
    return {"kill": killed, "personalised_off": off, "birth": born}


def _library(stage: Stage) -> list[str]:
    """Every draft but those whose publication is part of the show."""
    shown = {piece.ref for piece in PIECES}
    with transaction(stage.ctx.engine) as conn:
        return [ref for ref in draft_refs(conn) if ref not in shown]


def _talent(stage: Stage) -> dict[str, Any]:
    """The campaign during which a worker dies."""
    refused = pushing.author_is_refused(stage, TALENT)
    number = pushing.prepare(stage, TALENT)
    alone = "its author 李萌 may not" if refused else "its author 李萌 could, which is wrong"
    stage.say(f"{TALENT.words} published; approved by 周岚 ({alone})")
    fresh = campaigns.report(stage.ctx, number)["state"] == "approved"
    if fresh:
        hold_sms(stage, TALENT.ref)
    _begin(stage, TALENT, number)
    kill = kill_mid_campaign(stage, number) if fresh else None
    _tell(stage, number)
    if kill:
        tell_kill(stage, kill)
    asked = recover(stage, number)
    if kill:
        how = f"{asked} by query, {kill.sending - asked} by receipt"
        stage.say(f"recovered · unknown {kill.sending} settled ({how}) · {tell(reckon(stage))}")
    sending = kill.sending if kill else 0
    return {"killed": kill is not None, "sending": sending, "settled": sending, "settled_by_query": asked}


def _begin(stage: Stage, piece: Piece, number: int) -> None:
    if pushing.start(stage, number):
        planned = wait_until(lambda: pushing.is_planned(stage, number), seconds=PATIENCE)
        require(planned, f"The plan of {piece.words}", stage)
    else:
        stage.say(f"{piece.words}: an earlier run of this demo pushed it; nothing is sent twice")


def _tell(stage: Stage, number: int) -> None:
    report = campaigns.report(stage.ctx, number)
    pushing.tell_match(stage, report)
    pushing.tell_plan(stage, report)


def _off(stage: Stage, numbers: list[int], *, quiet: bool) -> dict[str, Any]:
    """Auntie Wang's two recommendations wait for the end of her nap; then she wants none."""
    for number in numbers:
        _tell(stage, number)
    found = switch_off(stage)
    if quiet:
        stage.say(f"王阿姨 turned personalised off: {found['dropped']} queued recommendations dropped")
    else:
        stage.say(f"王阿姨 has personalised off since an earlier run ({found['dropped_ever']} dropped then)")
    return found


def _window(stage: Stage) -> None:
    """The yearly notice of a family that was told before: another event, so it goes out."""
    number = pushing.prepare(stage, WINDOW)
    _begin(stage, WINDOW, number)
    pushing.watch(stage, [number], seconds=PATIENCE)
    report = campaigns.report(stage.ctx, number)
    sent = sum(report["accepted"].values())
    stage.say(f"{WINDOW.words}: same family as {RESEARCH.words}, another event → {sent:,} told")
    again = pushing.same_again(stage, WINDOW)
    pushing.start(stage, again)
    pushing.watch(stage, [again], seconds=PATIENCE)
    report = campaigns.report(stage.ctx, again)
    told, more = report["refusals"].get("told", 0), sum(report["accepted"].values())
    stage.say(f"the same event pushed again → {more:,} told, {told:,} refused as told")
