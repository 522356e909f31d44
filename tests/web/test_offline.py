"""The offline list in the console: figures for all operators, the masked file for some, and taking it is logged."""

from __future__ import annotations

import csv
import io
import re

import pytest
from flask import Flask

from pushsvc.context import Context
from tests.unreached import OTHER_STREET, STREET, campaign, deliver, refuse, someone
from tests.web.browser import Browser
from tests.web.making import AUDITOR, AUTHOR, REVIEWER, operators, rows
from tests.web.test_english import unmarked


@pytest.fixture
def number(ctx: Context) -> int:
    """A campaign that could not reach three people, two of them in one street."""
    operators(ctx, AUTHOR, REVIEWER, AUDITOR)
    made = campaign(ctx, title="人才补贴")
    for n, (region, code) in enumerate(
        [(STREET, "no_basis"), (STREET, "no_guardian_consent"), (OTHER_STREET, "expired")]
    ):
        refuse(ctx, made, someone(ctx, n, region, name="=欧阳丽"), code)
    deliver(ctx, made, someone(ctx, 9), "accepted")
    return made


def test_the_page_tells_how_many_by_street_and_reason_without_a_name(app: Flask, number: int) -> None:
    page = Browser(app).sign_in(operator="zhoulan").open(f"/console/campaigns/{number}/offline")
    street, other = page.index("清波街道"), page.index("湖滨街道")
    assert street < other
    assert "未曾征得同意\u00a01" in page
    assert "欧" not in page
    assert re.search(r"<tfoot>.*>3</td>", page, re.S)


def test_the_bars_say_what_the_numbers_say(app: Flask, number: int) -> None:
    page = Browser(app).sign_in(operator="zhoulan").open(f"/console/campaigns/{number}/offline")
    cells = re.findall(r'<td class="r n"[^>]*>(\d+)<svg[^>]*><rect class="c" width="([\d.]+)%"', page)
    assert cells == [("2", "100.0"), ("1", "50.0")]


def test_the_campaign_page_leads_there(app: Flask, number: int, ctx: Context) -> None:
    rows(ctx, "update campaign set selected_at = now() returning id")
    browser = Browser(app).sign_in(operator="limeng")
    assert f"/console/campaigns/{number}/offline" in browser.open(f"/console/campaigns/{number}")


def test_the_file_is_masked_and_taking_it_is_logged(app: Flask, ctx: Context, number: int) -> None:
    answer = Browser(app).sign_in(operator="shenqi").client.get(f"/console/campaigns/{number}/offline.csv")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="offline-{number}.csv"'
    assert "no-store" in answer.headers["Cache-Control"]
    found = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert len(found) == 4
    assert {row[3] for row in found[1:]} == {"'=**"}
    logged = rows(ctx, "select actor, action, object, detail->>'shown' from audit where action = 'offline.read'")
    assert [tuple(row) for row in logged] == [("shenqi", "offline.read", f"campaign:{number}", "3")]


@pytest.mark.parametrize("path", ["/console/campaigns/{}/offline", "/console/campaigns/{}/offline.csv"])
def test_a_stranger_sees_neither(app: Flask, number: int, path: str) -> None:
    answer = Browser(app).client.get(path.format(number))
    assert answer.status_code == 303
    assert "/console/sign-in" in answer.headers["Location"]


def test_an_operator_without_the_role_takes_no_file(app: Flask, ctx: Context, number: int) -> None:
    operators(ctx, type(AUTHOR)("writer", "作者", ("author",)))
    browser = Browser(app).sign_in(operator="writer")
    assert "offline.csv" not in browser.open(f"/console/campaigns/{number}/offline")
    assert browser.client.get(f"/console/campaigns/{number}/offline.csv").status_code == 403
    assert rows(ctx, "select 1 from audit where action = 'offline.read'") == []


@pytest.mark.parametrize("end", ["offline", "offline.csv"])
def test_a_campaign_that_is_none_has_no_list(app: Flask, number: int, end: str) -> None:
    assert Browser(app).sign_in(operator="zhoulan").client.get(f"/console/campaigns/99/{end}").status_code == 404


def test_nobody_to_visit_is_said(app: Flask, ctx: Context, number: int) -> None:
    empty = campaign(ctx, "policy-2")
    page = Browser(app).sign_in(operator="zhoulan").open(f"/console/campaigns/{empty}/offline")
    assert "没有人需要上门告知" in page
    assert "offline.csv" not in page


def test_in_english_all_that_stays_chinese_says_so(app: Flask, number: int) -> None:
    browser = Browser(app).sign_in(operator="zhoulan")
    page = browser.open(f"/console/campaigns/{number}/offline?lang=en")
    assert "was never asked for consent\u00a01" in page
    assert unmarked(page) == []
    text = browser.client.get(f"/console/campaigns/{number}/offline.csv").get_data(as_text=True)
    assert "was never asked for consent" in text
