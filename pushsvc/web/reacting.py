"""What a reader does with a policy: saves it, hides it and why, applies for it, says whether its page was useful."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from pushsvc.pipeline import feedback
from pushsvc.web.access import acting, current_person, resident, safe_path
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.toast import toast

blueprint = Blueprint("reacting", __name__)

REASONS = {"not_for_me": "不适合我", "applied": "已经办过了", "not_interested": "不感兴趣"}
TOASTS = {
    ("saved", True): "已收藏",
    ("saved", False): "已取消收藏",
    ("dismissed", True): "不再为您显示这一条",
    ("dismissed", False): "已恢复显示",
    ("applied", True): "已记下",
    ("applied", False): "已取消",
}
DONE_ALREADY = "已记下您办过了，不再提醒截止日期"
assert tuple(REASONS) == feedback.REASONS, "Each reason has its words."


@blueprint.post("/m/policies/<id:policy_id>/feedback")
@acting("manage")
def react(policy_id: int) -> ResponseReturnValue:
    """Save or hide a policy, or take it back."""
    kind, reason = request.form.get("kind", ""), request.form.get("reason") or None
    if kind not in ("saved", "dismissed") or (reason is not None and (kind != "dismissed" or reason not in REASONS)):
        abort(400)
    return _reacted(policy_id, kind, reason)


@blueprint.post("/m/policies/<id:policy_id>/applied")
@acting("ask")
def apply(policy_id: int) -> ResponseReturnValue:
    """Note that the reader applies for a policy, or that they do not."""
    return _reacted(policy_id, "applied", None)


@blueprint.post("/m/policies/<id:policy_id>/useful")
@resident
def judge(policy_id: int) -> ResponseReturnValue:
    """Keep whether the reader, whoever they act for, found the page useful."""
    said = request.form.get("useful")
    if said not in ("0", "1"):
        abort(400)
    if not feedback.judge_useful(context(), current_person().id, policy_id, useful=said == "1"):
        abort(404)
    toast(t("谢谢，您的意见会用来改进"))
    return redirect(url_for("subscriber.card", policy_id=policy_id, _anchor="useful"), 303)


def _reacted(policy_id: int, kind: str, reason: str | None) -> ResponseReturnValue:
    on, whose = request.form.get("on") == "1", current_person().profile_id
    if not feedback.react(context(), whose, policy_id, kind=kind, on=on, reason=reason if on else None):
        abort(404)
    back = safe_path(request.form.get("next"), url_for("subscriber.feed"))
    said = DONE_ALREADY if on and reason == "applied" else TOASTS[kind, on]
    if kind == "applied":
        toast(t(said))
    else:
        hidden = {"kind": kind, "on": "0" if on else "1", "next": back} | ({"reason": reason} if reason else {})
        toast(t(said), undo=url_for("reacting.react", policy_id=policy_id), **hidden)
    return redirect(back, 303)
