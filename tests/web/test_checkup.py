"""The check-up as page, table and calendar: what stands on the page is in the files, read back by other hands."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar

from pushsvc.context import Context
from tests.registering import issue, register
from tests.web.asking import leave
from tests.web.browser import Browser
from tests.web.making import person, rows

FIRM = {"kind": "enterprise", "name": "澜石软件（江澜）有限公司", "region": "990101", "industry": "I6513"}
FOR_FIRMS: dict[str, Any] = {"all": [{"fact": "kind", "eq": "enterprise", "clause": "第二条"}]}
MORE: dict[str, Any] = {"all": [*FOR_FIRMS["all"], {"fact": "rd_spend", "ge": 100, "clause": "第三条"}]}
NOT: dict[str, Any] = {"all": [*FOR_FIRMS["all"], {"fact": "region", "in_region": ["990105"], "clause": "第四条"}]}


def pay(ctx: Context, ref: str, amount: str, **more: Any) -> None:
    """A published policy that pays so much."""
    text: dict[str, Any] = {"title": f"江澜市{ref}补助办法", "kind": "fund", "family": ref, "criteria": FOR_FIRMS}
    text |= {"window_opens": "2026-06-01", "window_closes": "2026-06-30", "amount": amount}
    issue(ctx, ref, **{**text, "body": "第一条 给予补助。", **more})


@pytest.fixture
def boss(app: Flask, ctx: Context) -> Browser:
    """The admin of a firm that some policies fit, acting for it."""
    pay(ctx, "甲", "最高50万元")
    pay(ctx, "乙", "最高30万元", body="本补助与《江澜市甲补助办法》不重复享受。")
    pay(ctx, "丙", "每招用一人1000元", window_closes="2026-07-31")
    pay(ctx, "丁", "最高40万元", criteria=MORE, window_opens="2026-07-01", window_closes="2026-07-15")
    pay(ctx, "戊", "最高20万元", criteria=NOT)
    pay(ctx, "己", "最高9万元", sensitive=True, title="江澜市残疾人就业补助", window_closes="2026-06-24")
    who = register(ctx, "boss")
    register(ctx, "mate")
    firm = register(ctx, "firm", **FIRM, members="boss:admin|mate:member")
    return Browser(app).sign_in(person=who, acting=firm)


def table(browser: Browser) -> list[list[str]]:
    """The downloaded table, read back."""
    answer = browser.client.get("/m/checkup.csv")
    assert answer.status_code == 200
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def test_the_page_says_the_total_its_parts_and_what_is_not_in_it(boss: Browser) -> None:
    page = boss.open("/m/checkup")
    assert "59 万元" in page  # 50 and 9: of the two that exclude each other the dearer
    for words in ("初步符合 4", "可能符合 1", "目前不符合 1", "二选一", "已计入", "另有 1 项按比例", "没有重复相加"):
        assert words in page, words
    assert "研发投入" in page
    assert "第四条" in page
    assert "style=" not in page
    assert 'href="/m/facts/correct?fact=rd_spend' in page


def test_the_table_has_every_row_of_the_page_and_its_total(boss: Browser) -> None:
    head, *lines, last = table(boss)
    assert len({len(head), len(last), *map(len, lines)}) == 1
    states = [line[0] for line in lines]
    assert [states.count(one) for one in ("初步符合", "可能符合", "目前不符合")] == [4, 1, 1]
    counted = [int(line[4]) for line in lines if line[5]]
    assert (sum(counted), last[0], last[4]) == (590_000, "合计", "590000")
    by_title = {line[1]: line for line in lines}
    assert by_title["江澜市甲补助办法"][6] == by_title["江澜市乙补助办法"][6] == "1"
    assert by_title["江澜市丁补助办法"][7:9] == ["2026-07-01", "2026-07-15"]
    assert "研发投入" in by_title["江澜市丁补助办法"][9]
    assert "第四条" in by_title["江澜市戊补助办法"][10]
    assert by_title["江澜市丙补助办法"][4] == ""


def test_no_cell_is_a_formula(boss: Browser, ctx: Context) -> None:
    pay(ctx, "=cmd|' /C calc'!A0", '=HYPERLINK("http://x","1")', title="=1+1", agency="@SUM(A1)")
    cells = [cell for line in table(boss) for cell in line]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_the_calendar_is_read_back_by_the_library(boss: Browser) -> None:
    answer = boss.client.get("/m/checkup.ics")
    assert answer.content_type.startswith("text/calendar")
    found = Calendar.from_ical(answer.data)
    events = {str(event["uid"]): event for event in found.walk("VEVENT")}
    days = sorted((uid.split("@")[0], event.decoded("dtstart")) for uid, event in events.items())
    assert days == [
        ("policy-1-closes", date(2026, 6, 30)),
        ("policy-2-closes", date(2026, 6, 30)),
        ("policy-3-closes", date(2026, 7, 31)),
        ("policy-4-closes", date(2026, 7, 15)),
        ("policy-4-opens", date(2026, 7, 1)),
        ("policy-6-closes", date(2026, 6, 24)),
    ]
    for event in events.values():
        assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(days=1)
        assert str(event["url"]).endswith(f"/m/policies/{str(event['uid']).split('-')[1]}")
    alarms = [alarm.decoded("trigger") for alarm in events[next(iter(events))].walk("VALARM")]
    assert alarms == [timedelta(days=-6, hours=-15), timedelta(hours=-15)]


def test_the_calendar_keeps_to_the_letter_of_its_standard(boss: Browser) -> None:
    raw = boss.client.get("/m/checkup.ics").data
    assert raw.endswith(b"END:VCALENDAR\r\n")
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))  # RFC 5545, 3.1
    lines = raw.decode().replace("\r\n ", "").split("\r\n")  # folded within no character
    assert lines[0] == "BEGIN:VCALENDAR"
    assert {"VERSION:2.0", "PRODID:-//pushsvc//checkup//EN", "METHOD:PUBLISH"} <= set(lines)
    assert any(line == "DTSTART;VALUE=DATE:20260630" for line in lines)
    assert sum(line == "BEGIN:VEVENT" for line in lines) == sum(line == "END:VEVENT" for line in lines) == 6
    uids = [line for line in lines if line.startswith("UID:")]
    assert len(set(uids)) == 6
    again = boss.client.get("/m/checkup.ics").data.decode().replace("\r\n ", "").split("\r\n")
    assert [line for line in again if line.startswith("UID:")] == uids


def test_a_calendar_lies_open_so_what_is_sensitive_has_no_name_in_it(boss: Browser) -> None:
    text = boss.client.get("/m/checkup.ics").data.decode().replace("\r\n ", "")
    assert "残疾" not in text
    assert "今天截止：一项政策" in text
    assert "残疾" in boss.open("/m/checkup")


def test_a_member_reads_it_and_who_is_nobody_or_left_does_not(app: Flask, boss: Browser, ctx: Context) -> None:
    mate = Browser(app).sign_in(person=2, acting=3)
    assert "59 万元" in mate.open("/m/checkup")
    assert 'href="/m/facts/correct' not in mate.page
    register(ctx, "firm", **FIRM, members="boss:admin")
    assert "59 万元" not in mate.open("/m/checkup")
    assert "澜石" not in mate.page
    for path in ("/m/checkup", "/m/checkup.csv", "/m/checkup.ics"):
        assert Browser(app).client.get(path).status_code == 303


def test_a_proxy_needs_leave_to_read(app: Flask, ctx: Context) -> None:
    father, daughter = person(ctx, 1), person(ctx, 2)
    leave(ctx, father, daughter, "manage")
    her = Browser(app).sign_in(person=daughter, acting=father)
    for path in ("/m/checkup", "/m/checkup.csv", "/m/checkup.ics"):
        assert her.client.get(path).status_code == 403
    leave(ctx, father, daughter, "read")
    assert her.client.get("/m/checkup").status_code == 200
    assert rows(ctx, "select action from proxy_act order by id desc limit 1")[0].action == "GET checkup.show"


def test_a_citizen_with_nothing_in_force_sees_an_empty_one(app: Flask, ctx: Context) -> None:
    me = Browser(app).sign_in(person=person(ctx))
    assert "现在没有初步符合的政策" in me.open("/m/checkup")
    assert len(table(me)) == 2
    assert b"BEGIN:VEVENT" not in me.client.get("/m/checkup.ics").data


def test_english_readers_read_english(boss: Browser) -> None:
    page = boss.open("/m/checkup?lang=en")
    assert "¥590,000" in page
    assert "One of two" in page
    assert "Last day: " in boss.client.get("/m/checkup.ics").data.decode().replace("\r\n ", "")
    assert table(boss)[0][0] == "State"
