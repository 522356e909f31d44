"""What is answered to everybody: drafts that wait for a second person, and what is public."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pushsvc.pipeline import faq
from pushsvc.pipeline.faq import Draft
from pushsvc.pipeline.four_eyes import same_person
from pushsvc.pipeline.question_words import QuestionError
from pushsvc.store import access as accounts
from pushsvc.store import faq as stored
from pushsvc.store import reading
from pushsvc.store.session import transaction
from pushsvc.web.access import current_operator, operator
from pushsvc.web.console.questions import ANSWERERS, READERS, SENTENCES
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.toast import toast

blueprint = Blueprint("faq", __name__)

FIELDS = ("ref", "faq_question", "faq_answer")
REFUSED = {
    "own_draft": "起草人不能发布自己写的，请另一位同事发布",
    "withdrawn": "已撤下，请重新起草",
}
UNKNOWN_POLICY = "没有这个编号的已公布政策"


@blueprint.get("/faq")
@operator(*READERS)
def index() -> ResponseReturnValue:
    """The drafts, the oldest first, and what is public, the newest first."""
    return _page()


@blueprint.post("/faq")
@operator(*ANSWERERS)
def write() -> ResponseReturnValue:
    """Draft one, on a policy named by its reference or on none."""
    given = {name: request.form.get(name, "") for name in FIELDS}
    policy_id = _policy(given["ref"].strip())
    if policy_id is None and given["ref"].strip():
        return _page(given, {"ref": t(UNKNOWN_POLICY)}), 422
    draft = Draft(given["faq_question"], given["faq_answer"], policy_id)
    try:
        faq.write(context(), draft, by=current_operator().name)
    except QuestionError as error:
        if error.code not in SENTENCES:
            abort(404)
        return _page(given, {error.place: t(SENTENCES[error.code])}), 422
    toast(t("已起草，待另一人发布"))
    return redirect(url_for("console.faq.index"), 303)


@blueprint.post("/faq/<id:number>/publish")
@operator("reviewer")
def publish(number: int) -> ResponseReturnValue:
    """Let everybody read what another wrote."""
    return _act(faq.publish, number, t("已发布，所有人可见"))


@blueprint.post("/faq/<id:number>/withdraw")
@operator(*ANSWERERS)
def withdraw(number: int) -> ResponseReturnValue:
    """Take one back, at once."""
    return _act(faq.withdraw, number, t("已撤下，不再公开"))


def _act(act: Callable[..., None], number: int, done: str) -> ResponseReturnValue:
    try:
        act(context(), number, by=current_operator().name)
    except QuestionError as error:
        if error.code not in REFUSED:
            abort(404)
        toast(t(REFUSED[error.code]))
    else:
        toast(done)
    return redirect(url_for("console.faq.index"), 303)


def _policy(ref: str) -> int | None:
    with transaction(context().engine) as connection:
        number = reading.policy_id(connection, ref) if ref else None
        return number if number is not None and reading.policies_by_id(connection, [number]) else None


def _page(given: dict[str, str] | None = None, errors: dict[str, str] | None = None) -> str:
    page = max(1, min(request.args.get("page", 1, type=int), 10_000))
    who = current_operator()
    with transaction(context().engine) as connection:
        drafts = stored.drafts(connection)
        rows, total = stored.published(connection, page=page)
        names = accounts.display_names(connection)
    mine = {one.id for one in drafts if same_person(one.author, who.name)}
    lists = {"drafts": drafts, "rows": rows, "total": total, "names": names, "mine": mine}
    rights = {"may_write": who.may(*ANSWERERS), "may_publish": who.may("reviewer")}
    form = {"given": given or {}, "errors": errors or {}, "page": page, "count": -(-total // stored.PAGE)}
    return render_template("console/faq.html", **lists, **rights, **form)
