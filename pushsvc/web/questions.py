"""Ask a person: the reader's questions to an office, the day the answer is due, and the answer."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pushsvc.pipeline import faq, questions
from pushsvc.pipeline.own_questions import questions_of, told
from pushsvc.pipeline.question_words import QuestionError
from pushsvc.pipeline.questions import KINDS, Asking, By, due_day
from pushsvc.store import questions as stored
from pushsvc.store.access import Person
from pushsvc.store.faq import FaqRow
from pushsvc.store.questions import QuestionRow
from pushsvc.store.reading import PolicyRow, policies_by_id
from pushsvc.store.session import transaction
from pushsvc.web.access import acting, current_person
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.inputs import LARGEST_ID
from pushsvc.web.limits import Limit, allow
from pushsvc.web.toast import toast

blueprint = Blueprint("questions", __name__)

OFTEN = Limit("question", 20, 86_400)
MOST_SEARCHED = 60  # characters
SENTENCES = {
    "missing": "请写下您要问什么",
    "too_long": "最多 500 字，请写短一些",
    "too_many": "等待答复的提问太多，请等前面的答复",
}


@blueprint.get("/m/questions")
@acting("read")
def index() -> ResponseReturnValue:
    """The questions asked for whom the reader acts: those that wait with their day, and the answers."""
    found = questions_of(context(), current_person().profile_id)
    return render_template("m/questions.html", questions=found)


@blueprint.get("/m/questions/new")
@acting("ask")
def new() -> ResponseReturnValue:
    """The form, after what others asked before."""
    return _form(_given(request.args.to_dict()))


@blueprint.post("/m/questions")
@acting("ask")
def ask() -> ResponseReturnValue:
    """Put the question; the same one twice is one."""
    who, wish = current_person(), _given(request.form.to_dict())
    if not allow(OFTEN, f"person:{who.by or who.id}"):
        abort(429)
    try:
        number = questions.ask(context(), who.profile_id, wish, By(who.by or who.id, who.by is not None))
    except QuestionError as error:
        if error.code not in SENTENCES:
            abort(404)
        return _form(wish, error=t(SENTENCES[error.code])), 422
    toast(t("已收到，答复后会告诉您"))
    return redirect(url_for("questions.show", number=number), 303)


@blueprint.get("/m/questions/<id:number>")
@acting("read")
def show(number: int) -> ResponseReturnValue:
    """One question with its answer, which is seen from now on."""
    row = questions.see(context(), current_person().profile_id, number) or abort(404)
    return render_template("m/question.html", told=told(context(), row), may_ask=current_person().may("ask"))


@blueprint.post("/m/questions/<id:number>/withdraw")
@acting("ask")
def withdraw(number: int) -> ResponseReturnValue:
    """Take a question back; again is harmless."""
    row = questions.withdraw(context(), current_person().profile_id, number) or abort(404)
    toast(t("已撤回") if row.state == "withdrawn" else t("已经答复，不能撤回"))
    return redirect(url_for("questions.show", number=number), 303)


@blueprint.post("/m/questions/<id:number>/useful")
@acting("ask")
def useful(number: int) -> ResponseReturnValue:
    """Say whether the answer helped."""
    said = request.form.get("useful", "")
    if said not in ("0", "1"):
        abort(400)
    if not questions.rate(context(), current_person().profile_id, number, useful=said == "1"):
        abort(404)
    toast(t("谢谢，已记下"))
    return redirect(url_for("questions.show", number=number), 303)


def _given(values: dict[str, str]) -> Asking:
    """What an address or a form says of the question."""
    kind = values.get("kind", "")
    policy_id = _number(values.get("policy", ""))
    usual = "policy" if policy_id is not None else "other"
    return Asking(
        values.get("words", ""),
        kind=kind if kind in KINDS else usual,
        policy_id=policy_id,
        general=values.get("to") == "general",
        follows=_number(values.get("follows", "")),
    )


def _number(text: str) -> int | None:
    """A row's number; what cannot be one is nobody's."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:20]) <= LARGEST_ID):
        abort(404)
    return int(text)


def _form(wish: Asking, *, error: str = "") -> str:
    who, sought = current_person(), " ".join(request.args.get("q", "").split())[:MOST_SEARCHED]
    with transaction(context().engine) as connection:
        first = _first(who, wish)
        policy_id = first.policy_id if first else wish.policy_id
        policy = policies_by_id(connection, [policy_id]).get(policy_id) if policy_id is not None else None
        if policy is None and wish.policy_id is not None and first is None:
            abort(404)
        answers: list[FaqRow] = [] if policy is None or first else faq.on_policy(connection, policy.id)
        found = faq.similar(connection, sought) if sought else []
        unseen = stored.count_unseen(connection, who.profile_id)
    page: dict[str, object] = {"wish": wish, "first": first, "policy": policy, "answers": answers, "found": found}
    page |= {"sought": sought, "unseen": unseen, "error": error, "kinds": _kinds(policy)}
    page |= {"due": due_day(context().clock(), context().settings.calendar)}
    return render_template("m/question_new.html", **page)


def _first(who: Person, wish: Asking) -> QuestionRow | None:
    """The answered question that this one follows."""
    if wish.follows is None:
        return None
    with transaction(context().engine) as connection:
        row = stored.question_of(connection, who.profile_id, wish.follows)
    return row if row is not None and row.state == "answered" else abort(404)


def _kinds(policy: PolicyRow | None) -> list[str]:
    """The kinds to choose from: a policy's own only where one is asked about."""
    return [kind for kind in KINDS if kind != "policy" or policy is not None]
