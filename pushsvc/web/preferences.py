"""What reaches the reader: topics by channel, hours, subscriptions, tags, their data. Everything acts at once."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from profiles.csvfile import RowError
from profiles.errors import ProfilesError
from profiles.escalation import may_choose_order
from pushsvc.pipeline import preferences as choices_of
from pushsvc.pipeline import self_service
from pushsvc.store import consents, people, reading, subscriptions
from pushsvc.store.addresses import reachable
from pushsvc.store.preferences import read_preference
from pushsvc.store.session import transaction
from pushsvc.web.access import current_person, resident, safe_path
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.labels import CADENCES, CHANNELS, TOPICS
from pushsvc.web.toast import toast
from pushsvc.web.wish_words import wish_kinds, wish_name
from pushsvc.web.words import today

blueprint = Blueprint("preferences", __name__)

WEEKLY = (1, 3, 5, 10, 0)
HOURS = (6, 12, 24, 48, 72, 168)


@blueprint.get("/m/preferences")
@resident
def show() -> ResponseReturnValue:
    """All choices of the reader; the subscriptions are those of whom they act for."""
    return _page()


@blueprint.post("/m/preferences/personalised")
@resident
def personalised() -> ResponseReturnValue:
    """Turn recommendations on (which is a consent) or off (which drops what is queued)."""
    on, who = request.form.get("on") == "1", current_person()
    if on and "undone" not in request.form:  # taking a slip back is no new consent: what stood before stands again
        choices_of.give_consent(context(), who.id, "recommend")
    dropped = choices_of.switch_personalised(context(), who.id, on)
    said = t("已开启为我推荐") if on else t("已立即关闭，取消{n}条待发推荐。订阅与必要告知照常", n=dropped)
    toast(said, undo=url_for("preferences.personalised"), on="0" if on else "1", undone="1")
    return redirect(safe_path(request.form.get("next"), url_for("preferences.show")), 303)


@blueprint.post("/m/preferences/choices")
@resident
def choices() -> ResponseReturnValue:
    """The grid of topics and channels, the weekly maximum and the cadence."""
    grid = {topic: {channel: f"{topic}.{channel}" in request.form for channel in CHANNELS} for topic in TOPICS}
    changes: dict[str, object] = {channel: channel in request.form for channel in CHANNELS}
    changes |= {"channels": grid, "muted": [], "entitled": "entitled" in request.form}
    changes |= {"cadence": request.form.get("cadence", ""), "weekly_max": request.form.get("weekly_max", -1, type=int)}
    changes["escalate"] = [channel for channel in CHANNELS if f"then.{channel}" in request.form]
    if "escalate_hours" in request.form:
        changes["escalate_hours"] = request.form.get("escalate_hours", -1, type=int)
    if "channel_order" in request.form:
        changes["channel_order"] = [word for word in request.form["channel_order"].split(",") if word]
    return _change(changes, t("已保存"), "grid")


@blueprint.post("/m/preferences/quiet")
@resident
def quiet() -> ResponseReturnValue:
    """Quiet hours and the pause."""
    texts = {name: request.form.get(name, "").strip() or None for name in ("quiet_from", "quiet_to", "paused_until")}
    if texts["paused_until"] and texts["paused_until"] <= today().isoformat():
        return _page(t("这一天已过，请选明天或以后"), "paused_until"), 422
    return _change(dict(texts), t("已保存"), "quiet")


@blueprint.post("/m/preferences/subscriptions")
@resident
def add_wish() -> ResponseReturnValue:
    """Subscribe: an explicit wish, and with it the consent to be told."""
    who, form = current_person(), request.form
    given = {
        "ref": f"web-{uuid4().hex[:12]}",
        "themes": form.get("topic", ""),
        "industries": form.get("industry", "").strip(),
        "regions": form.get("region", ""),
        "keyword": form.get("keyword", "").strip(),
        "cadence": form.get("cadence", "immediate"),
    }
    if not any(given[name] for name in ("themes", "industries", "regions", "keyword")):
        toast(t("请至少填一项"))
        return redirect(url_for("preferences.show", _anchor="wishes"), 303)
    errors = choices_of.subscribe(context(), who.profile_id, given)
    if errors:
        toast(_wrong(errors[0]))
    else:
        choices_of.give_consent(context(), who.id, "notify")
        toast(t("已订阅"))
    return redirect(url_for("preferences.show", _anchor="wishes"), 303)


@blueprint.post("/m/preferences/subscriptions/<id:subscription_id>/stop")
@resident
def stop_wish(subscription_id: int) -> ResponseReturnValue:
    """End one subscription of whom the reader acts for."""
    if not choices_of.end_subscription(context(), current_person().profile_id, subscription_id):
        abort(404)
    toast(t("已停止。"), undo=url_for("preferences.resume_wish", subscription_id=subscription_id))
    return redirect(url_for("preferences.show", _anchor="wishes"), 303)


@blueprint.post("/m/preferences/subscriptions/<id:subscription_id>/resume")
@resident
def resume_wish(subscription_id: int) -> ResponseReturnValue:
    """Undo the end of a subscription."""
    if not choices_of.resume_subscription(context(), current_person().profile_id, subscription_id):
        abort(404)
    toast(t("已恢复"))
    return redirect(url_for("preferences.show", _anchor="wishes"), 303)


@blueprint.post("/m/preferences/subscriptions/<id:subscription_id>/cadence")
@resident
def wish_cadence(subscription_id: int) -> ResponseReturnValue:
    """At once, daily or weekly."""
    cadence = request.form.get("cadence", "")
    if cadence not in CADENCES:
        abort(400)
    if not self_service.set_cadence(context(), current_person().profile_id, subscription_id, cadence):
        abort(404)
    toast(t("已保存"))
    return redirect(url_for("preferences.show", _anchor="wishes"), 303)


def _wrong(error: RowError) -> str:
    """What to say of a wish that cannot be kept."""
    said = {
        "mixed_marks": t("竖线和 & 不能同时用"),
        "empty_alternative": t("竖线两边都要有词"),
        "unknown_industry": t("没有这个行业，请换个写法"),
        "unknown_region": t("没有这个地区"),
    }
    return said.get(error.code, t("请检查填写的内容"))


def _change(changes: dict[str, object], said: str, anchor: str) -> ResponseReturnValue:
    try:
        choices_of.set_choices(context(), current_person().id, changes)
    except ProfilesError as exc:
        wrong = t("推荐短信只在北京时间 8:00–22:00 发送。请留出其中一段，或关闭短信")
        return _page(wrong if exc.code == "never_opens" else t("请检查填写的内容"), exc.place), 422
    except choices_of.ChoiceError:
        return _page(t("请检查填写的内容")), 422
    toast(said)
    return redirect(url_for("preferences.show", _anchor=anchor), 303)


def _page(error: str = "", place: str = "") -> str:
    """The page; an error stands at the field that `place` names, or at the day of the pause."""
    who = current_person()
    with transaction(context().engine) as connection:
        choice = read_preference(connection, who.id)
        mine = subscriptions.live_subscriptions(connection, [who.profile_id])
        profile = people.profile_by_id(connection, who.profile_id)
        own = profile if who.own else people.profile_by_id(connection, who.id)
        latest = consents.latest_consents(connection, [who.id])
        page = {"reached": reachable(connection, who.id), "regions": reading.regions_in_use(connection)}
    wishes, born = [_wish(one) for one in mine], own.facts.get("birth_date") if own else None
    told = any(entry.given for (_, purpose, _), entry in latest.items() if purpose == "notify")
    lists = {
        "hours": sorted({*HOURS, int(str(choice["escalate_hours"]))}),
        "may_order": may_choose_order(born if isinstance(born, date) else None, today()),
        "quiet_wrong": error and place.startswith("quiet"),
        "channels": CHANNELS,
        "topics": TOPICS,
        "cadences": CADENCES,
        "weekly": WEEKLY,
    }
    page |= {"wishes": wishes, "told": told, "tags": profile.interests if profile else ()}
    tomorrow = today() + timedelta(days=1)
    return render_template("m/preferences.html", choice=choice, error=error, tomorrow=tomorrow, **lists, **page)


def _wish(one: subscriptions.Subscription) -> dict[str, object]:
    return {"id": one.id, "name": wish_name(one.wish), "kinds": wish_kinds(one.wish), "cadence": one.wish.cadence}
