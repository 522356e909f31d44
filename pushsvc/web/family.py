"""The reader's family, without names: add, change, remove; the guardian's consent for children below fourteen."""

from __future__ import annotations

import secrets

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from profiles.standards import regions
from pushsvc.pipeline import family
from pushsvc.pipeline.family import RELATIONS, Family, FamilyError, Given
from pushsvc.store.access import Person
from pushsvc.web import fact_fields
from pushsvc.web import fact_reader as reader
from pushsvc.web.access import acting, current_person, resident
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.inputs import row_number
from pushsvc.web.limits import Limit, allow
from pushsvc.web.toast import toast

blueprint = Blueprint("family", __name__)

PUT = Limit("family", 60, 86_400)
UNREADABLE = "这一栏读不懂，请重新填写"
SENTENCES = {
    "missing": "请填写出生日期",
    "future": "出生日期不能晚于今天",
    "out_of_range": "出生日期不对，请看看年份",
    "unknown_relation": "请选择与您的关系",
    "unknown_region": "没有这个地区，请重新选择",
    "too_many": "最多记 20 位家庭成员",
    "minor": "未满 18 周岁，不能作为监护人同意",
}


@blueprint.get("/m/family")
@acting("read")
def show() -> ResponseReturnValue:
    """Whom registers tell of and whom the reader named, and the guardian's word on the children."""
    who = current_person()
    return render_template("m/family.html", family=_family(who), may=who.may("ask"), own=reader.themselves(who))


@blueprint.get("/m/family/member")
@acting("ask")
def form() -> ResponseReturnValue:
    """The form for a new family member, or for the one with this `id`."""
    number = row_number("id")
    mine = _family(current_person()).members
    found = next((one.one for one in mine if one.own and one.one.id == number), None)
    if found is None and "id" in request.args:
        abort(404)
    born = found.birth_date.isoformat() if found and found.birth_date else ""
    given = Given(found.relation, born, found.household_region or "") if found else Given("", "")
    return _form(given, number)


@blueprint.post("/m/family/member")
@acting("ask")
def put() -> ResponseReturnValue:
    """Add or change one."""
    who, sent = current_person(), request.form
    _check(who)
    number = sent.get("id", type=int) if sent.get("id") else None
    agrees = sent.get("agrees") == "1" and reader.themselves(who)
    home = sent.get("household_region", "")
    given = Given(sent.get("relation", ""), sent.get("birth_date", ""), home, agrees, sent.get("key", ""))
    try:
        family.put(context(), who.profile_id, given, number=number, by=reader.actor(who))
    except FamilyError as error:
        if error.code in ("unknown_member", "unknown_profile"):
            abort(404)
        return _form(given, number, error=error), 422
    toast(t("已保存"))
    return redirect(url_for("family.show"), 303)


@blueprint.post("/m/family/remove")
@acting("ask")
def remove() -> ResponseReturnValue:
    """Remove one, at once; who is gone already is no error."""
    who, number = current_person(), request.form.get("id", type=int)
    _check(who)
    try:
        sealed = family.remove(context(), who.profile_id, number or 0, by=reader.actor(who))
        toast(t("已删除，不再使用"), undo=url_for("family.undo"), sealed=sealed)
    except FamilyError as error:
        if error.code == "unknown_profile":
            abort(404)
        toast(t("这一位不是您填写的，或已经删除"))
    return redirect(url_for("family.show"), 303)


@blueprint.post("/m/family/undo")
@acting("ask")
def undo() -> ResponseReturnValue:
    """Hold again whom the reader has just removed."""
    who = current_person()
    _check(who)
    try:
        family.undo(context(), who.profile_id, request.form.get("sealed", ""), by=reader.actor(who))
        toast(t("已恢复"))
    except FamilyError as error:
        if error.code != "too_many":
            abort(404)
        toast(t(SENTENCES[error.code]))
    return redirect(url_for("family.show"), 303)


@blueprint.post("/m/family/consent")
@resident
def consent() -> ResponseReturnValue:
    """The guardian's word on the use of the children's information: yes, or no."""
    who, on = current_person(), request.form.get("on") == "1"
    if not who.own:
        abort(403, "role")
    try:
        family.agree(context(), who.profile_id, on=on)
    except FamilyError:
        abort(403, "role")
    toast(t("已同意，马上用于匹配") if on else t("已撤回，不再使用未满 14 周岁家人的信息"))
    return redirect(url_for("family.show", _anchor="consent"), 303)


def _form(given: Given, number: int | None, *, error: FamilyError | None = None) -> str:
    said = t(SENTENCES.get(error.code, UNREADABLE)) if error else ""
    found = _family(current_person())
    picked = request.args.get("household_region", "") or given.household_region
    picked = picked if regions.known(picked) else ""  # no address and no form puts words of its own among the choices
    back = url_for("family.form", id=number)
    page = {"given": given, "home": picked, "number": number, "error": error, "said": said, "relations": RELATIONS}
    page |= {"family": found, "own": reader.themselves(current_person()), "regions": fact_fields.regions()}
    page |= {"chooser": fact_fields.chooser("region", back, "household_region")}
    return render_template("m/family_member.html", key=given.key or secrets.token_hex(6), **page)


def _family(who: Person) -> Family:
    return family.family_of(context(), who.profile_id) or abort(404)


def _check(who: Person) -> None:
    if not allow(PUT, f"profile:{reader.actor(who)}"):
        abort(429)
