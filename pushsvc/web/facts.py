"""What we hold of the reader, with source, day, purpose and basis; what they say of themselves, and ask for."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from profiles.facts import SENSITIVE
from pushsvc.pipeline import corrections, own_word
from pushsvc.pipeline import preferences as choices_of
from pushsvc.pipeline.asked import asked_by
from pushsvc.pipeline.corrections import GROUNDS, CorrectionError, Wish
from pushsvc.pipeline.held import origins
from pushsvc.pipeline.held_questions import outlook
from pushsvc.pipeline.held_size import sizing_of
from pushsvc.pipeline.own_consent import may_agree
from pushsvc.store.access import Person
from pushsvc.web import fact_fields
from pushsvc.web import fact_reader as reader
from pushsvc.web.access import acting, current_person, resident, safe_path
from pushsvc.web.current import context
from pushsvc.web.i18n import locale, t
from pushsvc.web.limits import Limit, allow
from pushsvc.web.toast import toast
from pushsvc.web.words import today

blueprint = Blueprint("facts", __name__)

ASK = Limit("correction", 20, 86_400)
SAY = Limit("own-word", 60, 86_400)
UNREADABLE = "填写的内容读不懂，请换个写法"
SENTENCES = {
    "missing": "请填写应当是什么",
    "same_value": "这与现在登记的一样",
    "already_open": "这一项已有一份请求正在等待答复",
    "too_many": "等待答复的请求太多，请等前面的答复",
    "too_long": "说明最多 500 字",
    "long_value": "最多填 200 字",
    "no_consent": "这一项属于敏感信息，须先单独同意使用",
    "bad_year": "这一年没有这项信息",
    "registered": "这一项现在已有登记，不能直接改写。可以改为请求更正",
    "no_ground": "请选择理由",
    "not_held": "这一项现在没有登记，不用删除",
}
NOT_THERE = ("unknown_fact", "not_for_kind", "unknown_profile", "bad_copy")


@blueprint.get("/m/facts")
@acting("read")
def show() -> ResponseReturnValue:
    """Every fact held of the reader or of the firm they act for, what is worth answering, and what they asked for."""
    who = current_person()
    held, ways = reader.held(who), own_word.ways_of(context(), who.profile_id)
    asked = asked_by(context(), who.profile_id, locale(), closed=who.by is not None)
    waiting = {(one.fact, one.year) for one in asked if one.state == "open"}
    askable = frozenset(reader.choices(who, held)) if who.may("ask") else frozenset()
    page = {"held": held, "asked": asked, "waiting": waiting, "askable": askable, "origins": origins, "ways": ways}
    page |= {"may_agree": reader.themselves(who) and may_agree(context(), who.id), "sizing": sizing_of(held, locale())}
    page |= {"needed": reader.needed(who, askable), "lacking": reader.lacking(held, askable), "today": today()}
    return render_template("m/facts.html", field_of=fact_fields.field_of, is_stale=reader.is_stale, **page)


@blueprint.get("/m/facts/correct")
@acting("ask")
def form() -> ResponseReturnValue:
    """The form for one fact: to say it, or to ask the office for a correction; without a fact, the choice of one."""
    return _form(current_person(), request.args.get("fact", ""), request.args.get("year", type=int))


@blueprint.post("/m/facts/correct")
@acting("ask")
def ask() -> ResponseReturnValue:
    """Say a fact where no register holds it; else ask for a correction, and nothing changes before it is answered."""
    who, given = current_person(), request.form
    year = given.get("year", type=int)
    wish = Wish(given.get("fact", ""), given.get("claimed", ""), given.get("reason", ""), year)
    says = own_word.ways_of(context(), who.profile_id).says(wish.fact, year)
    _check(who, wish.fact, SAY if says else ASK)
    try:
        if not says and given.get("way") == "say":
            raise CorrectionError("registered", "fact", "A register holds this fact by now.")
        return _say(who, wish) if says else _ask(who, wish)
    except CorrectionError as error:
        return _form(who, wish.fact, year, error=_sentence(error), given=wish), 422


@blueprint.get("/m/facts/delete")
@acting("ask")
def deletion() -> ResponseReturnValue:
    """The form that asks the office to delete what a register holds."""
    return _deletion(current_person(), request.args.get("fact", ""), request.args.get("year", type=int))


@blueprint.post("/m/facts/delete")
@acting("ask")
def ask_deletion() -> ResponseReturnValue:
    """Ask the office to delete a fact, on one of the law's grounds."""
    who, given = current_person(), request.form
    year = given.get("year", type=int)
    wish = Wish(given.get("fact", ""), given.get("ground", ""), given.get("reason", ""), year, delete=True)
    _check(who, wish.fact, ASK)
    try:
        return _ask(who, wish)
    except CorrectionError as error:
        return _deletion(who, wish.fact, year, error=_sentence(error), given=wish), 422


@blueprint.post("/m/facts/drop")
@acting("ask")
def drop() -> ResponseReturnValue:
    """Delete one's own word, at once; what is gone already is no error."""
    who, fact, year = current_person(), request.form.get("fact", ""), request.form.get("year", type=int)
    _check(who, fact, SAY)
    try:
        sealed = own_word.drop(context(), who.profile_id, fact, year, by=reader.actor(who))
    except CorrectionError:
        toast(t("这一项不是本人填写的，或已经删除"))
    else:
        back = {"fact": fact, "year": "" if year is None else str(year), "sealed": sealed}
        toast(t("已删除，不再使用"), undo=url_for("facts.undo"), **back)
    return redirect(url_for("facts.show"), 303)


@blueprint.post("/m/facts/undo")
@acting("ask")
def undo() -> ResponseReturnValue:
    """Hold again what the person has just deleted."""
    who, given = current_person(), request.form
    about = given.get("fact", ""), given.get("year", type=int)
    _check(who, about[0], SAY)
    try:
        own_word.undo(context(), who.profile_id, about, given.get("sealed", ""), by=reader.actor(who))
        toast(t("已恢复"))
    except CorrectionError as error:
        toast(_sentence(error))
    return redirect(url_for("facts.show"), 303)


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


def _say(who: Person, wish: Wish) -> ResponseReturnValue:
    """Hold it, and say what it changed."""
    mine = (wish.fact, wish.year) in own_word.ways_of(context(), who.profile_id).own
    before = outlook(context(), who.profile_id).fits
    own_word.say(context(), who.profile_id, wish, by=reader.actor(who))
    new = len(outlook(context(), who.profile_id).fits - before)
    said = t("已记下，马上用于匹配。又有 {n} 项政策初步符合", n=new) if new else t("已记下（本人填写），马上用于匹配")
    back = {} if mine else {"undo": url_for("facts.drop"), "fact": wish.fact, "year": str(wish.year or "")}
    toast(said, **back)
    return redirect(safe_path(request.form.get("next"), url_for("facts.show")), 303)


def _ask(who: Person, wish: Wish) -> ResponseReturnValue:
    corrections.ask(context(), who.profile_id, wish, by=reader.actor(who))
    toast(t("已收到。答复前信息不变"))
    return redirect(url_for("facts.show", _anchor="asked"), 303)


def _check(who: Person, fact: str, limit: Limit) -> None:
    """Nobody says or asks for too much, nor for somebody else what is theirs alone to say."""
    if who.by is not None and fact in SENSITIVE:
        abort(403, "proxy")
    if not allow(limit, f"profile:{reader.actor(who)}"):
        abort(429)


def _sentence(error: CorrectionError) -> str:
    """What is wrong, at its field; what nobody could have been offered is not there."""
    if error.code in NOT_THERE:
        abort(404)
    return t(SENTENCES.get(error.code, UNREADABLE))


def _form(who: Person, name: str, year: int | None, *, error: str = "", given: Wish | None = None) -> str:
    held = reader.held(who)
    choices = reader.choices(who, held)
    if not name:
        return render_template("m/correct.html", fact=None, choices=fact_fields.of_years(choices, year), year=year)
    if name not in choices:
        abort(404)
    ways = own_word.ways_of(context(), who.profile_id)
    field = fact_fields.field_of(name, year, held)
    claimed = given.claimed if given else request.args.get("claimed", "")[:200]
    back = safe_path(request.values.get("next"), "")
    page = {"fact": field.fact, "field": field, "typed": claimed, "error": error, "given": given, "next": back}
    page |= {"says": ways.says(name, year), "own": (name, year) in ways.own, "year": year}
    return render_template("m/correct.html", name=field.name, now=field.now, years=field.years, **page)


def _deletion(who: Person, name: str, year: int | None, *, error: str = "", given: Wish | None = None) -> str:
    held = reader.held(who)
    known = (*reader.choices(who, held), *(() if who.by else (one.fact for one in held.sensitive)))
    if name not in known:
        abort(404)
    field = fact_fields.field_of(name, year, held)
    if field.now is None:
        abort(404)
    page = {"field": field, "year": year, "grounds": GROUNDS, "error": error, "given": given}
    return render_template("m/fact_delete.html", **page)
