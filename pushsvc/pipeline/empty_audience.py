"""An audience of nobody: refused with its funnel, before the start where it can be known, else once it was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pushsvc.context import Context
from pushsvc.pipeline.audience import match_campaign
from pushsvc.pipeline.campaign_options import CampaignError
from pushsvc.store import campaigns as store
from pushsvc.store.audit import record
from pushsvc.store.session import transaction

EMPTY = "empty_audience"
FIGURES = ("profiles", "eligible", "unknown", "no", "selected")


def require_somebody(ctx: Context, campaign_id: int) -> None:
    """Count whom the campaign would choose now; raises CampaignError empty_audience, with the funnel, for nobody."""
    funnel = match_campaign(ctx, campaign_id)
    if not any(funnel["selected"].values()):  # type: ignore[attr-defined]  # a door's count each
        told = ", ".join(f"{name} {funnel[name]}" for name in FIGURES[:-1])
        error = CampaignError(EMPTY, f"Nobody would be written to ({told}): widen the criteria or the doors.")
        error.funnel = funnel
        raise error


def refuse_empty(ctx: Context, campaign_id: int) -> bool:
    """Send a running campaign that chose nobody back to its author, its funnel kept; True where that was so.

    To be called once its audience stands. The approval is void: what was approved would tell nobody.
    """
    with transaction(ctx.engine) as conn:
        row = store.get_campaign(conn, campaign_id, lock=True)
        if row is None or row["state"] != "running" or row["selected_at"] is None:
            return False
        if row["planned_at"] is not None or row["planned_rank"] or store.has_selections(conn, campaign_id):
            return False
        back = {"approved_hash": None, "reviewer": None, "selected_at": None}
        store.move_campaign(conn, campaign_id, "draft", back | {"funnel": {**row["funnel"], "refused": EMPTY}})
        about, detail = f"campaign:{campaign_id}", {"code": EMPTY, "funnel": _figures(row["funnel"])}
        record(conn, at=ctx.clock(), actor="system", action="campaign.refused", object=about, detail=detail)
    return True


def _figures(funnel: Mapping[str, Any]) -> dict[str, Any]:
    """The totals alone: groups of few people do not belong in the log."""
    return {name: funnel[name] for name in FIGURES if name in funnel}
