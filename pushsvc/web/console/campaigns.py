"""Campaigns: the list, one with its funnel, its live figures, and what may be done with it by whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pushsvc.pipeline import campaigns as verbs
from pushsvc.pipeline.audience import match_campaign
from pushsvc.pipeline.counting import criteria_lines
from pushsvc.pipeline.coverage import coverage, without_small
from pushsvc.pipeline.sms_cost import sms_cost
from pushsvc.pipeline.sms_gate import TemplateNotApprovedError
from pushsvc.store import access as accounts
from pushsvc.store import campaigns as stored
from pushsvc.store.policies import policy_by_id
from pushsvc.store.session import Connection, transaction
from pushsvc.web.access import current_operator, operator
from pushsvc.web.console import rule
from pushsvc.web.console.actions import ACTIONS, SENTENCES, stage, wrote
from pushsvc.web.console.audience import COUNTERS
from pushsvc.web.console.breakdown import facets
from pushsvc.web.console.coverage import cover
from pushsvc.web.console.figures import figures
from pushsvc.web.console.preview import preview
from pushsvc.web.console.templates import not_approved
from pushsvc.web.console.tree import rows_of
from pushsvc.web.current import context
from pushsvc.web.i18n import locale, t
from pushsvc.web.toast import toast

blueprint = Blueprint("campaigns", __name__)


ENDED = ("finished", "cancelled", "expired")
LISTS = {
    "now": ("in_review", "changes_requested", "approved", "scheduled", "running", "paused"),
    "done": ENDED,
    "drafts": ("draft",),
}
_LIST = 1000  # campaigns looked at for the lists


@blueprint.get("/")
@operator()
def index() -> ResponseReturnValue:
    """The campaigns that wait for somebody or run; the others on their own lists. The newest first."""
    show_ = request.args.get("show", "")
    with transaction(context().engine) as connection:
        rows = stored.list_campaigns(connection, limit=_LIST)
        names = accounts.display_names(connection)
    counts = {name: sum(row["state"] in states for row in rows) for name, states in LISTS.items()}
    chosen = show_ if show_ in LISTS else next((name for name, n in counts.items() if n), "now")
    rows = [row for row in rows if row["state"] in LISTS[chosen]]
    return render_template("console/campaigns.html", rows=rows, names=names, counts=counts, chosen=chosen)


@blueprint.get("/campaigns/<id:campaign_id>")
@operator()
def show(campaign_id: int) -> ResponseReturnValue:
    """One campaign: whom, how many, what became of each, and what may be done now."""
    with transaction(context().engine) as connection:
        row = _campaign(connection, campaign_id)
        row["writers"] = verbs.writers(connection, row)
        names = accounts.display_names(connection)
    report = _report(row)
    who = current_operator()
    may = {name: action for name, action in ACTIONS.items() if action.open_to(who, row)}
    barred = row["state"] == "in_review" and wrote(who, row) and who.may("reviewer")
    page = {"row": row, "ended": ENDED, "names": names, "may": may, "barred": barred, "figures": figures(report)}
    page |= {
        "tag": _tag(row),
        "dry": row["selected_at"] is None and row["state"] not in ENDED,
        "turns": who.may(*COUNTERS),
    }
    page |= {"rule": rule.fields(row), "edits": who.may("author") and row["state"] in rule.STATES}
    page |= _conditions(row, report["funnel"]) | {"cover": cover(coverage(context(), row["id"], report["funnel"]))}
    page["sms"] = sms_cost(context(), row["id"], sum(report["selected"].values()))
    return render_template("console/campaign.html", preview=preview(row, locale()), **page)


@blueprint.get("/campaigns/<id:campaign_id>/live.json")
@operator()
def live(campaign_id: int) -> Response:
    """The figures as they are now; 304 while the campaign's version is the one the caller has."""
    with transaction(context().engine) as connection:
        row = _campaign(connection, campaign_id)
    tag = _tag(row)
    if request.if_none_match.contains(tag):
        response = Response(status=304)
    else:
        made = figures(_report(row))
        response = jsonify(state=row["state"], shape=made.shape, texts=dict(made.texts), widths=dict(made.widths))
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@blueprint.post("/campaigns/<id:campaign_id>/<action>")
@operator()
def act(campaign_id: int, action: str) -> ResponseReturnValue:
    """Do one thing to a campaign; who may is looked at here, the rules once more by the verb itself."""
    chosen, who = ACTIONS.get(action), current_operator()
    if chosen is None:
        abort(404)
    with transaction(context().engine) as connection:
        row = _campaign(connection, campaign_id)
        row["writers"] = verbs.writers(connection, row)
    if not chosen.is_for(who, row):
        abort(403, "role")
    try:
        if chosen.four_eyes and stage(row) in chosen.states and wrote(who, row):
            raise verbs.CampaignError("same_person", "Whoever wrote or edited a campaign may not review it.")
        chosen.verb(context(), campaign_id, who.name)
    except verbs.CampaignError as error:
        if error.code == "unknown_campaign":
            abort(404)
        toast(not_approved(error) if isinstance(error, TemplateNotApprovedError) else _said(error))
    else:
        toast(t("已完成：{what}", what=t(chosen.said(row))))
    return redirect(url_for("console.campaigns.show", campaign_id=campaign_id), 303)


def _said(error: verbs.CampaignError) -> str:
    return t(SENTENCES.get(error.code, str(error)))


def _conditions(row: Mapping[str, Any], funnel: Mapping[str, Any]) -> dict[str, object]:
    """The policy's conditions as they stood when the audience was counted, with its counts; and who is eligible.

    Where a sensitive fact is asked for, small groups would tell it: then the words stand without counts.
    """
    with transaction(context().engine) as connection:
        policy = policy_by_id(connection, row["policy_id"]) or abort(404)
    lines = criteria_lines(context(), policy, date.fromisoformat(funnel["on"]) if "on" in funnel else None)
    told = {} if policy.sensitive else _beside_coverage(funnel)
    return {"tree": rows_of(lines, told), "facets": facets(told), "veiled": policy.sensitive}


def _beside_coverage(funnel: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the tables of coverage leave to say: by trade and kind; of a funnel without tables all. No small groups."""
    names = ("section", "kind") if "selected_by" in funnel else funnel.get("eligible_by", {})
    by = {name: without_small(name, funnel["eligible_by"][name]) for name in names}
    return {**funnel, "eligible_by": by}


def _campaign(connection: Connection, campaign_id: int) -> dict[str, Any]:
    row = stored.get_campaign(connection, campaign_id)
    return {str(name): value for name, value in row.items()} if row is not None else abort(404)


def _report(row: Mapping[str, Any]) -> dict[str, Any]:
    """The figures; until the audience is chosen, those it would have now, so that a reviewer sees whom they approve."""
    report = verbs.report(context(), row["id"])
    if row["selected_at"] is None and row["state"] not in ENDED:
        report["funnel"] = match_campaign(context(), row["id"])
        report["selected"] = report["funnel"]["selected"]
    return report


def _tag(row: Mapping[str, Any]) -> str:
    return f"{row['version']}-{row['state']}-{locale()}"
