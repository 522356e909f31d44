"""The enterprises a person belongs to: joining one by its credit code, leaving it, and who else belongs to it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from profiles.address import mask_name
from pushsvc.pipeline import joining, membership
from pushsvc.pipeline.membership import MembershipError
from pushsvc.store import join_requests, memberships
from pushsvc.store.join_requests import ANSWER_PLACE, CODE_PLACE, WHY_PLACE, JoinRow
from pushsvc.store.memberships import MyFirm
from pushsvc.store.session import transaction
from pushsvc.web.access import current_person, resident
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.limits import Limit, allow
from pushsvc.web.names import plain_name
from pushsvc.web.toast import toast

blueprint = Blueprint("firms", __name__)

ASK = Limit("join-firm", 10, 86_400)
SENTENCES = {
    "bad_code": "这不是有效的统一社会信用代码，请检查 18 位代码",
    "no_words": "请说明您与企业的关系",
    "too_long": "说明最多 500 字",
    "too_many": "等待答复的申请太多，请等前面的答复",
    "member": "您已是这家企业的成员",
    "last_admin": "您是唯一的管理员，请先把管理员交给另一位成员",
    "answered": "这份申请已经答复过",
    "bad_role": "请选择成员或管理员",
}


@blueprint.get("/m/firms")
@resident
def show() -> ResponseReturnValue:
    """My enterprises, my requests, and the form to join one."""
    return _page()


@blueprint.post("/m/firms/join")
@resident
def join() -> ResponseReturnValue:
    """Ask to join; the answer is the same whether or not we hold the firm."""
    who, given = current_person(), request.form
    if not allow(ASK, f"profile:{who.id}"):
        abort(429)
    try:
        joining.ask(context(), who.id, given.get("code", "")[:60], given.get("why", "")[:2000])
    except MembershipError as error:
        if error.code == "no_such":
            abort(404)
        return _page(error), 422
    toast(t("已收到申请。企业管理员或受理部门核对后答复"))
    return redirect(url_for("firms.show", _anchor="asked"), 303)


@blueprint.post("/m/firms/requests/<id:number>/withdraw")
@resident
def withdraw(number: int) -> ResponseReturnValue:
    """Take one's own request back."""
    return _done(lambda: joining.withdraw(context(), current_person().id, number), t("已撤回申请"), "firms.show")


@blueprint.post("/m/firms/<id:firm_id>/wants")
@resident
def wants(firm_id: int) -> ResponseReturnValue:
    """Whether to hear of the firm."""
    on = request.form.get("on") == "1"
    said = t("以后会收到这家企业的通知") if on else t("不再收到这家企业的通知")
    return _done(lambda: membership.set_wants(context(), current_person().id, firm_id, wants=on), said, "firms.show")


@blueprint.get("/m/firms/<id:firm_id>/leave")
@resident
def confirm_leave(firm_id: int) -> ResponseReturnValue:
    """Say what leaving means, and ask."""
    return render_template("m/firm_leave.html", firm=_mine(firm_id), name=plain_name(_mine(firm_id).name))


@blueprint.post("/m/firms/<id:firm_id>/leave")
@resident
def leave(firm_id: int) -> ResponseReturnValue:
    """Leave the firm: nothing of it reaches the person from now on."""
    if session.get("acting") == firm_id:
        session.pop("acting")
    said = t("已退出这家企业，不再收到它的通知")
    return _done(lambda: membership.leave(context(), current_person().id, firm_id), said, "firms.show")


@blueprint.get("/m/firms/<id:firm_id>/members")
@resident
def members(firm_id: int) -> ResponseReturnValue:
    """Who belongs to the firm and who asks to; an admin's page."""
    firm = _mine(firm_id)
    if firm.role != "admin":
        abort(403, "role")
    with transaction(context().engine) as connection:
        held = memberships.members_of(connection, firm_id)
        asking = join_requests.waiting_at(connection, firm_id)
    listed = [(one, mask_name(plain_name(one.name))) for one in held]
    asks = [(one.asked.id, mask_name(plain_name(one.name)), one.mask, _plain(one.asked)) for one in asking]
    return render_template("m/firm_members.html", firm=firm, name=plain_name(firm.name), members=listed, asks=asks)


@blueprint.post("/m/firms/<id:firm_id>/members/<id:person_id>/role")
@resident
def role(firm_id: int, person_id: int) -> ResponseReturnValue:
    """Make a member an admin, or an admin a member."""
    wanted = request.form.get("role", "")
    who = current_person().id
    return _done(lambda: membership.change_role(context(), who, firm_id, person_id, wanted), t("已保存"), firm_id)


@blueprint.post("/m/firms/<id:firm_id>/members/<id:person_id>/remove")
@resident
def remove(firm_id: int, person_id: int) -> ResponseReturnValue:
    """Take a member out."""
    who = current_person().id
    return _done(lambda: membership.remove(context(), who, firm_id, person_id), t("已移出，立即生效"), firm_id)


@blueprint.post("/m/firms/<id:firm_id>/requests/<id:number>")
@resident
def answer(firm_id: int, number: int) -> ResponseReturnValue:
    """Let somebody in, as what, or not."""
    given, who = request.form.get("role", ""), current_person().id
    role = None if given == "refuse" else given
    said = t("已确认加入") if role else t("已答复：不同意加入")
    return _done(lambda: joining.answer(context(), who, firm_id, number, role), said, firm_id)


def _done(act: Callable[[], None], said: str, back: str | int) -> ResponseReturnValue:
    """Do it, say so, and go back: to a page of one's own, or to a firm's members."""
    try:
        act()
    except MembershipError as error:
        if error.code == "no_such":
            abort(404)
        if error.code == "not_admin":
            abort(403, "role")
        said = t(SENTENCES[error.code])
    toast(said)
    if isinstance(back, int) and _role(back) == "admin":
        return redirect(url_for("firms.members", firm_id=back), 303)
    return redirect(url_for("firms.show"), 303)


def _role(firm_id: int) -> str | None:
    with transaction(context().engine) as connection:
        firms = memberships.firms_of(connection, current_person().id)
    return next((firm.role for firm in firms if firm.profile_id == firm_id), None)


def _mine(firm_id: int) -> MyFirm:
    with transaction(context().engine) as connection:
        firms = memberships.firms_of(connection, current_person().id)
    return next((firm for firm in firms if firm.profile_id == firm_id), None) or abort(404)


def _page(error: MembershipError | None = None) -> str:
    with transaction(context().engine) as connection:
        firms = memberships.firms_of(connection, current_person().id)
        asked = join_requests.requests_of(connection, current_person().id)
    said = {"error": t(SENTENCES[error.code]) if error else "", "place": error.place if error else ""}
    named = [(firm, plain_name(firm.name)) for firm in firms]
    return render_template("m/firms.html", firms=named, asked=[(one, _plain(one)) for one in asked], **said)


def _plain(row: JoinRow) -> dict[str, str]:
    """The words of a request, opened."""
    keys = context().keyring
    found = {"code": keys.decrypt(row.code, CODE_PLACE), "why": keys.decrypt(row.why, WHY_PLACE)}
    return found | {"answer": keys.decrypt(row.answer, ANSWER_PLACE) if row.answer else ""}
