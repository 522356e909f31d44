"""Standing rules: what each fits, who wrote and who approved it, and what may be done with it by whom."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pushsvc.context import Context
from pushsvc.pipeline import standing
from pushsvc.pipeline.standing import RuleError
from pushsvc.store import access as accounts
from pushsvc.store import reading
from pushsvc.store import standing as stored
from pushsvc.store.session import transaction
from pushsvc.web import labels
from pushsvc.web.access import current_operator, operator
from pushsvc.web.console.actions import Action, wrote
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.toast import toast

blueprint = Blueprint("standing", __name__)

SENTENCES = {
    "no_name": "请填写规则的名称",
    "taken": "已有同名的规则，请换一个名称",
    "no_events": "请至少选一种事件",
    "urgent_lane": "紧急通道只给紧急政策：文种只选“紧急”",
    "same_person": "写过或改过这条规则的人不能批准它，请另一位审核",
    "no_reason": "请写明为什么结束",
    "state": "规则的状态已变，请看最新情况",
}
UNKNOWN = "没有保存：有一项不在可选的范围内"
LISTS = {"events": labels.EVENTS, "kinds": labels.KINDS, "topics": labels.TOPICS}
_ORDER = ("in_review", "draft", "approved", "ended")
_NAME, _REASON = 80, 500  # characters that the forms take


def _end(ctx: Context, number: int, by: str) -> None:
    standing.end(ctx, number, actor=by, reason=request.form.get("reason", "")[:_REASON])


ACTIONS = {
    "submit": Action(standing.submit, "送审", ("author",), ("draft",), look="btn go"),
    "approve": Action(standing.approve, "批准", ("reviewer",), ("in_review",), four_eyes=True, look="btn go"),
    "end": Action(
        _end, "结束这条规则", ("author", "reviewer", "sender"), ("draft", "in_review", "approved"), look="btn halt"
    ),
}


@blueprint.get("/standing")
@operator()
def index() -> ResponseReturnValue:
    """Every rule: those that wait for somebody first, then those in use, then those that have ended."""
    return _page({"lane": "bulk"})


@blueprint.post("/standing")
@operator("author")
def create() -> ResponseReturnValue:
    """Draft a rule; what cannot be one comes back with what was typed."""
    options: dict[str, Any] = {name: request.form.getlist(name) for name in LISTS}
    options |= {
        "lane": request.form.get("lane", ""),
        "regions": [one for one in request.form.getlist("regions") if one],
    }
    name = request.form.get("name", "")[:_NAME]
    try:
        standing.create(context(), name, author=current_operator().name, **options)
    except RuleError as error:
        return _page({"name": name, **options}, t(SENTENCES.get(error.code, UNKNOWN))), 422
    toast(t("已建立草稿：送审并由另一位批准后才起作用"))
    return redirect(url_for("console.standing.index"), 303)


@blueprint.post("/standing/<id:number>/<action>")
@operator()
def act(number: int, action: str) -> ResponseReturnValue:
    """Do one thing to a rule; who may is looked at here, the steps once more by the verb itself."""
    chosen, who = ACTIONS.get(action), current_operator()
    row = next((one for one in _rules() if one["id"] == number), None)
    if chosen is None or row is None:
        abort(404)
    if not chosen.is_for(who, row):
        abort(403, "role")
    try:
        if chosen.four_eyes and wrote(who, row):
            raise RuleError("same_person", "")
        chosen.verb(context(), number, who.name)
    except RuleError as error:
        toast(t(SENTENCES.get(error.code, UNKNOWN)))
    else:
        toast(t("已完成：{what}", what=t(chosen.text)))
    return redirect(url_for("console.standing.index"), 303)


def _page(typed: dict[str, Any], error: str = "") -> str:
    who, rows = current_operator(), _rules()
    with transaction(context().engine) as connection:
        names, regions = accounts.display_names(connection), reading.regions_in_use(connection)
    for row in rows:
        row["may"] = {name: action for name, action in ACTIONS.items() if action.open_to(who, row)}
        row["barred"] = row["state"] == "in_review" and who.may("reviewer") and wrote(who, row)
    form = {"typed": typed, "error": error, "lists": LISTS, "lanes": labels.LANES, "regions": regions}
    return render_template("console/standing.html", rows=rows, names=names, writes=who.may("author"), **form)


def _rules() -> list[dict[str, Any]]:
    """Every rule, in the order of the page; of one in review the `writers` too, who may not approve it."""
    with transaction(context().engine) as connection:
        rows: list[dict[str, Any]] = [{**row} for row in stored.list_rules(connection)]
        for row in rows:
            row["writers"] = standing.writers(connection, row) if row["state"] == "in_review" else []
    return sorted(rows, key=lambda row: (_ORDER.index(row["state"]), -row["id"]))
