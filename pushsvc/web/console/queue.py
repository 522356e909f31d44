"""The queue: drafts held back, what was found in each, and settling it with a reason."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pushsvc.pipeline.queue import TOLD, judged, queue
from pushsvc.pipeline.settling import SettleError, settle
from pushsvc.store.findings import PAGE
from pushsvc.web.access import current_operator, operator
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.toast import toast

blueprint = Blueprint("queue", __name__)

SENTENCES = {
    "no_reason": "请写明为什么可以放行",
    "too_long": "理由太长，请缩短",
    "settled": "另一位同事已经处理",
}
SETTLERS = ("author", "reviewer")


@blueprint.get("/queue")
@operator()
def index() -> ResponseReturnValue:
    """Who waits, the longest first, and for what."""
    page = max(1, min(request.args.get("page", 1, type=int), 10_000))
    found = queue(context(), page)
    return render_template("console/queue.html", queue=found, page=page, count=-(-found.total // PAGE))


@blueprint.get("/queue/<id:policy_id>")
@operator()
def show(policy_id: int) -> ResponseReturnValue:
    """One policy: what was found in it, its text, the copies it came in, its links."""
    found = judged(context(), policy_id) or abort(404)
    may = current_operator().may(*SETTLERS)
    holds = [one for one in found.findings if one.blocking and one.settled_at is None]
    return render_template("console/judged.html", judged=found, policy=found.policy, may=may, holds=holds, told=TOLD)


@blueprint.post("/queue/<id:policy_id>/<id:finding_id>")
@operator(*SETTLERS)
def settle_one(policy_id: int, finding_id: int) -> ResponseReturnValue:
    """The operator looked at one finding: it may stand, for the reason given."""
    found = judged(context(), policy_id) or abort(404)
    if finding_id not in {one.id for one in found.findings}:
        abort(404)
    try:
        settle(context(), finding_id, by=current_operator().name, reason=request.form.get("reason", ""))
    except SettleError as error:
        toast(t(SENTENCES.get(error.code, str(error))))
    else:
        toast(t("已放行，并记入审计日志"))
    return redirect(url_for("console.queue.show", policy_id=policy_id), 303)
