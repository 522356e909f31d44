"""A draft that a row calls a policy. Nearly every policy mentions 征求意见: only the text's own standing counts."""

from __future__ import annotations

import re

from pushsvc.texts.drafts import ALONE, MARKER, title_is_draft
from pushsvc.texts.findings.shape import LONGEST_FIELD, Finding, Page, at
from pushsvc.texts.prose import fold

_SPEAKS = re.compile(
    r"(?:现|特|拟|兹|依法|正式|决定)?(?:将|就|对|拟)[^。;]{0,120}?(?:公开|向社会|面向社会)[^。;]{0,16}(?:征求|征集|征询|听取)[^。;]{0,12}(?:意见|建议)"
    r"|(?:现|特此)(?:向社会|面向社会|公开)[^。;]{0,20}(?:征求|征集|征询|听取)[^。;]{0,12}(?:意见|建议)"
    r"|(?:征求意见|意见征集|征集意见|征集|意见征询)(?:的)?(?:时间|期限|截止|日期|渠道|期间|起止)|现公开征求|(?:起草|草拟|形成)了[^。;]{0,60}(?:征求意见稿|草案|送审稿)"
)
_ANSWER = re.compile(
    r"(?:请|欢迎|可|将|敬请|有关|如有)[^。;]{0,90}(?:反馈|提出|发送|寄|来信|来电|书面|电子邮件|邮箱|登录)|截止(?:时间|日期|到|至)?"
    r"|\d{1,2}月\d{1,2}日(?:\([^)]{1,8}\))?(?:之?前|止|截止)|@[\w-]{1,30}\."
)
_GOES_ON = tuple(",。、;:的及和与")  # a sentence speaks of a draft: 审查了方案(草案),会议…
HEAD = 1500  # characters in which a page's own title and the marker under it stand, menus before it counted in


def find(page: Page) -> tuple[Finding, ...]:
    """Marked as a draft in the title or under it; or the text asks the public for opinions on what it brings."""
    told = page.raw.fields.get("title")
    for title in {page.title, fold(told)[:LONGEST_FIELD] if isinstance(told, str) else ""}:
        if title_is_draft(title):
            return (_finding("title"),)
    marked = _marker(page.body)
    if marked is not None:
        return (_finding(at(marked)),)
    asked = _SPEAKS.search(page.body)
    if asked and not _normative(page, asked) and _ANSWER.search(page.body, asked.start(), asked.start() + 1000):
        return (_finding(at(asked.start())),)
    return ()


def _marker(body: str) -> int | None:
    """Where the head, outside 《》, is marked as a draft. Only what comes before the first articles is the head."""
    head = body[:HEAD]
    first = re.search(r"(?:^|\s)(?:第一条|第一章|一、)", head)
    end = first.start() if first else len(head)
    for pattern in (MARKER, ALONE):
        for match in pattern.finditer(head, 0, end):
            inside = head.count("《", 0, match.start()) > head.count("》", 0, match.start())
            if not inside and head[match.end() : match.end() + 1] not in _GOES_ON:
                return match.start()
    return None


def _normative(page: Page, asked: re.Match[str]) -> bool:
    """The words tell an authority what it has to do (应当…公开征求意见), or stand deep inside a text of rules."""
    start = max(0, page.body.rfind("。", 0, asked.start()), asked.start() - 200)
    sentence = page.body[start : asked.end()]
    if re.search(
        r"应当|必须|不得|可以|负责|按照规定|按规定|制定机关|起草(?:单位|部门)|时,|经过|已(?:经)?(?:向社会)?公开",
        sentence,
    ):
        return True
    return page.is_norm and asked.start() > HEAD


def _finding(place: str) -> Finding:
    zh = "这是征求意见稿或草案，尚未成为政策"
    return Finding("draft_as_policy", place, zh, "This is a draft for comment, not yet a policy", True)
