"""A check-up as files: a table that spreadsheets open, and a calendar of the days that matter (RFC 5545)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import url_for

from profiles.facts import fact_words
from pushsvc.context import Context
from pushsvc.pipeline.checkup import Checkup, Line
from pushsvc.pipeline.offline import safe_cell
from pushsvc.web.i18n import locale, t
from pushsvc.web.words import number, wide

if TYPE_CHECKING:
    from icalendar import Event

MOST_DAYS = 500  # in one calendar, the next ones: nobody keeps more
_WAN = 10_000
STATES = {1: "初步符合", -1: "可能符合", 0: "目前不符合"}
_ALARMS = (timedelta(days=-6, hours=-15), timedelta(hours=-15))  # at nine a week before, and the day before


def money(yuan: int) -> str:
    """86万元, or what is less in yuan."""
    if locale() == "zh" and yuan >= _WAN:
        return t("{wan} 万元", wan=number(yuan / _WAN))
    return t("{yuan} 元", yuan=number(yuan))


def as_table(found: Checkup) -> str:
    """CSV, head first; no cell is one that a spreadsheet would take for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    sums = (t("金额说明"), t("最高金额（元）"), t("计入合计"), t("互斥组"))
    days = (t("开始受理"), t("截止日期"))
    writer.writerow((t("状态"), t("政策"), t("机关"), *sums, *days, t("还差的信息"), t("不符合的条款"), t("链接")))
    for line in (*found.yes, *found.might, *found.no):
        writer.writerow([safe_cell(cell) for cell in _cells(line)])
    writer.writerow([safe_cell(t("合计")), "", "", "", str(found.total), *[""] * 7])
    return out.getvalue()


def as_calendar(ctx: Context, found: Checkup) -> bytes:
    """The last days of what fits or may fit, and the first days of what is not open yet, as whole days."""
    from icalendar import Calendar  # only who asks for a calendar waits for it

    made = Calendar()
    made.add("prodid", "-//pushsvc//checkup//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", t("政策申报日历"))
    for line, day, opens in sorted(_days(found), key=lambda one: (one[1], one[0].policy.id))[:MOST_DAYS]:
        made.add_component(_event(ctx, line, day, opens=opens))
    return bytes(made.to_ical())


def _cells(line: Line) -> tuple[str, ...]:
    policy, against = line.policy, line.against
    clause = "" if against is None else t("{c}：要求{x}，登记为{y}", c=against.clause, x=against.asked, y=against.held)
    return (
        t(STATES[line.state]),
        wide(policy.title),
        policy.agency,
        policy.amount or "",
        "" if line.yuan is None else str(line.yuan),
        t("是") if line.counted else "",
        str(line.group or ""),
        policy.window_opens.isoformat() if policy.window_opens else "",
        policy.window_closes.isoformat() if policy.window_closes else "",
        fact_words(line.missing, locale()),
        clause,
        url_for("subscriber.card", policy_id=policy.id, _external=True),
    )


def _days(found: Checkup) -> Iterator[tuple[Line, date, bool]]:
    """(line, day, whether it is the first): what lies before today is over."""
    for line in (*found.yes, *found.might):
        opens, closes = line.policy.window_opens, line.policy.window_closes
        if opens is not None and opens > found.on:
            yield line, opens, True
        if closes is not None and closes >= found.on:
            yield line, closes, False


def _event(ctx: Context, line: Line, day: date, *, opens: bool) -> Event:
    from icalendar import Alarm, Event

    policy, site = line.policy, ctx.settings.public_url.rstrip("/")
    # Calendars are shared and lie open.
    name = t("一项政策") if policy.sensitive else _plain(wide(policy.title))
    said = t("开始受理：{title}", title=name) if opens else t("今天截止：{title}", title=name)
    event = Event()
    kind = "opens" if opens else "closes"
    event.add("uid", f"policy-{policy.id}-{kind}@{urlsplit(site).hostname or 'localhost'}")
    event.add("dtstamp", ctx.clock().astimezone(UTC))
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", said)
    event.add("description", _description(line))
    event.add("url", site + url_for("subscriber.card", policy_id=policy.id))
    event.add("transp", "TRANSPARENT")
    for ahead in () if opens else _ALARMS:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", said)
        alarm.add("trigger", ahead)
        event.add_component(alarm)
    return event


def _description(line: Line) -> str:
    policy = line.policy
    told = [t(STATES[line.state]) + t("，以受理部门审核为准")]
    if not policy.sensitive:
        told += [_plain(text) for text in (policy.agency, policy.amount) if text]
    return "\n".join(told)


def _plain(text: str) -> str:
    """Without controls, which no calendar may hold (RFC 5545, 3.1)."""
    return "".join(one for one in text if one.isprintable())
