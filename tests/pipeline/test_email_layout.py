"""The layout of mails: legible in light and dark, whole without a picture, nothing from outside, and what it draws is
said in words too."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Picture
from sqlalchemy import update

from channels.memory import MemoryChannel
from channels.mime_frame import Image
from channels.wire import Mail, wire_form
from pushsvc.context import Context
from pushsvc.pipeline import wording
from pushsvc.pipeline.charts import BAR, DENSE, EDGE, LEFT_SIZE, SOON, WINDOW_SIZE, left_bar, window_bar
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.letterhead import letterhead, window_of
from pushsvc.pipeline.plan import plan
from pushsvc.store import tables
from pushsvc.store.policies import Policy, policy_by_id
from pushsvc.store.session import transaction
from tests.making import make_policy, send_to
from tests.pipeline.mails import (
    BASIS,
    CHECK,
    ON,
    SETTINGS,
    STOP,
    Shown,
    coloured,
    contrast,
    every_mail,
    item,
    shown,
)

MAILS = dict(every_mail())
EACH = pytest.mark.parametrize("mail", list(MAILS.values()), ids=list(MAILS))
CARDS = ("#ffffff", "#f2f5f5", "#162026", "#0d1417")


@EACH
def test_it_stands_alone(mail: Shown) -> None:
    page = mail.page
    assert {element.tag for element in page.iter() if isinstance(element.tag, str)} <= {
        "html", "head", "meta", "title", "style", "body", "div", "table", "tr", "td", "p", "h1", "h2", "a", "img", "br"
    }  # fmt: skip
    assert not re.search(r"url\(|@import|javascript:|\son\w+=|expression\(|<link|srcset", mail.html)
    assert not re.search(r"(?<![\w-])height:", mail.html)
    for image in page.iter("img"):
        assert image.get("src").removeprefix("cid:") in mail.images
        assert int(image.get("width")) > 0
        assert image.get("alt").strip()
    assert {image.get("src").removeprefix("cid:") for image in page.iter("img")} == set(mail.images)
    assert all(link.get("href").startswith("https://policy.jianglan.example/") for link in page.iter("a"))


@EACH
def test_screen_readers_find_their_way(mail: Shown) -> None:
    page = mail.page
    assert page.get("lang") == ("en" if mail.told.locale == "en" else "zh-CN")
    assert [table.get("role") for table in page.iter("table")] == ["presentation"] * len(list(page.iter("table")))
    assert len(list(page.iter("h1"))) == 1
    assert [heading.text_content() for heading in page.iter("h2")] == [one["title"] for one in mail.told.items]
    assert page.findtext(".//title") == mail.told.title


@EACH
@pytest.mark.parametrize("dark", [False, True])
def test_all_text_has_contrast(mail: Shown, dark: bool) -> None:
    found = list(coloured(mail, dark=dark))
    assert len(found) > 8
    weak = [(text, ink, paper) for text, ink, paper in found if contrast(ink, paper) < 4.5]
    assert weak == []
    papers = {paper for _, _, paper in found}
    assert ("#162026" in papers, "#ffffff" in papers) == (dark, not dark)


@EACH
def test_both_halves_tell_the_same(mail: Shown) -> None:
    words = " ".join(mail.page.text_content().split())
    told = [value for one in mail.told.items for value in (one["title"], one["agency"] + one["until"], one["summary"])]
    for fact in (*told, CHECK, "12345", SETTINGS.city):
        assert fact in words
        assert fact in mail.text
    links = {link.get("href") for link in mail.page.iter("a")}
    for url in (STOP, *(one["url"] for one in mail.told.items)):
        assert url in links
        assert url in mail.text
    assert (BASIS in words, BASIS in mail.text) == (mail.told.variant == "entitled",) * 2
    for image in mail.page.iter("img"):
        assert image.get("alt") in mail.text


@EACH
def test_it_is_light(mail: Shown) -> None:
    assert sum(map(len, mail.images.values())) <= 10_000
    assert isinstance(Mail(mail.raw), Mail)
    assert wire_form(mail.raw) == mail.raw + b".\r\n"


def test_the_longest_digest_is_not_clipped() -> None:
    items = [item(n, n * 7, summary="长" * wording.SUMMARY_LIMIT) | {"title": "题" * 200} for n in range(8)]
    mail = shown("zh", "digest_more", items)
    assert len(mail.html.encode()) < 102_000  # Gmail shows no more of one part
    assert len(mail.images) == 8


def test_the_parts_are_as_the_standard_library_reads_them() -> None:
    mail = message_from_bytes(MAILS["zh-digest"].raw, policy=default)
    assert not any(part.defects for part in mail.walk())
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds[:5] == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]
    assert {part.get_content_disposition() for part in mail.walk() if "image" in part.get_content_type()} == {"inline"}
    assert [part.get_content_type() for part in message_from_bytes(MAILS["zh-digest-plain"].raw).walk()] == [
        "multipart/alternative", "text/plain", "text/html"
    ]  # fmt: skip


def test_a_picture_is_made_and_sent_once() -> None:
    mail = shown("zh", "digest", [item(1, 6), item(2, 6), item(3, 60)])
    assert len(mail.images) == 2
    assert len(list(mail.page.iter("img"))) == 3
    assert left_bar(6, 60) is left_bar(6, 60)


@pytest.mark.parametrize(("left", "words", "alt"), [
    (0, "今天截止", "今天截止（6月24日）"), (1, "还有1天", "还有1天截止（6月25日）"),
    (6, "还有6天", "还有6天截止（6月30日）"),
])  # fmt: skip
def test_the_days_that_are_left_are_said(left: int, words: str, alt: str) -> None:
    found = letterhead([item(1, left), item(2, None)], "zh", ON).values["charts"]
    assert [(row["left"], row["alt"]) for row in found] == [(words, alt)]  # type: ignore[attr-defined]


def test_one_policys_window_is_drawn_whole_in_either_language() -> None:
    said = {
        "zh": "申报期自6月4日起，还有6天截止（6月30日）",
        "en": "open since 4 June, 6 days left, it closes on 30 June",
    }
    for locale, alt in said.items():
        found = letterhead([item(1, 6)], locale, ON)
        (row,), (image,) = found.values["charts"], found.images  # type: ignore[misc]
        assert (row["alt"], row["cid"]) == (alt, image.cid)
        assert image == Image(image.cid, window_bar(27, 20))


@pytest.mark.parametrize("items", [
    [item(1, None)], [item(1, -1)], [item(1, 6, opened=None)], [item(1, 6, opened=-2)], [item(1, -3), item(2, None)],
])  # fmt: skip
def test_nothing_is_drawn_of_what_is_closed_or_not_known(items: list[dict[str, str]]) -> None:
    assert letterhead(items, "zh", ON) == ({"charts": []}, ())


def stored(ctx: Context, *, repealed: bool = False, **columns: object) -> Policy:
    """A policy whose window is open on the day, with these columns."""
    days = {"window_opens": ON - timedelta(days=3), "window_closes": ON + timedelta(days=3)}
    with transaction(ctx.engine) as conn:
        more = {"repealed_by": make_policy(conn, ctx, "other")} if repealed else {}
        found = policy_by_id(conn, make_policy(conn, ctx, **{**days, **columns, **more}))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("columns", "days"),
    [
        ({}, ("2026-06-21", "2026-06-27")),
        ({"sensitive": True}, ("", "2026-06-27")),
        ({"repealed": True}, ("", "")),
        ({"window_closes": None}, ("", "")),
        ({"window_opens": None}, ("", "2026-06-27")),
    ],
)
def test_a_window_is_the_policys_own_and_ends_with_it(
    ctx: Context, columns: dict[str, Any], days: tuple[str, str]
) -> None:
    policy = stored(ctx, **columns)
    assert window_of(policy) == {"opens": days[0], "closes": days[1]}
    told = wording.words(SETTINGS, [policy], locale="zh", variant="subscribed", own={}, basis="")
    assert bool(letterhead(told.items, "zh", ON).images) == all(days)


@pytest.mark.parametrize(("door", "locale"), [("subscribed", "zh"), ("entitled", "en")])
def test_what_is_delivered_counts_the_days_of_the_city(
    ctx: Context, sender: Sender, memory: dict[str, MemoryChannel], door: str, locale: str
) -> None:
    sent = send_to(ctx, 1, channels=("email",), door=door)
    with transaction(ctx.engine) as conn:
        days = {"window_opens": ON - timedelta(days=20), "window_closes": ON + timedelta(days=6)}
        conn.execute(update(tables.policy).values(**days))
        conn.execute(update(tables.profile).values(locale=locale))
    plan(ctx, sent.campaign_id)
    deliver_next(ctx, sender, "normal")
    mail = message_from_bytes(memory["email"].sent[0].raw, policy=default)
    text, (image,) = mail.get_body(("plain",)), [one for one in mail.walk() if one.get_content_type() == "image/png"]
    assert image.get_content() == window_bar(27, 20)
    assert ("还有6天截止（6月30日）" if locale == "zh" else "6 days left, it closes on 30 June") in text.get_content()


def test_words_of_a_campaigns_own_have_no_picture(ctx: Context) -> None:
    own = {"email_text": "{{ title }} {{ check }}"}
    told = wording.words(SETTINGS, [stored(ctx)], locale="zh", variant="subscribed", own=own, basis="")
    assert b"image/png" not in wording.render_email(SETTINGS, told, ON).end


def picture(png: bytes) -> Picture.Image:
    return Picture.open(BytesIO(png)).convert("RGBA")


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_bar_is_as_long_as_what_is_left(left: int, scale: int) -> None:
    drawn = picture(left_bar(left, scale))
    assert drawn.size == tuple(DENSE * side for side in LEFT_SIZE)
    middle = [drawn.getpixel((x, drawn.height // 2)) for x in range(drawn.width)]
    full = sum(pixel in ((*BAR, 255), (*SOON, 255)) for pixel in middle)
    wanted = drawn.width * min(left, scale) // max(scale, 1)
    assert abs(full - max(wanted, 2 * DENSE)) <= 2 * DENSE
    assert (*(SOON if left <= 7 else BAR), 255) in middle


@given(st.integers(1, 10**5), st.integers(-10, 10**5 + 10))
def test_a_windows_bar_is_full_from_today_on(days: int, passed: int) -> None:
    drawn = picture(window_bar(days, passed))
    assert drawn.size == tuple(DENSE * side for side in WINDOW_SIZE)
    middle = [drawn.getpixel((x, drawn.height // 2)) for x in range(drawn.width)]
    full = [x for x, pixel in enumerate(middle) if pixel in ((*BAR, 255), (*SOON, 255))]
    today = drawn.width * max(min(passed, days), 0) // days
    assert full[-1] == drawn.width - 1
    assert abs(full[0] - min(today, drawn.width - 2 * DENSE)) <= 2 * DENSE
    assert len(full) == drawn.width - full[0]


def test_bars_are_seen_on_light_and_dark_paper_and_clear_elsewhere() -> None:
    for colour in (EDGE, BAR, SOON):
        assert all(contrast(colour, paper) >= 3 for paper in CARDS)
    drawn = picture(left_bar(30, 60))
    assert drawn.getpixel((drawn.width - 20, drawn.height // 2))[3] == 0  # type: ignore[index]
