"""The resident's inbox: the messages they received, read and put away; and its figures, for a page that stays open."""

from __future__ import annotations

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pushsvc.pipeline import feedback, own_letters
from pushsvc.store import digests, inbox, questions
from pushsvc.store.inbox import VIEWS, Counts
from pushsvc.store.session import transaction
from pushsvc.web.access import current_person, resident
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.inputs import row_number
from pushsvc.web.letters import MOST, letter_json, not_modified, tagged
from pushsvc.web.toast import toast

blueprint = Blueprint("inbox", __name__)

LETTERS = 30


@blueprint.get("/m/inbox")
@resident
def letters() -> ResponseReturnValue:
    """The messages the reader received in the app, the newest first; or those that they put away."""
    view, who = _view(), current_person()
    with transaction(context().engine) as connection:
        counts = inbox.counts(connection, who.id)
        found = inbox.letters(connection, who.id, view=view, before=row_number("before"), limit=LETTERS + 1)
        shown = [letter.id for letter in found]
        lists = digests.runs_of_letters(connection, who.id, shown)
        lists |= questions.of_letters(connection, who.id, shown)
    older = found[LETTERS - 1].id if len(found) > LETTERS else None
    page = {"letters": found[:LETTERS], "lists": lists, "older": older, "view": view, "counts": counts}
    return render_template("m/inbox.html", **page)


@blueprint.get("/m/inbox.json")
@resident
def live() -> Response:
    """The figures and the letters as they are now; 304 while they are those that the caller has.

    `view`, `before` and `limit` as in the API's inbox. `shape` is another whenever the list is.
    """
    view, who = _view(), current_person()
    with transaction(context().engine) as connection:
        counts = inbox.counts(connection, who.id)
        if not_modified(counts):
            return tagged(Response(status=304), counts)
        size = min(max(1, request.args.get("limit", LETTERS, type=int)), MOST)
        found = inbox.letters(connection, who.id, view=view, before=row_number("before"), limit=size + 1)
    told = {"unread": counts.unread, "archived": counts.archived, "older": found[size - 1].id if found[size:] else None}
    shown = {"state": view, "shape": counts.tag, "texts": {}, "widths": {}}  # what a page that is open looks at
    return tagged(jsonify(**told, **shown, letters=[letter_json(one) for one in found[:size]]), counts)


@blueprint.post("/m/inbox/<id:letter_id>")
@resident
def open_letter(letter_id: int) -> ResponseReturnValue:
    """Open one of the reader's own messages: it is read from now on, and leads to its policy,
    or to all that it tells."""
    about = feedback.open_letter(context(), current_person().id, letter_id)
    if about is None:
        abort(404)
    _, policy_id = about
    if policy_id is not None:
        return redirect(url_for("subscriber.card", policy_id=policy_id), 303)
    with transaction(context().engine) as connection:
        run_id = digests.runs_of_letters(connection, current_person().id, [letter_id]).get(letter_id)
        question_id = questions.of_letters(connection, current_person().id, [letter_id]).get(letter_id)
        mine = question_id and questions.question_of(connection, current_person().profile_id, question_id)
    if question_id and not mine:
        toast(t("这是替别人或企业问的，请切换后在“我的提问”中查看"))
    elif question_id:
        return redirect(url_for("questions.show", number=question_id), 303)
    where = url_for("inbox.letters") if run_id is None else url_for("subscriber.digest", run_id=run_id)
    return redirect(where, 303)


@blueprint.post("/m/inbox/read")
@resident
def read_all() -> ResponseReturnValue:
    """All messages are read from now on, but for those that the reader put away."""
    n = own_letters.read_all(context(), current_person().id)
    if n:
        toast(t("已将 {n} 条标为已读", n=n))
    return _done()


@blueprint.post("/m/inbox/<id:letter_id>/read")
@resident
def read(letter_id: int) -> ResponseReturnValue:
    """One of the reader's own messages is read from now on."""
    if not own_letters.read_letter(context(), current_person().id, letter_id):
        abort(404)
    return _done()


@blueprint.post("/m/inbox/<id:letter_id>/archive")
@resident
def archive(letter_id: int) -> ResponseReturnValue:
    """Put one of the reader's own messages away, or back into the inbox (`on` = 0)."""
    away = request.form.get("on") != "0"
    if not own_letters.put_away(context(), current_person().id, letter_id, away=away):
        abort(404)
    said, back = t("已归档") if away else t("已移回收件箱"), request.form.get("view", "inbox")
    toast(said, undo=url_for("inbox.archive", letter_id=letter_id), on="0" if away else "1", view=back)
    return _done(back)


def _done(view: str = "inbox") -> ResponseReturnValue:
    """Back to the list it was done in, or for a program the figures as they now are."""
    if request.accept_mimetypes.best == "application/json":
        return jsonify(_figures(_counts()))
    return redirect(url_for("inbox.letters", view=view if view in VIEWS[1:] else None), 303)


def _counts() -> Counts:
    with transaction(context().engine) as connection:
        return inbox.counts(connection, current_person().id)


def _figures(counts: Counts) -> dict[str, int]:
    return {"unread": counts.unread, "archived": counts.archived}


def _view() -> str:
    view = request.args.get("view", "inbox")
    if view not in VIEWS:
        abort(404)
    return view
