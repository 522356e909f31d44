"""Subscriptions of the reader, or of the firm they act for: add, try out, change, pace, stop and resume."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from pushsvc.pipeline import own_wishes, self_service
from pushsvc.pipeline import preferences as choices_of
from pushsvc.pipeline.own_wishes import WishError, place_of
from pushsvc.pipeline.wish_counts import lately
from pushsvc.store.access import Person
from pushsvc.store.session import transaction
from pushsvc.store.subscriptions import Subscription
from pushsvc.web import wish_page
from pushsvc.web.access import acting, current_person
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.labels import CADENCES
from pushsvc.web.limits import Limit, allow
from pushsvc.web.toast import toast
from pushsvc.web.wish_form import NAMES, Form, Known, cells_of, form_of, read_form

blueprint = Blueprint("wishes", __name__)

OFTEN = Limit("wish", 120, 3600)
CHOOSERS = {"industry": "choosers.industry", "region": "choosers.region"}
SAME = "已订阅过，没有重复添加"
TOO_MANY = "订阅已满 100 条，请先停止几条"


@blueprint.get("/m/subscriptions/new")
@acting("manage")
def new() -> ResponseReturnValue:
    """The form of a new subscription, or what it would bring."""
    return _show(None)


@blueprint.get("/m/subscriptions/<id:number>")
@acting("manage")
def edit(number: int) -> ResponseReturnValue:
    """The form of one that is there, or what it would bring when changed."""
    held = own_wishes.wish_of(context(), current_person().profile_id, number) or abort(404)
    if held.ended_at is not None:
        return _ended(number)
    return _show(held)


@blueprint.post("/m/preferences/subscriptions")
@acting("manage")
def add() -> ResponseReturnValue:
    """Subscribe: an explicit wish, and with it the consent to be told. The same again is said so."""
    who = _may_write()
    form = _sent(who)
    if form.wish is None:
        return wish_page.form_page(form), 422
    try:
        added = own_wishes.add_wish(context(), form.wish)
    except WishError:
        return wish_page.form_page(form, trouble=t(TOO_MANY)), 422
    choices_of.consent_anew(context(), who.id, "notify", source="web" if who.by is None else "proxy")
    if added.new:
        toast(t("已订阅"), undo=url_for("wishes.stop", number=added.id))
    elif added.before != form.wish.cadence:
        toast(t("已订阅过，频率改为：{cadence}", cadence=t(CADENCES[form.wish.cadence])))
    else:
        toast(t(SAME))
    return _back()


@blueprint.post("/m/subscriptions/<id:number>")
@acting("manage")
def change(number: int) -> ResponseReturnValue:
    """Let a subscription ask for something else."""
    who = _may_write()
    held = own_wishes.wish_of(context(), who.profile_id, number) or abort(404)
    form = _sent(who)
    if form.wish is None:
        return wish_page.form_page(form, held=held), 422
    try:
        before = own_wishes.change_wish(context(), form.wish, number) or abort(404)
    except WishError as error:
        if error.code == "ended":
            return _ended(number)
        return wish_page.form_page(form, held=held, trouble=t("另一条订阅已经是这样的内容")), 422
    undo = url_for("wishes.change", number=number) if "undone" not in request.form else None
    toast(t("已保存"), undo=undo, undone="1", **cells_of(before))
    return _back()


@blueprint.post("/m/preferences/subscriptions/<id:number>/stop")
@acting("manage")
def stop(number: int) -> ResponseReturnValue:
    """End one subscription of whom the reader acts for; once more is harmless."""
    if not own_wishes.stop_wish(context(), current_person().profile_id, number):
        abort(404)
    toast(t("已停止。"), undo=url_for("wishes.resume", number=number))
    return _back()


@blueprint.post("/m/preferences/subscriptions/<id:number>/resume")
@acting("manage")
def resume(number: int) -> ResponseReturnValue:
    """Undo the end of a subscription; once more is harmless."""
    if not own_wishes.resume_wish(context(), current_person().profile_id, number):
        abort(404)
    toast(t("已恢复"))
    return _back()


@blueprint.post("/m/preferences/subscriptions/<id:number>/cadence")
@acting("manage")
def cadence(number: int) -> ResponseReturnValue:
    """At once, daily or weekly."""
    wanted, who = request.form.get("cadence", ""), current_person()
    if wanted not in CADENCES:
        abort(400)
    held = own_wishes.wish_of(context(), who.profile_id, number) or abort(404)
    if not self_service.set_cadence(context(), who.profile_id, number, wanted):
        return _ended(number)
    changed = held.wish.cadence != wanted and "undone" not in request.form
    undo = url_for("wishes.cadence", number=number) if changed else None
    toast(t("已保存"), undo=undo, cadence=held.wish.cadence, undone="1")
    return _back()


def _show(held: Subscription | None) -> ResponseReturnValue:
    """The form with what the address says of it; the way to a chooser; or the preview."""
    args = request.args
    if args.get("choose") in CHOOSERS:
        kept: dict[str, Any] = {name: args.getlist(name) for name in args if name in NAMES}
        return redirect(url_for(CHOOSERS[args["choose"]], next=request.path, field=args["choose"], **kept), 303)
    asked, blank = args.get("step") == "preview", form_of(held.wish) if held else Form()
    form = read_form(args, _known(current_person())) if asked or not NAMES.isdisjoint(args) else blank
    if not asked:
        return wish_page.form_page(form, held=held, finding="find" in args, judged=False)
    if form.wish is None:
        return wish_page.form_page(form, held=held), 422
    return wish_page.preview_page(form, held=held)


def _sent(who: Person) -> Form:
    return read_form(request.form, _known(who))


def _known(who: Person) -> Known:
    with transaction(context().engine) as connection:
        agencies = lately(connection, context()).agencies
    return Known(who.profile_id, place_of(context(), who.profile_id), agencies)


def _may_write() -> Person:
    who = current_person()
    if not allow(OFTEN, f"profile:{who.profile_id}"):
        abort(429)
    return who


def _ended(number: int) -> ResponseReturnValue:
    toast(t("这条订阅已经停止"), undo=url_for("wishes.resume", number=number))
    return _back()


def _back() -> ResponseReturnValue:
    return redirect(url_for("preferences.show", _anchor="wishes"), 303)
