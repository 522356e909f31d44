"""What reaches the reader: topics by channel, hours, subscriptions, language. All acts at once, and can be undone."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, abort, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from profiles.preference import PreferenceError
from pushsvc.pipeline import preferences as choices_of
from pushsvc.pipeline.choice_fields import FIELDS, as_posted, changed_fields
from pushsvc.pipeline.days import city_day
from pushsvc.store.access import Person
from pushsvc.web import choice_page
from pushsvc.web import choice_words as words
from pushsvc.web.access import acting, current_person, safe_path
from pushsvc.web.choice_page import FORMS, Refused
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.kept_pages import kept
from pushsvc.web.toast import toast
from pushsvc.web.wish_page import wish_rows

blueprint = Blueprint("preferences", __name__)

PAUSES = ("0", "7", "30")  # days that a button offers; 0 ends a pause


@blueprint.get("/m/preferences")
@acting("read")
@kept
def show() -> ResponseReturnValue:
    """All choices of the reader; the subscriptions are those of whom they act for."""
    return _page()


@blueprint.post("/m/preferences/personalised")
@acting("read")
def personalised() -> ResponseReturnValue:
    """Turn recommendations on (which is a consent) or off (which drops what is queued)."""
    on, who, undone = request.form.get("on") == "1", own_choices(), "undone" in request.form
    given = on and not undone and choices_of.consent_anew(context(), who.id, "recommend", source=source_of(who))
    if undone and not on and "given" in request.form:  # what is taken back gave a consent that was not there before
        choices_of.withdraw_consent(context(), who.id, "recommend", source=source_of(who))
    dropped = choices_of.switch_personalised(context(), who.id, on)
    back = {name: request.form[name] for name in ("next", "here") if name in request.form}
    again = {"on": "0" if on else "1", "undone": "1", "n": str(dropped), **({"given": "1"} if given else {}), **back}
    undo = None if undone else url_for("preferences.personalised")
    toast(_switched(on, dropped, request.form.get("n", 0, type=int) if undone else 0), undo=undo, **again)
    return redirect(safe_path(request.form.get("next"), return_to("recommended")), 303)


@blueprint.post("/m/preferences/recommended")
@acting("read")
def recommended() -> ResponseReturnValue:
    """How much is recommended in a week, and how often."""
    return _save("recommended")


@blueprint.post("/m/preferences/choices")
@acting("read")
def choices() -> ResponseReturnValue:
    """The grid of topics and channels."""
    return _save("grid")


@blueprint.post("/m/preferences/unread")
@acting("read")
def unread() -> ResponseReturnValue:
    """What follows a message that nobody opened, and which channel goes first."""
    return _save("unread")


@blueprint.post("/m/preferences/quiet")
@acting("read")
def quiet() -> ResponseReturnValue:
    """Quiet hours and the pause; a button may say how many days."""
    return _save("quiet")


@blueprint.post("/m/preferences/language")
@acting("read")
def language() -> ResponseReturnValue:
    """The language of messages; and of the pages, where the reader reads for themselves."""
    who, wanted = own_choices(), request.form.get("locale", "")
    try:
        before = choices_of.choose_language(context(), who.id, wanted)
    except choices_of.ChoiceError:
        abort(400)
    if who.by is None:
        session["lang"] = wanted
    changed = before != wanted and "undone" not in request.form
    undo = url_for("preferences.language") if changed else None
    said = t("消息和页面以后用中文") if who.by is None else t("已保存")
    toast(said, undo=undo, locale=before, undone="1", **here())
    return redirect(return_to("look"), 303)


def own_choices() -> Person:
    """Whom the request is for, whose own choices it may change; refuses a proxy without leave for that."""
    who = current_person()
    if not choice_page.may_change_own(who):
        abort(403, "scope")
    return who


def source_of(who: Person) -> str:
    """Where the consent ledger says that it was said."""
    return "web" if who.by is None else "proxy"


def here() -> dict[str, str]:
    """A form that saved itself by script says so: its page stays where it is scrolled to."""
    return {"here": "1"} if "here" in request.form else {}


def return_to(anchor: str) -> str:
    """The page again, at the part that was saved."""
    return url_for("preferences.show", _anchor=None if here() else anchor)


def _save(form: str) -> ResponseReturnValue:
    """Save what the person changed of a form, and offer to put back what stood before; or say at the field what is
    wrong, with all that was typed."""
    who, posted = own_choices(), request.form.to_dict()
    if posted.get("pause") in PAUSES:
        days = int(posted["pause"])
        posted["paused_until"] = (city_day(context()) + timedelta(days=days)).isoformat() if days else ""
    changed = changed_fields(_shown(), posted)
    try:
        saved = choices_of.save_fields(context(), who.id, changed)
    except (PreferenceError, choices_of.ChoiceError) as error:
        place = words.wrong_place(error, form, FORMS[form])
        return _page(Refused(changed, {place: words.wrong_words(error)})), 422
    new = {name: value for name, value in saved.after.items() if value is not None}
    undo = request.path if saved.after and "undone" not in posted else None
    said = words.saved_words(saved) if "undone" not in posted else t("已恢复")
    toast(said, undo=undo, **as_posted(saved.before), shown=urlencode(new), undone="1", **here())
    return redirect(return_to(form), 303)


def _switched(on: bool, dropped: int, lost: int) -> str:
    """What the switch did; `lost`: messages that were dropped by what is now taken back."""
    if not on:
        return t("已立即关闭，取消{n}条待发推荐。订阅与必要告知照常", n=dropped)
    return t("已恢复为我推荐。刚才取消的 {n} 条不再补发", n=lost) if lost > 0 else t("已开启为我推荐")


def _shown() -> dict[str, str]:
    """What the form showed when it was made: only the reader's own, so whatever is said there harms nobody else."""
    try:
        return dict(parse_qsl(request.form.get("shown", ""), max_num_fields=len(FIELDS)))
    except ValueError:
        abort(400)


def _page(refused: Refused | None = None) -> str:
    """The page, with the subscriptions of whom the reader acts for."""
    return choice_page.page(refused, wishes=wish_rows(current_person()))
