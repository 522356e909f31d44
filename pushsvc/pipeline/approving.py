"""Approving: what another person saw is frozen with it, and holds only while it stays that.

An approval binds the hash of words, rule, timing and basis (`approval`), and keeps whom the rule chose at that moment.
Where the choice has drifted by the time the campaign begins, it is paused before anything is planned: the reviewer sees
who joined and who left, and approves anew in one step, or somebody cancels.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sqlalchemy import RowMapping

from pushsvc.context import Context
from pushsvc.pipeline.approval import bound_values, content_hash, writers
from pushsvc.pipeline.audience import rule_of
from pushsvc.pipeline.campaign_options import CampaignError
from pushsvc.pipeline.choosing import choose
from pushsvc.pipeline.four_eyes import is_name, same_person
from pushsvc.pipeline.ranking import RECOMMENDED
from pushsvc.pipeline.sms_gate import require_words
from pushsvc.store import approvals
from pushsvc.store import campaigns as store
from pushsvc.store.access import operator
from pushsvc.store.approvals import Approval, Seen
from pushsvc.store.audit import record
from pushsvc.store.session import Connection, transaction

DRIFTED = "drifted"  # in the funnel of a campaign that was paused for it


@dataclass(frozen=True)
class Drift:
    """How the people chosen differ from those approved: `approved` and `now` count all of them, `joined` and `left`
    those whom rules and wishes choose, `recommended` by how many a model chooses more or fewer."""

    approved: int
    now: int
    joined: int
    left: int
    recommended: int

    @property
    def size(self) -> int:
        """All that changed."""
        return self.joined + self.left + abs(self.recommended)


def approve(ctx: Context, campaign_id: int, actor: str, *, frozen: bool = True) -> None:
    """Bind the content's hash to the approval, and keep whom it chooses; of a campaign that is paused because that
    drifted, approve whom it chose now, and let it go on. Nobody who wrote or edited it may; an emergency asks
    for its own role.

    The role is looked up in the operators' table by the actor's name, whichever way the call came: console or shell.
    `frozen` False: a standing rule approves by itself, and looks at its people in the same moment.
    Raises CampaignError: same_person, unpublished, no_emergency_role, state, template_not_approved, own_words.
    """
    if not is_name(actor):
        raise CampaignError("no_name", "Who does this needs a name.")
    with transaction(ctx.engine) as conn:
        row = store.get_campaign(conn, campaign_id, lock=True)
        if row is None:
            raise CampaignError("unknown_campaign", f"There is no campaign {campaign_id}.")
        _check(conn, row, actor)
        drifted = row["state"] == "paused" and DRIFTED in row["funnel"]
        if not drifted:
            require_words(ctx, conn, row)
        hash_ = content_hash(dict(row))
        values: dict[str, Any] = {"reviewer": actor, "approved_hash": hash_}
        if frozen:
            seen = approvals.chosen(conn, campaign_id) if drifted else _chosen(conn, ctx, row)
            bound = bound_values(dict(row))
            approvals.put(conn, Approval(campaign_id, ctx.clock(), actor, hash_, bound, seen))
        if drifted:
            values["funnel"] = {name: value for name, value in row["funnel"].items() if name != DRIFTED}
        if not store.move_campaign(conn, campaign_id, "running" if drifted else "approved", values):
            raise CampaignError("state", f"A campaign that is {row['state']} cannot be approved.", _place(row))
        action = "campaign.approve_emergency" if row["emergency"] else "campaign.approve"
        detail = {"count": seen.count} if frozen else {}
        record(conn, at=ctx.clock(), actor=actor, action=action, object=f"campaign:{campaign_id}", detail=detail)
    if drifted:
        ctx.nudge(f"pushsvc.advance.{row['lane']}")


def halt_drifted(ctx: Context, campaign_id: int) -> bool:
    """Pause a running campaign that has chosen its people and planned none of them, where they drifted from those
    approved; True where that was so."""
    with transaction(ctx.engine) as conn:
        row = store.get_campaign(conn, campaign_id, lock=True)
        if row is None or row["state"] != "running" or row["selected_at"] is None or row["planned_rank"]:
            return False
        last = approvals.newest(conn, campaign_id)
        if last is None or last.hash != row["approved_hash"] or last.at > row["selected_at"]:
            return False
        drift = drift_of(last.seen, approvals.chosen(conn, campaign_id))
        if not is_too_much(drift, ctx.settings.drift_percent, ctx.settings.drift_people):
            return False
        store.move_campaign(conn, campaign_id, "paused", {"funnel": {**row["funnel"], DRIFTED: asdict(drift)}})
        about = f"campaign:{campaign_id}"
        record(conn, at=ctx.clock(), actor="system", action="campaign.drifted", object=about, detail=asdict(drift))
    return True


def drift_of(approved: Seen, now: Seen) -> Drift:
    """The difference between two choices."""
    joined = int(np.setdiff1d(now.people, approved.people, assume_unique=True).size)
    left = int(np.setdiff1d(approved.people, now.people, assume_unique=True).size)
    return Drift(approved.count, now.count, joined, left, now.recommended - approved.recommended)


def who_drifted(conn: Connection, campaign_id: int, *, limit: int) -> tuple[list[int], list[int]]:
    """The first `limit` profiles that joined since the last approval, and the first that left."""
    last, now = approvals.newest(conn, campaign_id), approvals.chosen(conn, campaign_id)
    if last is None:
        return [], []
    joined = np.setdiff1d(now.people, last.seen.people, assume_unique=True)
    left = np.setdiff1d(last.seen.people, now.people, assume_unique=True)
    return joined[:limit].tolist(), left[:limit].tolist()


def is_too_much(drift: Drift, percent: float, people: int) -> bool:
    """Whether more changed than either limit allows: `percent` of those approved, or so many `people`."""
    return drift.size > people or 100 * drift.size > percent * drift.approved


def _chosen(conn: Connection, ctx: Context, row: RowMapping) -> Seen:
    """Whom the campaign would choose now."""
    selected = choose(conn, ctx, rule_of(conn, row)).selected
    by_model = np.array([name == RECOMMENDED for name in selected.names], dtype=np.bool_)[selected.doors]
    return Seen(np.sort(selected.profile_ids[~by_model]), int(by_model.sum()))


def _check(conn: Connection, row: RowMapping, actor: str) -> None:
    if any(same_person(one, actor) for one in writers(conn, row)):
        raise CampaignError("same_person", "Whoever wrote or edited a campaign may not approve it.")
    if row["policy_state"] != "published":
        raise CampaignError("unpublished", "Only a published policy can be pushed.")
    if row["emergency"] and not _may_approve_emergencies(conn, actor):
        raise CampaignError("no_emergency_role", "Only an operator with the role emergency approves an emergency.")
    if row["state"] != "in_review" and not (row["state"] == "paused" and DRIFTED in row["funnel"]):
        told = f"A campaign that is {row['state']} cannot be approved, only one that is in_review."
        raise CampaignError("state", told, _place(row))


def _may_approve_emergencies(conn: Connection, actor: str) -> bool:
    who = operator(conn, actor)
    return who is not None and who.may("emergency")


def _place(row: RowMapping) -> str:
    return f"campaign {row['id']}"
