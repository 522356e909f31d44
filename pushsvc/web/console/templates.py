"""SMS templates: what each says, how it stands at each vendor, and noting what a vendor answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pushsvc.pipeline import sms_templates as registry
from pushsvc.pipeline.sms_gate import Standing, TemplateNotApprovedError, vendor_routes
from pushsvc.pipeline.sms_templates import REASON, Form, which_of
from pushsvc.pipeline.sms_words import KINDS, LOCALES, SmsTemplateError, most_parts, usual, variables
from pushsvc.store import access as accounts
from pushsvc.store.session import transaction
from pushsvc.store.sms_templates import FILING, Filing, Template, filing_by_id, templates
from pushsvc.web.access import current_operator, operator
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.toast import toast
from pushsvc.web.words import day, today

blueprint = Blueprint("sms_templates", __name__)

KEEPERS = ("sender", "administrator")  # who deals with the vendors
TONGUES = {"zh": "中文", "en": "英文"}
KIND_NAMES = {"notice": "通知", "marketing": "推广", "code": "验证码"}
STATES = {"filed": "审批中", "approved": "已批准", "refused": "未通过", "expired": "已过期", "unfiled": "未报备"}
ANSWERS = {"approved": "已批准", "refused": "未通过", "expired": "已过期"}
SENTENCES = {
    "no_name": "请先登录",
    "bad_name": "名称用小写字母、数字、- 和 _，以字母开头",
    "unchanged": "和现有版本一样，没有新建",
    "empty_body": "请填写正文",
    "control_character": "正文不能换行，也不能有看不见的字符",
    "brackets_in_body": "正文不能有【】：运营商会当成第二个签名",
    "broken_variable": "变量写成 ${title} 的样子；别处不能有 $、{、}",
    "unknown_variable": "没有这个变量：只能用 title、until、agency、check、count、city、code",
    "variable_twice": "同一个变量只能用一次",
    "variables_touch": "两个变量之间要有文字",
    "variable_at_link": "变量不能和链接连在一起",
    "link_in_body": "短信里不放链接：用校验码代替",
    "only_variables": "除了变量还要有文字",
    "wrong_variable": "验证码模板只用 code、city；别的模板不用 code",
    "code_missing": "验证码模板要有 ${code}",
    "opt_out_missing": "推广短信要写明“拒收请回复R”或“回R停收”",
    "too_long": "连签名和变量最多 500 字，超过了",
    "unknown_route": "没有这个短信服务商",
    "bad_code": "服务商的模板编号是 1 到 64 位字母、数字、- 和 _",
    "bad_signature": "签名 2 到 12 个字，不带括号",
    "bad_limit": "变量的字数上限不对：check、code 至少 6，count 至少 4，最多 60",
    "bad_date": "日期已过或不是日期",
    "no_reason": "请写明未通过的原因",
    "state": "状态已变，请看最新情况",
}
UNKNOWN = "没有保存：有一项不在可选的范围内"


@dataclass(frozen=True)
class Row:
    """A version with its filings and what may become of each today; `parts` an SMS takes at most, unfiled."""

    template: Template
    newest: bool
    parts: int
    filings: tuple[tuple[Filing, Standing, int, tuple[str, ...]], ...]
    open_routes: tuple[str, ...]


@blueprint.get("/sms-templates")
@operator()
def index() -> ResponseReturnValue:
    """Every template, its newest version first, and how it stands at each vendor."""
    return _page({"kind": "notice", "locale": "zh"})


@blueprint.post("/sms-templates")
@operator("author")
def add() -> ResponseReturnValue:
    """Write a template or a new version; what cannot be one comes back as it was typed."""
    typed = {name: request.form.get(name, "")[:600] for name in ("name", "locale", "kind", "body")}
    name, body = typed["name"].strip(), typed["body"].strip()
    by = current_operator().name
    try:
        made = registry.add(context(), name, body, locale=typed["locale"], kind=typed["kind"], by=by)
    except SmsTemplateError as error:
        return _page(typed, _said(error)), 422
    toast(t("已建立第 {n} 版：报备并由服务商批准后才能用", n=made.version))
    return redirect(url_for("console.sms_templates.index"), 303)


@blueprint.post("/sms-templates/<id:template_id>/file")
@operator(*KEEPERS)
def file(template_id: int) -> ResponseReturnValue:
    """Note that a version was filed with a vendor."""
    with transaction(context().engine) as connection:
        template = next((one for one in templates(connection) if one.id == template_id), None) or abort(404)
    route = request.form.get("route", "")[:40]

    def note() -> None:
        registry.file(context(), which_of(template), route, _form(template), by=current_operator().name)

    return _noted(note, t("已登记报备"))


@blueprint.post("/sms-templates/filings/<id:filing_id>/<answer>")
@operator(*KEEPERS)
def note_answer(filing_id: int, answer: str) -> ResponseReturnValue:
    """Note what the vendor answered."""
    with transaction(context().engine) as connection:
        filing = (filing_by_id(connection, filing_id) if answer in ANSWERS else None) or abort(404)
    which, route, by = which_of(filing.template), filing.route, current_operator().name

    def note() -> None:
        if answer == "approved":
            registry.approve(context(), which, route, by=by, expires_at=_day("expires_at"))
        elif answer == "refused":
            registry.refuse(context(), which, route, by=by, reason=request.form.get("reason", "")[: REASON + 1])
        else:
            registry.expire(context(), which, route, by=by)

    return _noted(note, t(ANSWERS[answer]))


def not_approved(error: TemplateNotApprovedError) -> str:
    """Why a campaign cannot go on: its template, and how it stands at each vendor."""
    if error.version is None:
        return t("送审时没有短信模板“{name}”：请先建立、报备，再重新送审", name=error.name)
    where = t("；").join(standing_words(one) for one in error.standings)
    return t(
        "短信模板“{name}”第 {version} 版还没有服务商批准：{where}", name=error.name, version=error.version, where=where
    )


def standing_words(one: Standing) -> str:
    """`aliyun：审批中，预计 7月1日答复`."""
    said = t("{route}：{state}", route=one.route, state=t(STATES[one.state]))
    if one.state == "filed" and one.expected_at:
        said += t("，预计 {day} 答复", day=day(one.expected_at))
    if one.state == "refused" and one.reason:
        said += t("（{reason}）", reason=one.reason)
    return said


def _noted(note: Callable[[], None], done: str) -> ResponseReturnValue:
    try:
        note()
    except SmsTemplateError as error:
        toast(_said(error))
    else:
        toast(t("已完成：{what}", what=done))
    return redirect(url_for("console.sms_templates.index"), 303)


def _form(template: Template) -> Form:
    """What was typed of a filing; a limit that is left empty is the usual one."""
    limits = {}
    for name in variables(template.body):
        text = request.form.get(f"limit-{name}", "").strip()
        if text:
            limits[name] = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
    code, signature = (request.form.get(name, "").strip()[:80] for name in ("code", "signature"))
    return Form(code, signature, limits, _day("expected_at"))


def _day(name: str) -> date | None:
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError as exc:
        raise SmsTemplateError("bad_date", "That is no date.", name) from exc


def _said(error: SmsTemplateError) -> str:
    return t(SENTENCES.get(error.code, UNKNOWN))


def _page(typed: dict[str, str], error: str = "") -> str:
    who, routes = current_operator(), vendor_routes(context().settings)
    with transaction(context().engine) as connection:
        names = accounts.display_names(connection)
    page = {"typed": typed, "error": error, "kinds": KINDS, "locales": LOCALES, "usual": usual, "today": today()}
    page |= {"writes": who.may("author"), "keeps": who.may(*KEEPERS), "routes": routes, "names": names}
    looks = {
        "tongues": TONGUES,
        "states": STATES,
        "kind_names": KIND_NAMES,
        "answers": ANSWERS,
        "variables": variables,
        "said": standing_words,
    }
    return render_template("console/sms_templates.html", rows=_rows(routes), **page, **looks)


def _rows(routes: tuple[str, ...]) -> list[Row]:
    rows, seen, on = [], set(), today()
    for template, filings in registry.registry(context()):
        told = []
        for one in filings:
            state = one.state_on(on)
            may = tuple(sorted(FILING[state] - {"filed"}))
            parts = most_parts(template.body, one.signature, one.limits)
            told.append((one, Standing(one.route, state, one.expected_at, one.reason), parts, may))
        closed = {one.route for one in filings if one.state_on(on) in ("filed", "approved")}
        newest = (template.name, template.locale) not in seen
        seen.add((template.name, template.locale))
        parts = most_parts(template.body, context().settings.sms_signature, {})
        rows.append(Row(template, newest, parts, tuple(told), tuple(one for one in routes if one not in closed)))
    return rows
