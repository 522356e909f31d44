"""The family of a title, and which member of it a text is: the same programme each year, each batch, each revision."""

from __future__ import annotations

import re

from pushsvc.texts.headings import joined

LONGEST = 200
_SIGNS = "一二三四五六七八九十百两〇零"
_MARK = re.compile(
    r"[（(]\s*(征求意见稿|公开征求意见稿|送审稿|草案|试行|暂行|修订|修订版|修正|修改|(?:19|20)\d{2}年?(?:版|修订|修正|本)?|"
    rf"第?[{_SIGNS}\d]{{1,4}}[批次版期](?:[^（）()]{{0,6}})?|代拟稿|讨论稿|续)\s*[）)]"
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}\s*(?:年度|年)?(?:\s*[-—－~～至]+\s*(?:19|20)?\d{2,4}\s*(?:年度|年)?)?(?!\d)")
_YEAR_IN_WORDS = re.compile(rf"[一二][{_SIGNS}]{{3}}\s*(?:年度|年)")
_BATCH = re.compile(rf"第[{_SIGNS}\d]{{1,4}}(?:批次?|期|轮|届|季度|次(?!会议))|[上下]半年|(?:首|头)批")
_PLAN = re.compile(rf"[“\"]?十[{_SIGNS}]五[”\"]?(?:时期)?")
_ISSUING = re.compile(
    r"^(?:.{0,60}?)(?:关于)?(?:公开)?(?:印发|发布|公布|下发|修订印发|转发|批转|征求)(.{4,}?)(?:意见)?的(?:通知|公告|通告|函|决定|公示)$"
)
_ABOUT = re.compile(r"^.{2,60}?(?=关于)")
_FOLD = re.compile(r"[\s“”\"'《》〈〉、，,·.。:：（）()\-—]+")
_AGENCY = re.compile(r"(?:国务院|政府|委员会|办公厅|办公室|[局厅部委办])$")


def family_of(title: str) -> tuple[str, str]:
    """(key that all versions share, label of this version). The label is "" where the title names no version."""
    title = joined(title)
    marks = [*_MARK.findall(title), *(found.group().strip() for found in _versions(title))]
    bare = _inner(_MARK.sub("", title))
    for pattern in (_PLAN, _YEAR, _YEAR_IN_WORDS, _BATCH):
        bare = pattern.sub("", bare)
    key = _FOLD.sub("", bare)
    return (key or _FOLD.sub("", title))[:LONGEST], " ".join(dict.fromkeys(marks))[:LONGEST]


def _versions(title: str) -> list[re.Match[str]]:
    """Years, plans and batches outside the marks, in the order of the title."""
    bare = _MARK.sub(lambda mark: " " * len(mark[0]), title)
    found = [match for pattern in (_PLAN, _YEAR, _YEAR_IN_WORDS, _BATCH) for match in pattern.finditer(bare)]
    return sorted(found, key=lambda match: match.start())


def _inner(title: str) -> str:
    """The document that a cover only carries: 关于印发《…》的通知 -> what stands between."""
    carried = _ISSUING.match(title)
    if carried:
        return carried[1]
    about = _ABOUT.match(title)
    return title[about.end() :] if about and _AGENCY.search(about.group()) else title
