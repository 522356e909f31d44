"""A campaign that has not begun, in its author's form: doors, basis, timing, pace, words. Saving voids an approval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from channels.templates import TemplateError
from pushsvc.pipeline import campaigns as verbs
from pushsvc.pipeline.campaign_options import DOORS, LANES, TIMES
from pushsvc.pipeline.days import CITY_ZONE
from pushsvc.pipeline.wording import OPEN, check_words
from pushsvc.store import campaigns as stored
from pushsvc.store.session import transaction
from pushsvc.web.access import current_operator, operator
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.toast import toast

blueprint = Blueprint("editing", __name__)

LOCALES = ("zh", "en")
NUMBERS = ("rate_per_second", "escalate_after")
WORDS = {"sms": "短信", "push": "应用推送", "email_subject": "邮件标题", "email_text": "邮件正文"}
WRONG = {  # (field, what to say) of a refusal by its code
    "no_basis": ("basis", "依规定告知需要登记法定依据"),
    "bad_moment": ("starts_at", "请填日期和时间"),
    "past": ("starts_at", "开始时间已过"),
    "ends_before_start": ("starts_at", "开始要早于截止"),
    "already_over": ("expires_at", "截止时间已过"),
    "only_at_night": ("expires_at", "这段时间里没有可发短信的时段（8:00–22:00）"),
    "bad_rate": ("rate_per_second", "每秒 0.1 至 100000 条"),
    "bad_wait": ("escalate_after", "1 至 168 的整数小时"),
    "no_door": ("doors", "至少选一个入口"),
    "own_words": ("content", "短信服务商只发已批准的模板：请删去活动自己的短信文字"),
}


class _WrongError(ValueError):
    """What was typed cannot be read; `code` as in WRONG."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Form:
    """What the form holds: texts by field, doors that are ticked, words by "LOCALE.NAME"."""

    texts: Mapping[str, str]
    doors: tuple[str, ...]
    words: Mapping[str, str] = field(default_factory=dict)


@blueprint.get("/campaigns/<id:campaign_id>/edit")
@operator("author")
def show(campaign_id: int) -> ResponseReturnValue:
    """The form as the campaign stands."""
    row = _row(campaign_id)
    return _page(row, _held(row), {})


@blueprint.post("/campaigns/<id:campaign_id>/edit")
@operator("author")
def save(campaign_id: int) -> ResponseReturnValue:
    """Keep all of it, or say at the field what is wrong, with all that was typed; nothing is changed then."""
    row, form = _row(campaign_id), _posted()
    wrong = _wrong_words(form)
    try:
        options = {} if wrong else _options(form)
        if not wrong:
            cleared = [name for name, value in options.items() if value is None]
            given = {name: value for name, value in options.items() if value is not None}
            verbs.edit(context(), campaign_id, actor=current_operator().name, cleared=cleared, **given)
    except ValueError as error:
        place, said = WRONG.get(getattr(error, "code", ""), ("", str(error)))
        wrong = {place: t(said)}
    if wrong:
        return _page(row, form, wrong), 422
    toast(t("已保存，审批前还可以改"))
    return redirect(url_for("console.campaigns.show", campaign_id=campaign_id), 303)


def _row(campaign_id: int) -> Mapping[str, Any]:
    with transaction(context().engine) as connection:
        row = stored.get_campaign(connection, campaign_id) or abort(404)
    if row["state"] not in verbs.UNSTARTED:
        abort(409)
    return dict(row)


def _page(row: Mapping[str, Any], form: Form, wrong: Mapping[str, str]) -> str:
    known = {"doors": DOORS, "lanes": LANES, "words": WORDS, "locales": LOCALES}
    return render_template("console/edit.html", row=row, form=form, wrong=wrong, known=known)


def _held(row: Mapping[str, Any]) -> Form:
    moments = {name: _local(row[name]) for name in TIMES}
    numbers = {name: "" if row[name] is None else f"{row[name]:g}" for name in NUMBERS}
    words = {f"{place}.{name}": text for place, own in (row["content"] or {}).items() for name, text in own.items()}
    return Form({**moments, **numbers, "basis": row["basis"] or "", "lane": row["lane"]}, tuple(row["doors"]), words)


def _posted() -> Form:
    texts = {name: request.form.get(name, "").strip()[:500] for name in (*TIMES, *NUMBERS, "basis", "lane")}
    words = {
        f"{place}.{name}": request.form.get(f"{place}.{name}", "").strip()[:4000] for place in LOCALES for name in OPEN
    }
    return Form(texts, tuple(door for door in DOORS if door in request.form.getlist("doors")), words)


def _options(form: Form) -> dict[str, Any]:
    """The campaign's options; None where a field was left empty. Raises _WrongError."""
    if not form.doors:
        raise _WrongError("no_door")
    moments = {name: _moment(form.texts[name]) for name in TIMES}
    begins = moments["starts_at"]
    if begins is not None and begins < context().clock():
        raise _WrongError("past")
    numbers = {name: _number(name, form.texts[name]) for name in NUMBERS}
    lane = form.texts["lane"] if form.texts["lane"] in LANES else LANES[1]
    words = {"doors": list(form.doors), "basis": form.texts["basis"] or None, "lane": lane, "content": _content(form)}
    return {**moments, **numbers, **words}


def _content(form: Form) -> dict[str, dict[str, str]]:
    own = {place: {name: text for name in OPEN if (text := form.words.get(f"{place}.{name}", ""))} for place in LOCALES}
    return {place: texts for place, texts in own.items() if texts}


def _wrong_words(form: Form) -> dict[str, str]:
    """What is wrong with a text of a message, by its field."""
    wrong = {}
    for key, text in form.words.items():
        place, _, name = key.partition(".")
        try:
            if text:
                check_words({place: {name: text}})
        except (ValueError, TemplateError) as error:
            wrong[key] = t("这段文字不能用：{why}", why=str(error))
    return wrong


def _moment(typed: str) -> datetime | None:
    """What a field of local time says: the city's."""
    if not typed:
        return None
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=CITY_ZONE)
    except ValueError:
        raise _WrongError("bad_moment") from None


def _local(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone(CITY_ZONE):%Y-%m-%dT%H:%M}"


def _number(name: str, typed: str) -> float | None:
    if not typed:
        return None
    try:
        return float(typed) if name == "rate_per_second" else int(typed)
    except ValueError:
        raise _WrongError("bad_rate" if name == "rate_per_second" else "bad_wait") from None
