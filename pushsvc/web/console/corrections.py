"""Corrections and deletions that wait: what is held, who told it, what the person says, and the office's answer."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pushsvc.pipeline import corrections
from pushsvc.pipeline.asked import waiting
from pushsvc.pipeline.corrections import CorrectionError
from pushsvc.store import audit
from pushsvc.store.session import transaction
from pushsvc.web.access import current_operator, operator
from pushsvc.web.current import context
from pushsvc.web.i18n import locale, t
from pushsvc.web.toast import toast

blueprint = Blueprint("corrections", __name__)

UNUSABLE = "这个值现在不能登记，请写明理由后不予更正"
SENTENCES = {
    "answered": "这份更正已经答复过",
    "no_reason": "不予更正须写明理由，本人会看到",
    "too_long": "说明最多 500 字",
    "no_consent": "本人对敏感信息的同意已撤回，请写明理由后不予更正",
}


@blueprint.get("/corrections")
@operator("reviewer", "auditor")
def index() -> ResponseReturnValue:
    """The corrections without an answer, the oldest first; people are masked, and the look is logged."""
    rows, total = waiting(context(), locale())
    with transaction(context().engine) as connection:
        audit.record(
            connection,
            at=context().clock(),
            actor=current_operator().name,
            action="corrections.read",
            object="corrections",
            detail={"shown": [row.asked.id for row in rows]},
        )
    return render_template("console/corrections.html", rows=rows, total=total, may=current_operator().may("reviewer"))


@blueprint.post("/corrections/<id:number>/accept")
@operator("reviewer")
def accept(number: int) -> ResponseReturnValue:
    """The person is right: the fact is held as they say, or is deleted."""
    note, done = request.form.get("answer", ""), {"correct": t("已更正，本人可见"), "delete": t("已删除，本人可见")}
    return _answer(lambda by: done[corrections.accept(context(), number, by=by, note=note)])


@blueprint.post("/corrections/<id:number>/refuse")
@operator("reviewer")
def refuse(number: int) -> ResponseReturnValue:
    """The fact stays, for the reason written here."""
    reason = request.form.get("answer", "")

    def say_no(by: str) -> str:
        corrections.refuse(context(), number, by=by, reason=reason)
        return t("已答复，本人可见")

    return _answer(say_no)


def _answer(act: Callable[[str], str]) -> ResponseReturnValue:
    """`act` answers as this operator, and says what was done."""
    try:
        done = act(current_operator().name)
    except CorrectionError as error:
        if error.code == "unknown_correction":
            abort(404)
        toast(t(SENTENCES.get(error.code, UNUSABLE)))
    else:
        toast(done)
    return redirect(url_for("console.corrections.index"), 303)
