"""The audience rule of a campaign that is still drafted: its author sets limits and a floor for recommendations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from pushsvc.pipeline import campaigns as verbs
from pushsvc.web.access import current_operator, operator
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.toast import toast

blueprint = Blueprint("rule", __name__)

STATES = ("draft", "changes_requested")
WRONG = "没有保存：填写的数不在允许的范围内"


@blueprint.post("/campaigns/<id:campaign_id>/rule")
@operator("author")
def save(campaign_id: int) -> ResponseReturnValue:
    """Store what the form says; any edit sends a campaign back to its draft, as everywhere."""
    try:
        verbs.edit(context(), campaign_id, actor=current_operator().name, audience=_typed())
    except ValueError as error:
        if getattr(error, "code", "") == "unknown_campaign":
            abort(404)
        toast(t("活动的状态已变，请看最新情况" if getattr(error, "code", "") == "state" else WRONG))
    else:
        toast(t("已保存"))
    return redirect(url_for("console.campaigns.show", campaign_id=campaign_id), 303)


def fields(row: Mapping[str, Any]) -> dict[str, str]:
    """What the form holds: the floor in percent, the other two as they are stored."""
    rule = row["audience"] or {}
    texts = {name: "" if rule.get(name) is None else f"{rule[name]:.10g}" for name in ("min_z", "top_n")}
    return texts | {"floor": f"{100 * rule['floor']:.10g}" if rule.get("floor") else ""}


def _typed() -> dict[str, float]:
    """The parts that were filled in. Raises ValueError where one is no number."""
    texts = {name: request.form.get(name, "").strip()[:40] for name in ("min_z", "top_n", "floor")}
    rule: dict[str, float] = {name: float(text) for name, text in texts.items() if text}
    if "floor" in rule:
        rule["floor"] = round(rule["floor"] / 100, 12)
    return rule
