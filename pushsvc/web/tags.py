"""My tags: which ones suggestions use and whence they are; deleting one, picking another, and taking that back."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from profiles.sources import source_of
from pushsvc.pipeline import tags
from pushsvc.pipeline.tags import MyTag, TagError
from pushsvc.store.preferences import read_preference
from pushsvc.store.session import transaction
from pushsvc.store.sources import registered_sources
from pushsvc.web.access import acting, current_person, safe_path
from pushsvc.web.current import context
from pushsvc.web.i18n import locale, t
from pushsvc.web.labels import TOPICS
from pushsvc.web.toast import toast

blueprint = Blueprint("tags", __name__)

LONGEST = 60
REFUSED = {
    "unknown_tag": "没有这个标签，请从下面选",
    "sensitive_tag": "敏感信息不作标签",
    "too_many": "标签太多，请先删除几个",
    "unknown_profile": "现在不能添加标签",
}


@blueprint.get("/m/tags")
@acting("read")
def show() -> ResponseReturnValue:
    """The tags of whom the reader acts for, each with its source; those deleted; those that may be picked."""
    return _page()


@blueprint.post("/m/tags/add")
@acting("manage")
def add() -> ResponseReturnValue:
    """Pick a tag of the dictionary; any other is refused with its code."""
    tag = _tag()
    try:
        picked = tags.pick_tag(context(), current_person().profile_id, tag)
    except TagError as error:
        return _page(error), 422
    undo = url_for("tags.delete") if picked else None
    toast(t("已添加标签：{tag}", tag=tag), undo=undo, tag=tag)
    return redirect(url_for("tags.show"), 303)


@blueprint.get("/m/tags/delete")
@acting("manage")
def confirm() -> ResponseReturnValue:
    """Say what deleting a tag means, and ask; a tag that is not held leads to the list."""
    back, tag = _back(request.args.get("next")), request.args.get("tag", "")[:LONGEST]
    if tag not in {one.name for one in tags.my_tags(context(), current_person().profile_id)}:
        return redirect(url_for("tags.show"), 303)
    return render_template("m/tag.html", tag=tag, back=back)


@blueprint.post("/m/tags/delete")
@acting("manage")
def delete() -> ResponseReturnValue:
    """Delete a tag: no suggestion uses it from now on."""
    tag, back = _tag(), _back(request.form.get("next"))
    if not tags.delete_tag(context(), current_person().profile_id, tag):
        abort(404)
    toast(t("已删除标签：{tag}", tag=tag), undo=url_for("tags.restore"), tag=tag, next=back)
    return redirect(back, 303)


@blueprint.post("/m/tags/restore")
@acting("manage")
def restore() -> ResponseReturnValue:
    """Undo the deletion of a tag; where none stands, nothing is changed."""
    if not tags.restore_tag(context(), current_person().profile_id, _tag()):
        abort(404)
    toast(t("已恢复"))
    return redirect(_back(request.form.get("next")), 303)


def _page(error: TagError | None = None) -> str:
    who, ctx = current_person(), context()
    with transaction(ctx.engine) as connection:
        registered = registered_sources(connection)
        personalised = bool(read_preference(connection, who.id)["personalised"])

    def whence(one: MyTag) -> str:
        known = source_of(one.source, registered)
        return known.zh if locale() == "zh" else known.en

    topics = tags.pickable(ctx, who.profile_id)
    return render_template(
        "m/tags.html",
        mine=[(one, whence(one) if one.source else "") for one in tags.my_tags(ctx, who.profile_id)],
        deleted=tags.deleted_tags(ctx, who.profile_id),
        pickable=[(t(zh), topics[topic]) for topic, zh in TOPICS.items() if topic in topics],
        personalised=personalised,
        theirs=who.may("manage"),
        error=t(REFUSED[error.code]) if error else "",
        code=error.code if error else "",
    )


def _tag() -> str:
    return request.form.get("tag", "")[:LONGEST]


def _back(path: str | None) -> str:
    return safe_path(path, url_for("tags.show"))
