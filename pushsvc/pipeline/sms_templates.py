"""The registry of SMS templates: written once, filed with each vendor, and what the vendors said. All audited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.four_eyes import is_name
from pushsvc.pipeline.policy_gate import clean
from pushsvc.pipeline.sms_gate import DIGEST, vendor_routes
from pushsvc.pipeline.sms_words import NAME, SmsTemplateError, check_body, check_filing
from pushsvc.store import sms_templates as store
from pushsvc.store.audit import record
from pushsvc.store.session import Connection, transaction
from pushsvc.store.sms_templates import Filing, Template

REASON = 500  # characters


class Which(NamedTuple):
    """A template by name and language; without a version, the newest."""

    name: str
    locale: str = "zh"
    version: int | None = None


@dataclass(frozen=True)
class Form:
    """What is filed with a vendor: its own `code` for the template, the registered `signature`, how many units it
    allows in each variable (where it says nothing: 35), and when it should have answered."""

    code: str
    signature: str
    limits: Mapping[str, int] = field(default_factory=dict)
    expected_at: date | None = None


def add(ctx: Context, name: str, body: str, *, locale: str, kind: str, by: str) -> Template:
    """Write a template, or a new version of one: its filings begin anew, and what was approved with the old one goes on
    with that. Raises SmsTemplateError: no_name, bad_name, unchanged, and what `check_body` says."""
    _require_name(by)
    if NAME.fullmatch(name) is None:
        sentence = "It has small letters, digits, `-` and `_`, and begins with a letter."
        raise SmsTemplateError("bad_name", sentence, "name")
    check_body(body, kind="marketing" if name == DIGEST else kind, locale=locale)  # a digest recommends, too
    with transaction(ctx.engine) as conn:
        old = next((one for one in store.templates(conn, name) if one.locale == locale), None)
        if old is not None and (old.body, old.kind) == (body, kind):
            raise SmsTemplateError("unchanged", f"Version {old.version} of {name!r} ({locale}) says the same.", "body")
        values = {"name": name, "locale": locale, "kind": kind, "body": body, "author": by, "created_at": ctx.clock()}
        made = store.add_template(conn, values)
        _record(conn, ctx, by, "add", made, {"kind": kind})
    return made


def file(ctx: Context, which: Which, route: str, form: Form, *, by: str) -> None:
    """A template was filed with a vendor; one that was refused or has expired there may be filed anew.

    Raises SmsTemplateError: no_name, unknown_template, unknown_route, bad_date, state, and what `check_filing` says.
    """
    _require_name(by)
    if route not in (routes := vendor_routes(ctx.settings)):
        known = f"there are {', '.join(routes)}" if routes else "PUSHSVC_SMS_URL names none"
        raise SmsTemplateError("unknown_route", f"There is no vendor {route!r} for SMS: {known}.", "route")
    _require_day(ctx, form.expected_at, "expected_at")
    with transaction(ctx.engine) as conn:
        template = _template(conn, which)
        check_filing(template.body, code=form.code, signature=form.signature, limits=form.limits)
        now = ctx.clock()
        values: dict[str, Any] = {"code": form.code, "signature": form.signature, "limits": dict(form.limits)}
        values |= {"expected_at": form.expected_at, "expires_at": None, "reason": None}
        values |= {"changed_by": by, "filed_at": now, "changed_at": now}
        held = store.filing_at(conn, template.id, route)
        if held is not None:
            _mark_lapsed(conn, ctx, held)
            _move(conn, held, "filed", values)
        elif not store.add_filing(conn, values | {"template_id": template.id, "route": route}):
            raise SmsTemplateError("state", f"{_said(template)} was filed at {route} this moment.", "route")
        detail = {"route": route, "code": form.code, "expected_at": _iso(form.expected_at)}
        _record(conn, ctx, by, "file", template, detail)


def approve(ctx: Context, which: Which, route: str, *, by: str, expires_at: date | None = None) -> None:
    """The vendor approved it, until and including `expires_at` where it says so.

    Raises SmsTemplateError: no_name, unknown_template, not_filed, bad_date, state.
    """
    _require_day(ctx, expires_at, "expires_at")
    _answer(ctx, which, route, "approved", {"expires_at": expires_at, "reason": None}, by=by)


def refuse(ctx: Context, which: Which, route: str, *, by: str, reason: str) -> None:
    """The vendor refused it, or took its approval back, for a reason of at most REASON characters.

    Raises SmsTemplateError: no_name, no_reason, unknown_template, not_filed, state.
    """
    if not is_name(reason) or len(reason) > REASON:
        raise SmsTemplateError("no_reason", f"A refusal has a reason of at most {REASON} characters.", "reason")
    _answer(ctx, which, route, "refused", {"reason": clean(reason)}, by=by)


def expire(ctx: Context, which: Which, route: str, *, by: str) -> None:
    """Its approval is over. Raises SmsTemplateError: no_name, unknown_template, not_filed, state."""
    _answer(ctx, which, route, "expired", {}, by=by)


def registry(ctx: Context) -> list[tuple[Template, list[Filing]]]:
    """Every version by name and language, the newest first, with its filings by route."""
    with transaction(ctx.engine) as conn:
        templates, filings = store.templates(conn), store.filings(conn)
    return [(one, [filing for filing in filings if filing.template.id == one.id]) for one in templates]


def which_of(template: Template) -> Which:
    """The version itself, whatever is written after it."""
    return Which(template.name, template.locale, template.version)


def _answer(ctx: Context, which: Which, route: str, state: str, values: Mapping[str, Any], *, by: str) -> None:
    _require_name(by)
    with transaction(ctx.engine) as conn:
        template = _template(conn, which)
        held = store.filing_at(conn, template.id, route)
        if held is None:
            raise SmsTemplateError("not_filed", f"{_said(template)} is not filed at {route!r}.", "route")
        _move(conn, held, state, {**values, "changed_by": by, "changed_at": ctx.clock()})
        detail = {"route": route, "reason": values.get("reason"), "expires_at": _iso(values.get("expires_at"))}
        _record(conn, ctx, by, state, template, {name: value for name, value in detail.items() if value})


def _mark_lapsed(conn: Connection, ctx: Context, held: Filing) -> None:
    """A filing whose last day has passed is expired, also where nobody said so."""
    if held.state != "expired" and held.state_on(city_day(ctx)) == "expired":
        store.move_filing(conn, held.id, "expired", {})


def _move(conn: Connection, held: Filing, state: str, values: Mapping[str, Any]) -> None:
    if not store.move_filing(conn, held.id, state, values):
        sentence = f"{_said(held.template)} is {held.state} at {held.route}: it cannot become {state}."
        raise SmsTemplateError("state", sentence, "state")


def _template(conn: Connection, which: Which) -> Template:
    for one in store.templates(conn, which.name):
        if one.locale == which.locale and which.version in (None, one.version):
            return one
    version = "" if which.version is None else f", version {which.version}"
    raise SmsTemplateError(
        "unknown_template", f"There is no template {which.name!r} ({which.locale}{version}).", "name"
    )


def _require_name(by: str) -> None:
    if not is_name(by):
        raise SmsTemplateError("no_name", "Who does this needs a name.", "by")


def _require_day(ctx: Context, day: date | None, place: str) -> None:
    if day is not None and day < city_day(ctx):
        raise SmsTemplateError("bad_date", f"{day.isoformat()} has passed.", place)


def _said(template: Template) -> str:
    return f"Template {template.name!r} ({template.locale}, version {template.version})"


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _record(
    conn: Connection, ctx: Context, by: str, action: str, template: Template, detail: Mapping[str, Any]
) -> None:
    about = f"sms_template:{template.id}"
    told = {"name": template.name, "locale": template.locale, "version": template.version, **detail}
    record(conn, at=ctx.clock(), actor=by, action=f"sms_template.{action}", object=about, detail=told)
