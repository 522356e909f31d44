"""The kind of a document by named rules over its title and first lines. The first rule that fits decides.

A crawler's own labels are not asked. A list of names is no policy: it goes with the announcements, under a note.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pushsvc.texts.drafts import title_is_draft
from pushsvc.texts.headings import joined
from pushsvc.texts.prose import fold

HEAD = 400  # letters of the text in which a document says what it is
KINDS = (
    *("normative", "consultation", "plan", "guide", "negative_list", "fund", "emergency", "interpretation"),
    *("response", "gazette"),
)


@dataclass(frozen=True)
class Rule:
    """One rule: its name, the kind it gives, and what title or head must say."""

    name: str
    kind: str
    title: str = ""
    head: str = ""


RULES = (
    Rule(
        "draft",
        "consultation",
        r"听证会?的?(?:公告|通告|通知|公示)|(?:举行|召开)[^，。]{0,60}听证|(?:意见|建议)征集$",
        r"[（(]\s*(?:公开)?征求意见稿\s*[）)]|[（(]送审稿[）)]",
    ),
    Rule(
        "names",
        "gazette",
        r"名单(?:的)?(?:公示|公布|公告|通知)?$|(?:公示|公布|公告)[^，。]{0,30}名单|(?:结果|名单|拟[^，。]{1,30})的?公示$|中标|成交公告",
    ),
    Rule("explained", "interpretation", r"解读|一图读懂|图解|政策问答|起草说明|热点问答"),
    Rule("answered", "response", r"(?:提案|建议)[^，。]{0,20}的?(?:答复|复函|回复)|答复(?:意见)?(?:的)?函?$|回复$"),
    Rule("gazette", "gazette", r"公报|目录汇编|年度报告|工作总结"),
    Rule(
        "emergency",
        "emergency",
        r"应急(?:响应|预案)|(?:预警|灾害|疫情|防汛|抗旱|台风|地震)[^，。]{0,12}(?:通告|通知|公告|响应|信号)",
    ),
    Rule("negative", "negative_list", r"负面清单|禁止(?:类|准入)|淘汰目录"),
    Rule(
        "plan",
        "plan",
        r"规划(?:纲要)?(?:[（(][^（）()]*[）)])?$|规划(?:纲要)?[^，。]{0,20}的(?:通知|批复)|“?十[一二三四五六七八九]五”?[^，。]{0,30}规划",
    ),
    Rule(
        "fund",
        "fund",
        r"申报(?:工作)?的?(?:通知|公告|指南)|(?:组织|开展|做好|启动)[^，。]{0,40}(?:申报|认定|遴选|推荐)|专项资金|扶持资金|补贴|奖补|资助|贴息|"
        r"扶持(?:意见|政策|办法)|(?:若干|支持|奖励)(?:政策|措施)",
    ),
    Rule("guide", "guide", r"指南|指引|操作规程|办事流程|手册|须知"),
)


def kind_of(title: str, text: str, level: str) -> tuple[str, str]:
    """(kind, name of the rule that gave it). A law or regulation is normative whatever its title says."""
    title = joined(title)
    if re.search(r"法律|法规|规章|条例", level):
        return "normative", "level"
    head = text[:HEAD]
    if title_is_draft(fold(title)):
        return "consultation", "draft"
    for rule in RULES:
        if rule.title and re.search(rule.title, title):
            return rule.kind, rule.name
        if rule.head and re.search(rule.head, head):
            return rule.kind, rule.name
    return "normative", "other"
