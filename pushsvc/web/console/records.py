"""Who was not told and why (masked, and looking is itself written down), and the audit log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from profiles.address import mask_name
from pushsvc.pipeline.approving import DRIFTED, who_drifted
from pushsvc.store import audit, refusals
from pushsvc.store import campaigns as stored
from pushsvc.store.session import transaction
from pushsvc.web.access import current_operator, operator
from pushsvc.web.current import context
from pushsvc.web.labels import REFUSALS
from pushsvc.web.names import plain_name

blueprint = Blueprint("records", __name__)

LIMIT = 100


@blueprint.get("/campaigns/<id:campaign_id>/refusals/<code>")
@operator("reviewer", "sender", "auditor")
def refused(campaign_id: int, code: str) -> ResponseReturnValue:
    """The people a campaign did not tell for one reason: masks only, and the look is logged."""
    if code not in REFUSALS:
        abort(404)
    with transaction(context().engine) as connection:
        row = stored.get_campaign(connection, campaign_id) or abort(404)
        people = refusals.refused(connection, campaign_id, code, limit=LIMIT)
        audit.record(
            connection,
            at=context().clock(),
            actor=current_operator().name,
            action="refusals.read",
            object=f"campaign:{campaign_id}",
            detail={"code": code, "shown": len(people)},
        )
    masked = [(mask_name(plain_name(person.name)), person) for person in people]
    return render_template("console/refusals.html", row=row, code=code, people=masked, limit=LIMIT)


@blueprint.get("/campaigns/<id:campaign_id>/drift")
@operator("reviewer", "sender", "auditor")
def drifted(campaign_id: int) -> ResponseReturnValue:
    """Who joined and who left since the approval of a campaign that waits for another: masks only, logged."""
    with transaction(context().engine) as connection:
        row = stored.get_campaign(connection, campaign_id) or abort(404)
        if DRIFTED not in row["funnel"]:
            abort(404)
        changed = who_drifted(connection, campaign_id, limit=LIMIT)
        joined, left = (refusals.masked(connection, ids) for ids in changed)
        audit.record(
            connection,
            at=context().clock(),
            actor=current_operator().name,
            action="drift.read",
            object=f"campaign:{campaign_id}",
            detail={"joined": len(joined), "left": len(left)},
        )
    named = {
        name: [(mask_name(plain_name(one.name)), one) for one in who]
        for name, who in (("joined", joined), ("left", left))
    }
    return render_template("console/drift.html", row=row, drift=row["funnel"][DRIFTED], limit=LIMIT, **named)


@blueprint.get("/audit")
@operator("auditor", "administrator", "reviewer")
def log() -> ResponseReturnValue:
    """The newest entries of the audit log."""
    with transaction(context().engine) as connection:
        entries = audit.recent(connection)
    return render_template("console/audit.html", entries=[{**entry, "asked": _asked(entry)} for entry in entries])


def _asked(entry: Mapping[str, Any]) -> str:
    """The conditions that somebody counted, as JSON; "" for other entries."""
    tree = (entry["detail"] or {}).get("criteria") if entry["action"] == "audience.count" else None
    return json.dumps(tree, ensure_ascii=False) if tree is not None else ""
