"""HTML pages: the text with its signature stays, menus and dangers go, labels are read."""

from __future__ import annotations

from datetime import date

import pytest

from pushsvc.texts.interpreting import interpret
from pushsvc.texts.pages import read_page
from pushsvc.texts.sanitise import safe_html
from tests.texts.making import LETTER, TITLE, raw

NAV = "<div class='nav'><a href='/'>首页</a><a href='/a'>政务公开</a><a href='/b'>公众服务</a></div>"
FOOT = "<div class='footer'><a>网站地图</a><p>主办单位：云州市人民政府 云ICP备1号</p></div>"
LABELS = (
    "<table><tr><td>索 引 号：</td><td>000014349/2021-00007</td><td>发文机关：</td><td>云州市人民政府办公厅</td></tr>"
    "<tr><td>发文字号：</td><td>云政办发〔2021〕8号</td><td>发布日期：</td><td>2021年06月20日</td></tr></table>"
)


def _page(head: str = "", labels: str = LABELS) -> str:
    paragraphs = "".join(f"<p>{line}</p>" for line in LETTER.splitlines()[1:])
    article = f"<div class='article'><h1>{TITLE}</h1>{paragraphs}</div>"
    return (
        f"<html><head><title>{TITLE}-云州市政府网</title>{head}</head><body>{NAV}{labels}{article}{FOOT}</body></html>"
    )


def test_a_page_is_read_like_its_letter() -> None:
    text = interpret(raw(_page(), markup="html"))
    assert (text.title, text.doc_no, text.agency) == (TITLE, "云政办发〔2021〕8号", "云州市人民政府办公厅")
    assert (text.date_written, text.date_published) == (date(2021, 6, 17), date(2021, 6, 20))
    assert text.index_no == "000014349/2021-00007"
    assert "2021年6月17日" in text.body
    assert "公众服务" not in text.body
    assert "ICP备" not in text.body
    assert "<p>" in text.html


def test_meta_tags_of_government_pages_are_read() -> None:
    head = '<meta name="ArticleTitle" content="云州市融资办法"><meta name="PubDate" content="2021-06-22 10:00">'
    text = interpret(raw(_page(head, labels=""), markup="html", date_published="2021-05-22"))
    assert text.title == "云州市融资办法"
    assert text.date_published == date(2021, 6, 22)


@pytest.mark.parametrize(
    "danger",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<iframe src=x>",
    ],
)
def test_what_is_stored_holds_no_danger(danger: str) -> None:
    text = interpret(raw(_page().replace("<p>现将", f"<p onclick=x()>{danger}现将"), markup="html"))
    for part in (text.html, text.body, safe_html(danger)):
        assert "alert" not in part or "<" not in part
        assert "javascript:" not in part
        assert "onerror" not in part
        assert "<script" not in part


def test_a_bottomless_page_is_read_as_words() -> None:
    assert "字" in read_page("<div>" * 3000 + "<p>字</p>", "").body
    assert "字" in read_page("<b>" * 40_000 + "字", "").body
    assert read_page("", "").body == ""


def test_bread_crumbs_and_lines_of_labels_go() -> None:
    head = f"当前位置：首页\n> 政府信息公开 > 文件\n{TITLE}\n发布日期： 2021-08-04 浏览次数：12 来源： 市民政局"
    text = interpret(raw(f"{head}\n\n{LETTER}"))
    assert text.body.startswith(TITLE)
    assert "浏览次数" not in text.body
    assert text.date_published == date(2021, 8, 4)
