"""Questions that people put to an office: the one due first before the others, and the office's answer."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pushsvc.pipeline import questions
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.faq import Draft
from pushsvc.pipeline.own_questions import PAGE, answered, asked_of_office, waiting
from pushsvc.pipeline.question_words import QuestionError
from pushsvc.store import audit, faq
from pushsvc.store import questions as stored
from pushsvc.store.session import transaction
from pushsvc.web.access import current_operator, operator
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.toast import toast

blueprint = Blueprint("questions", __name__)

READERS = ("author", "reviewer", "auditor")
ANSWERERS = ("author", "reviewer")
FIELDS = ("answer", "faq_question", "faq_answer")
SENTENCES = {
    "missing": "请写下内容",
    "too_long": "太长，请写短一些",
    "personal": "公开的内容里不能有手机号、身份证号或邮箱",
    "quoted": "公开的内容请用自己的话重写，不要照抄提问人的原话",
}
FAQ_HALF = "公开问答的问题和答复都要写，或都不写"


@blueprint.get("/questions")
@operator(*READERS)
def index() -> ResponseReturnValue:
    """Those that wait, and the last that were answered; people are masked, and no words are shown."""
    agency = request.args.get("agency", "")[:100]
    page = max(1, min(request.args.get("page", 1, type=int), 10_000))
    rows, figures = waiting(context(), agency=agency, page=page)
    mine = figures.by_agency.get("" if agency == stored.GENERAL else agency, 0) if agency else figures.total
    lists = {"rows": rows, "figures": figures, "agency": agency, "done": answered(context()) if page == 1 else []}
    return render_template("console/questions.html", page=page, count=-(-mine // PAGE), general=stored.GENERAL, **lists)


@blueprint.get("/questions/<id:number>")
@operator(*READERS)
def show(number: int) -> ResponseReturnValue:
    """One question with those it follows; the look is logged."""
    return _page(number)


@blueprint.post("/questions/<id:number>/answer")
@operator(*ANSWERERS)
def answer(number: int) -> ResponseReturnValue:
    """Answer it, once; and draft what everybody may read, where that is given too."""
    given = {name: request.form.get(name, "") for name in FIELDS}
    halves = [bool(given[name].strip()) for name in FIELDS[1:]]
    if any(halves) and not all(halves):
        return _page(number, given, {FIELDS[1 + halves.index(False)]: t(FAQ_HALF)}), 422
    public = Draft(given["faq_question"], given["faq_answer"]) if all(halves) else None
    try:
        questions.answer(context(), number, given["answer"], by=current_operator().name, public=public)
    except QuestionError as error:
        if error.code in SENTENCES:
            return _page(number, given, {error.place: t(SENTENCES[error.code])}), 422
        if error.code != "answered":
            abort(404)
        toast(t("另一位同事已经答复"))
    else:
        toast(t("已答复，并已通知提问人") if public is None else t("已答复；公开问答待另一人发布"))
    return redirect(url_for("console.questions.index"), 303)


@blueprint.app_template_global()
def questions_waiting() -> stored.Waiting:
    """The figures of what waits, for the console's frame."""
    with transaction(context().engine) as connection:
        return stored.waiting(connection, city_day(context()))


def _page(number: int, given: dict[str, str] | None = None, errors: dict[str, str] | None = None) -> str:
    line, thread = asked_of_office(context(), number) or abort(404)
    who = current_operator()
    with transaction(context().engine) as connection:
        about = f"question:{number}"
        audit.record(connection, at=context().clock(), actor=who.name, action="question.read", object=about)
        public = faq.of_question(connection, number)
    page = {"line": line, "thread": thread, "given": given or {}, "errors": errors or {}, "public": public}
    return render_template("console/question.html", may=who.may(*ANSWERERS), **page)
