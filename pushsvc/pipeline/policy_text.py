"""The text of a policy as it is kept: plain, with paragraphs, and the topic its themes belong to."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

import nh3

TOPICS = ("enterprise", "talent", "family", "elder", "city", "safety")

_TAGS = "p|br|div|span|a|b|i|u|table|tbody|tr|td|th|ul|ol|li|h[1-6]|strong|em|img|script|style|font|section"
_MARKUP = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]*)?/?>|<!--", re.I)
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6])\b[^>]*>", re.I)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\u2028\u2029]")
_BLANK = re.compile(r"\n{3,}")

# Themes of the State Council's classification; the second level is looked at first.
_SECOND = {
    "教育": "family",
    "应急管理": "safety",
    "安全生产监管": "safety",
    "气象、水文、测绘、地震": "safety",
    "减灾救济": "safety",
    "劳动就业": "talent",
    "社会保障": "elder",
}
_FIRST = {
    "财政、金融、审计": "enterprise",
    "国民经济管理、国有资产监管": "enterprise",
    "农业、林业、水利": "enterprise",
    "工业、交通": "enterprise",
    "商贸、海关、旅游": "enterprise",
    "市场监管、安全生产监管": "enterprise",
    "科技、教育": "enterprise",
    "劳动、人事、监察": "talent",
    "人口与计划生育、妇女儿童工作": "family",
    "卫生、体育": "elder",
    "民政、扶贫、救灾": "elder",
    "公安、安全、司法": "safety",
    "国防": "safety",
}


def plain_text(text: str) -> str:
    """Markup taken off (scripts with their content), entities read, line ends and blank lines evened out."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _MARKUP.search(text):
        text = html.unescape(nh3.clean(_BREAK.sub("\n", text), tags=set()))
    lines = (line.rstrip() for line in _CONTROL.sub("", text.replace("\xa0", " ")).split("\n"))
    return _BLANK.sub("\n\n", "\n".join(lines)).strip()


def topic_of(themes: Sequence[str]) -> str:
    """The topic that the themes belong to; `city` where nothing says more."""
    for table in (_SECOND, _FIRST):
        for theme in themes:
            if theme in TOPICS:
                return theme
            if theme in table:
                return table[theme]
    return "city"
