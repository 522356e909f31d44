"""What we hold of the reader, with source, day, purpose and basis; and their wish that a fact be corrected."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from profiles.facts import FACTS
from pushsvc.pipeline import corrections
from pushsvc.pipeline import preferences as choices_of
from pushsvc.pipeline.asked import asked_by
from pushsvc.pipeline.corrections import CorrectionError, Wish, correctable
from pushsvc.pipeline.held import Held, held_of, origins
from pushsvc.pipeline.own_consent import may_agree
from pushsvc.pipeline.value_words import fact_name, say_value
from pushsvc.store import reading
from pushsvc.store.access import Person
from pushsvc.store.session import transaction
from pushsvc.web.access import current_person, resident
from pushsvc.web.cards import may_ask
from pushsvc.web.current import context
from pushsvc.web.i18n import locale, t
from pushsvc.web.limits import Limit, allow
from pushsvc.web.toast import toast
from pushsvc.web.words import today

blueprint = Blueprint("facts", __name__)

ASK = Limit("correction", 20, 86_400)
YEARS = 5  # back from this one, for a yearly fact
UNREADABLE = "填写的内容读不懂，请换个写法"
SENTENCES = {
    "missing": "请填写应当是什么",
    "same_value": "这与现在登记的一样",
    "already_open": "这一项已有一份更正在等待答复",
    "too_many": "等待答复的更正太多，请等前面的答复",
    "too_long": "说明最多 500 字",
    "long_value": "最多填 200 字",
    "no_consent": "这一项属于敏感信息，须先单独同意使用",
    "bad_year": "这一年没有这项信息",
}


@blueprint.get("/m/facts")
@resident
def show() -> ResponseReturnValue:
    """Every fact held of the reader or of the firm they act for, and the corrections they asked for."""
    who = current_person()
    held = _held(who)
    asked = asked_by(context(), who.profile_id, locale())
    waiting = {(one.fact, one.year) for one in asked if one.state == "open"}
    askable = frozenset(correctable(held.kind, agrees=held.agrees)) if may_ask(who) else frozenset()
    page = {"held": held, "asked": asked, "waiting": waiting, "askable": askable, "origins": origins}
    page |= {"may_agree": who.own and may_agree(context(), who.id)}
    return render_template("m/facts.html", **page)


@blueprint.get("/m/facts/correct")
@resident
def form() -> ResponseReturnValue:
    """The form for one fact; without a fact, the choice of one."""
    who = current_person()
    if not may_ask(who):
        abort(403, "role")
    return _form(_held(who), request.args.get("fact", ""), request.args.get("year", type=int))


@blueprint.post("/m/facts/correct")
@resident
def ask() -> ResponseReturnValue:
    """Ask for a correction; nothing changes until the office answers."""
    who, given = current_person(), request.form
    if not may_ask(who):
        abort(403, "role")
    if not allow(ASK, f"profile:{who.id}"):
        abort(429)
    year = given.get("year", type=int)
    wish = Wish(given.get("fact", ""), given.get("claimed", ""), given.get("reason", ""), year)
    try:
        corrections.ask(context(), who.profile_id, wish, by=who.id)
    except CorrectionError as error:
        if error.code in ("unknown_fact", "not_for_kind", "unknown_profile"):
            abort(404)
        said = t(SENTENCES.get(error.code, UNREADABLE))
        return _form(_held(who), wish.fact, year, error=said, given=wish), 422
    toast(t("已收到。答复前信息不变"))
    return redirect(url_for("facts.show", _anchor="asked"), 303)


@blueprint.post("/m/facts/sensitive")
@resident
def sensitive() -> ResponseReturnValue:
    """Agree to the use of one's sensitive facts, or take it back."""
    who, on = current_person(), request.form.get("on") == "1"
    if not who.own or (on and not may_agree(context(), who.id)):
        abort(403, "role")
    choose = choices_of.give_consent if on else choices_of.withdraw_consent
    choose(context(), who.id, "sensitive")
    toast(t("已同意使用敏感信息，仅用于判断资格") if on else t("已撤回。敏感信息不再使用"))
    return redirect(url_for("facts.show", _anchor="sensitive"), 303)


def _held(who: Person) -> Held:
    return held_of(context(), who.profile_id, locale()) or abort(404)


def _form(held: Held, name: str, year: int | None, *, error: str = "", given: Wish | None = None) -> str:
    choices = correctable(held.kind, agrees=held.agrees)
    if not name:
        choices = [one for one in choices if year is None or FACTS[one].yearly]
        return render_template("m/correct.html", fact=None, choices=choices, year=year)
    if name not in choices:
        abort(404)
    fact = FACTS[name]
    page = {"fact": fact, "name": fact_name(name, locale()), "year": year, "error": error, "given": given}
    page |= {"now": _now(held, name, year), "levels": [(one, say_value(name, one, locale())) for one in fact.levels]}
    page |= {"years": _years(held, name, year) if fact.yearly else ()}
    return render_template("m/correct.html", regions=_regions() if fact.tree == "region" else (), **page)


def _years(held: Held, name: str, year: int | None) -> list[int]:
    """The years to choose from: the last few, those of which something is held, and the one that was asked for."""
    last = today().year
    found = {*range(last, last - YEARS, -1), *held.yearly.get(name, ()), *((year,) if year is not None else ())}
    return sorted((one for one in found if corrections.EARLIEST_YEAR <= one <= last), reverse=True)


def _now(held: Held, name: str, year: int | None) -> object:
    """What is held of the fact now; None where nothing is."""
    if year is not None:
        return held.yearly.get(name, {}).get(year)
    return next((one for one in (*held.facts, *held.sensitive) if one.fact == name), None)


def _regions() -> list[str]:
    with transaction(context().engine) as connection:
        return reading.regions_in_use(connection)
