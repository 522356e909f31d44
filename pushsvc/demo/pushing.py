"""The demo's campaigns: published, approved by a second person, started, watched to their end."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tqdm import tqdm

from pushsvc.demo.stage import AUTHOR, REVIEWER, DemoError, Stage, require
from pushsvc.pipeline import campaigns
from pushsvc.pipeline.publish import publish
from pushsvc.pipeline.retrying import MAX_ATTEMPTS
from pushsvc.store.campaigns import get_campaign, list_campaigns
from pushsvc.store.deliveries import is_open
from pushsvc.store.policies import policy_by_ref
from pushsvc.store.session import transaction
from pushsvc.store.watching import with_code

CHANNEL_WORDS = {"app": "app", "sms": "SMS", "email": "email"}


@dataclass(frozen=True)
class Piece:
    """One policy of the show. `basis` cites the duty that opens the entitled door; `audience` limits the model's."""

    ref: str
    words: str
    basis: str | None = None
    audience: dict[str, float] = field(default_factory=dict)


TALENT = Piece(
    "p07-talent-housing", "人才安居补贴", basis="《云湾区人才安居补贴实施细则》第九条:应当告知符合条件的人才"
)
RESEARCH = Piece("p01-rd-subsidy", "研发后补助办法", basis="《江澜市企业研发投入后补助办法(试行)》第四条")
WINDOW = Piece(
    "p02-rd-window", "研发后补助申报通知", basis="《江澜市企业研发投入后补助办法(试行)》第六条:申报时间另行通知"
)
CHECKUP = Piece("p11-elder-checkup", "长者健康检查", audience={"min_z": -0.5})
MEALS = Piece("v009-elder-meals", "长者食堂助餐", audience={"min_z": -1.0})
PIECES = (TALENT, RESEARCH, CHECKUP, MEALS, WINDOW)


def prepare(stage: Stage, piece: Piece) -> int:
    """The piece's campaign, published and approved but not started; one of an earlier run is found again."""
    ctx = stage.ctx
    number = publish(ctx, piece.ref, author=AUTHOR, reviewer=REVIEWER, basis=piece.basis)
    if campaigns.report(ctx, number)["state"] == "draft":
        if piece.audience:
            campaigns.edit(ctx, number, actor=AUTHOR, audience=piece.audience)
        campaigns.submit(ctx, number, AUTHOR)
    if campaigns.report(ctx, number)["state"] == "in_review":
        campaigns.approve(ctx, number, REVIEWER)
    return number


def same_again(stage: Stage, piece: Piece) -> int:
    """A second campaign for the piece's policy and event, approved; the one of an earlier run is found again."""
    ctx = stage.ctx
    first = prepare(stage, piece)
    with transaction(ctx.engine) as conn:
        policy = policy_by_ref(conn, piece.ref)
        later = [row["id"] for row in list_campaigns(conn) if row["policy_ref"] == piece.ref and row["id"] != first]
    if later:
        return int(later[0])
    if policy is None:
        raise DemoError("unknown_policy", f"The sample city has no policy {piece.ref}.")
    number = campaigns.create(ctx, policy, author=AUTHOR, basis=piece.basis, doors=["entitled", "subscribed"])
    campaigns.submit(ctx, number, AUTHOR)
    campaigns.approve(ctx, number, REVIEWER)
    return number


def author_is_refused(stage: Stage, piece: Piece) -> bool:
    """Whether the author's own approval is turned down, tried on a campaign that waits for review."""
    number = publish(stage.ctx, piece.ref, author=AUTHOR, reviewer=REVIEWER, basis=piece.basis)
    if campaigns.report(stage.ctx, number)["state"] != "draft":
        return True
    campaigns.submit(stage.ctx, number, AUTHOR)
    try:
        campaigns.approve(stage.ctx, number, AUTHOR)
    except campaigns.CampaignError as exc:
        return exc.code == "same_person"
    return False


def start(stage: Stage, number: int) -> bool:
    """Let it run; False where an earlier run of the demo already did."""
    if campaigns.report(stage.ctx, number)["state"] != "approved":
        return False
    campaigns.start(stage.ctx, number, REVIEWER)
    return True


def is_planned(stage: Stage, number: int) -> bool:
    """Whether every selection has its delivery or its refusal."""
    with transaction(stage.ctx.engine) as conn:
        row = get_campaign(conn, number)
    return row is not None and row["planned_at"] is not None


def watch(stage: Stage, numbers: Sequence[int], *, seconds: float) -> None:
    """Wait until the campaigns have nothing before them but digests of another day, with a bar of what the providers
    took. Raises DemoError."""
    until = time.monotonic() + seconds
    with tqdm(desc="delivering", unit="msg", file=sys.stderr, disable=None, leave=False) as shown:
        while time.monotonic() < until:
            reports = [campaigns.report(stage.ctx, number) for number in numbers]
            shown.total = sum(messages(report) for report in reports)
            shown.n = sum(sum(report["accepted"].values()) for report in reports)
            shown.refresh()
            if all(_is_through(stage, number) for number in numbers):
                return
            time.sleep(0.25)
    require(False, "The end of a campaign", stage)


def _is_through(stage: Stage, number: int) -> bool:
    with transaction(stage.ctx.engine) as conn:
        row = get_campaign(conn, number)
        planned = row is not None and row["planned_at"] is not None
        return planned and not is_open(conn, number, max_attempts=MAX_ATTEMPTS, gathering=False)


def messages(report: dict[str, Any]) -> int:
    """How many deliveries a campaign has."""
    return sum(sum(states.values()) for states in report["deliveries"].values())


def tell_match(stage: Stage, report: dict[str, Any]) -> None:
    """`matched 1,284 | unknown 3,907 (2,611 lack 住房) | no 6,809`, from the campaign's own funnel."""
    funnel = report["funnel"]
    missing = next(iter(funnel.get("missing", {}).items()), None)
    lacking = f" ({missing[1]:,} lack {_fact(missing[0])})" if missing else ""
    text = f"matched {funnel['eligible']:,} | unknown {funnel['unknown']:,}{lacking} | no {funnel['no']:,}"
    stage.say(f"{text}        of {funnel['profiles']:,} profiles")


def tell_plan(stage: Stage, report: dict[str, Any]) -> None:
    """`plan 1,284 → 1,193   app 702 · SMS 391 · email 100`, those told later in a digest, the refusals by code."""
    selected = sum(report["selected"].values())
    parts = {channel: sum(states.values()) for channel, states in report["deliveries"].items()}
    shown = [f"{CHANNEL_WORDS[name]} {parts[name]:,}" for name in CHANNEL_WORDS if name in parts]
    shown += [f"in a digest {report['digests']:,}"] if report["digests"] else []
    refused = sorted(report["refusals"].items(), key=lambda item: -item[1])
    total = sum(n for _, n in refused)
    reasons = f"\nrefused {total:,}: " + ", ".join(f"{code} {n:,}" for code, n in refused) if refused else ""
    stage.say(f"plan {selected:,} → {messages(report):,}   {' · '.join(shown)}{reasons}")


def settled(stage: Stage, number: int) -> int:
    """How many of a campaign's unknown messages were settled by asking the provider."""
    with transaction(stage.ctx.engine) as conn:
        return with_code(conn, number, "settled_by_query")


def _fact(name: str) -> str:
    from profiles.facts import FACTS

    return FACTS[name].zh if name in FACTS else name
