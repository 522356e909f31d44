"""Dates, deadlines and numbers as pages write them, and the filters templates use for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Flask, g, request, url_for
from markupsafe import Markup, escape

from profiles.facts import fact_words
from profiles.standards import regions
from pushsvc.pipeline.value_words import say_day
from pushsvc.web.current import context
from pushsvc.web.i18n import locale, t
from pushsvc.web.labels import label

SOON_DAYS = 7
_HOME = "Asia/Shanghai"
_HALF = re.compile(r"(?<=[\u3001-\u9fff）])[,:;?](?!//)")
_CHINESE = re.compile(r"([\u4e00-\u9fff](?:[\u3001-\u9fff\uff00-\uffef]*[\u4e00-\u9fff])?)")
_PAIR = re.compile(r"(?<=[\u3001-\u9fff])\(([^()]{0,80})\)|\(([^()]{0,80}[\u3001-\u9fff][^()]{0,80})\)")
_FULL = str.maketrans(",:;?", "，：；？")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@dataclass(frozen=True)
class Deadline:
    """When one may apply until: a short answer, the date under it, and whether it is near."""

    answer: str
    note: str
    soon: bool = False
    over: bool = False


def init_app(app: Flask) -> None:
    """Give templates the filters and helpers of this file."""
    app.jinja_env.filters.update(
        day=day, fullday=fullday, moment=moment, number=number, label=named, region=region, spoken=spoken, wide=wide
    )
    app.jinja_env.globals.update(deadline=deadline, here_with=here_with)


def today() -> date:
    """The reader's day."""
    return context().clock().astimezone(_zone()).date()


def day(value: date) -> str:
    """6月30日 / 30 June; with the year where it is another one."""
    year = value.year != today().year
    if locale() == "zh":
        return f"{value.year}年{value.month}月{value.day}日" if year else f"{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]}" + (f" {value.year}" if year else "")


def fullday(value: date) -> str:
    """2026年6月30日 / 30 June 2026: always with the year."""
    return say_day(value, locale())


def moment(value: datetime) -> str:
    """6月24日 08:10 in the reader's zone."""
    local = value.astimezone(_zone())
    return f"{day(local.date())} {local:%H:%M}"


def number(value: float) -> str:
    """1,193; at most two decimals."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def named(code: str | None, group: str) -> str:
    """What a code is called, in the reader's language; facts have names of their own in both."""
    if group == "fact":
        return fact_words([code or ""], locale())
    return t(label(group, code))


def region(code: str | None) -> str:
    """A region's name; codes we do not know are shown as they are."""
    if not code:
        return ""
    return regions.name_of(code) if regions.known(code) else code


def wide(text: str) -> str:
    """Chinese text with full-width marks, as screens show it (GB/T 15834); other text as it is."""
    paired = _PAIR.sub(lambda found: f"（{found[1] or found[2] or ''}）", text)
    return _HALF.sub(lambda found: found[0].translate(_FULL), paired)


def spoken(text: str) -> Markup:
    """`text` with the Chinese in an English page marked as Chinese, so that it is read aloud as what it is."""
    if locale() == "zh":
        return escape(text)
    parts = _CHINESE.split(text)  # plain, Chinese, plain, …
    marked = (
        Markup('<span lang="zh-CN">{}</span>').format(part) if n % 2 else escape(part) for n, part in enumerate(parts)
    )
    return Markup("").join(marked)


def deadline(opens: date | None, closes: date | None) -> Deadline | None:
    """The time left. None where a policy has no window: then nothing is claimed about it."""
    now = today()
    if opens and opens > now:
        return Deadline(t("{n} 天后开放", n=(opens - now).days), day(opens) + (f" – {day(closes)}" if closes else ""))
    if closes is None:
        return Deadline(t("长期受理"), day(opens)) if opens else None
    left = (closes - now).days
    if left < 0:
        return Deadline(t("已截止"), day(closes), over=True)
    return Deadline(t("今天截止") if left == 0 else t("还剩 {n} 天", n=left), day(closes), soon=left <= SOON_DAYS)


def here_with(**changes: object) -> str:
    """This page's address with some arguments changed (None: left out).

    The reader's own arguments never reach `url_for`, to which `_scheme` or `endpoint` would mean something.
    """
    kept = {name: str(value) for name, value in (request.args.to_dict() | changes).items() if value is not None}
    return f"{_here()}?{urlencode(kept)}" if kept else _here()


def _here() -> str:
    """This page's path; where it only answers a form, the reader's first page."""
    rule = request.url_rule
    if rule is None or "GET" not in (rule.methods or ()):
        return url_for("subscriber.feed" if g.get("person") is not None else "library.policies")
    return url_for(rule.endpoint, **(request.view_args or {}))


def _zone() -> ZoneInfo:
    """The reader's zone; the city's where this host lacks it: "Asia" is a folder there, a long name no file at all."""
    person = g.get("person")
    try:
        return ZoneInfo(person.zone if person is not None else _HOME)
    except (OSError, ValueError, KeyError):
        return ZoneInfo(_HOME)
