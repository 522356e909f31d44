"""Who asks to be the first admin of a firm: an operator looks at the authorisation, and answers with a reason."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from profiles.address import mask_name
from pushsvc.pipeline import joining
from pushsvc.pipeline.membership import MembershipError
from pushsvc.store import access as accounts
from pushsvc.store import audit, join_requests
from pushsvc.store.join_requests import CODE_PLACE, WHY_PLACE, Waiting
from pushsvc.store.session import transaction
from pushsvc.web.access import current_operator, operator
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.names import plain_name
from pushsvc.web.toast import toast

blueprint = Blueprint("memberships", __name__)

SENTENCES = {
    "answered": "这份申请已经答复过",
    "no_words": "请写明核对了什么，或不予确认的理由",
    "too_long": "说明最多 500 字",
    "no_firm": "没有登记这家企业，不能确认；可以写明理由后不予确认",
    "has_admin": "这家企业已有管理员，由管理员确认",
}


@blueprint.get("/memberships")
@operator("reviewer", "auditor")
def index() -> ResponseReturnValue:
    """The requests without an answer whose firm has no admin, the oldest first; the look is logged."""
    with transaction(context().engine) as connection:
        waiting, total = join_requests.waiting_at_office(connection), join_requests.count_at_office(connection)
        firms = accounts.names(connection, [one.asked.profile_id for one in waiting if one.asked.profile_id])
        shown: dict[str, object] = {"shown": [one.asked.id for one in waiting]}
        who = current_operator().name
        audit.record(connection, at=context().clock(), actor=who, action="joins.read", object="joins", detail=shown)
    rows = [_row(one, firms) for one in waiting]
    return render_template("console/memberships.html", rows=rows, total=total, may=current_operator().may("reviewer"))


@blueprint.post("/memberships/<id:number>/accept")
@operator("reviewer")
def accept(number: int) -> ResponseReturnValue:
    """The authorisation holds: the person is the firm's first admin."""
    return _decide(number, accept=True)


@blueprint.post("/memberships/<id:number>/refuse")
@operator("reviewer")
def refuse(number: int) -> ResponseReturnValue:
    """It does not, for the reason written here."""
    return _decide(number, accept=False)


def _decide(number: int, *, accept: bool) -> ResponseReturnValue:
    reason = request.form.get("reason", "")[:2000]
    try:
        joining.decide(context(), number, accept=accept, by=current_operator().name, reason=reason)
    except MembershipError as error:
        if error.code == "no_such":
            abort(404)
        toast(t(SENTENCES[error.code]))
    else:
        toast(t("已确认，本人可见") if accept else t("已答复，本人可见"))
    return redirect(url_for("console.memberships.index"), 303)


def _row(one: Waiting, firms: dict[int, bytes | None]) -> dict[str, object]:
    keys, asked = context().keyring, one.asked
    firm = plain_name(firms.get(asked.profile_id)) if asked.profile_id else ""
    words = {"code": keys.decrypt(asked.code, CODE_PLACE), "why": keys.decrypt(asked.why, WHY_PLACE)}
    who = {"name": mask_name(plain_name(one.name)), "mask": one.mask, "held": asked.profile_id is not None}
    return {"id": asked.id, "asked_at": asked.asked_at, "firm": firm, **words, **who}
