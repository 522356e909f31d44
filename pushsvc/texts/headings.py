"""The head of a document: its title where nobody tells it, and the number that stands below the title."""

from __future__ import annotations

import re

from profiles.standards.doc_numbers import DocNumber, DocNumberError, find_doc_numbers, read_doc_numbers
from pushsvc.texts.labels import page_labels
from pushsvc.texts.signatures import agencies_of

HEAD_LINES = 25
LONGEST_TITLE = 300
_ENDING = re.compile(
    r"(?:通知|意见|办法|条例|规定|批复|复函|函|公告|通告|决定|决议|方案|报告|答复|令|细则|措施|指南|规划|纲要|要点|通报|公报|解读|目录|"
    r"清单|名单|政策|计划|规则|章程|预案|标准|请示|建议|说明|公示|若干)(?:[（(][^（）()]{1,20}[）)])*$"
)
_ADDRESSEE = re.compile(r"[：:]$")
_NOT_TITLE = re.compile(r"[。；;]|^[第（(]?[一二三四五六七八九十\d]+[条章、.．)）]|^#")
_CHINESE_GAP = re.compile(r"(?<=[\u4e00-\u9fff、，“”《》（）])[ \u3000]+(?=[\u4e00-\u9fff、，“”《》（）])")
_ORDER = re.compile(r"^[\u4e00-\u9fff ]{2,40}令[：:]?$|^第\s?[\d一二三四五六七八九十百]{1,6}\s?号$")
_ORDERED = re.compile(r"公布(?:修订后的|修改后的)?《([^《》]{4,80})》|《([^《》]{4,80})》(?:已|业)经")
_QUOTED = re.compile(r"》\s{0,2}[（(]?\s*$")
_NUMBERED = re.compile(
    r"[（(【]([^《》]{4,40}号)[）)】]$|^[（(【]?([^《》（(【]{2,12}[〔\[［【（(]\d{4}[〕\]］】）)]\d{1,5}号)"
)
_PLACEHOLDER = re.compile(r"[-—－/\s无]*")


def joined(words: str) -> str:
    """One line, without the blanks that layout put between Chinese characters (`通 知`)."""
    line = " ".join(words.split())
    issuers, about, rest = line.partition("关于")
    names = agencies_of(issuers) if about else ()
    if len(names) > 1:
        issuers = "、".join(names)
    return _CHINESE_GAP.sub("", issuers + about + rest)


def title_in(text: str) -> str:
    """The title in a text's first lines, broken lines put together; "" where there is none."""
    parts: list[str] = []
    for line in _head(text):
        if not parts and (_CRUMB.match(line) or _ORDER.match(line)):
            continue
        if _NOT_TITLE.search(line) or _ADDRESSEE.search(line) or len(line) > 120 or numbers_of(line):
            break
        if page_labels(line).end:
            if parts:
                break
            continue
        parts.append(f"{line} " if agencies_of(line) else line)
        if _ENDING.search(line) or len(parts) == 6:
            break
    ordered = _ORDERED.search(text[:1500]) if not parts else None
    title = joined("".join(parts) or (ordered[1] or ordered[2] if ordered else ""))
    return title if 4 <= len(title) <= LONGEST_TITLE and (_ENDING.search(title) or len(parts) < 2) else ""


def own_numbers(text: str, title: str) -> tuple[DocNumber, ...]:
    """The numbers that a document bears itself: on a line of their own in its head, or right after its title."""
    head = _head(text)
    for place, line in enumerate(head):
        two = f"{line}{head[place + 1]}" if line.endswith(("令", "公告", "通告")) and place + 1 < len(head) else line
        found = numbers_of(two.strip("（）()【】")) if len(two) <= 80 else ()
        if found:
            return found
        if len(line) > 120 or (_ADDRESSEE.search(line) and place):
            break
    return _after_title(text, title) or _in_title(title)


def numbers_of(value: object) -> tuple[DocNumber, ...]:
    """The numbers of a field or a line that holds nothing else; () for anything else."""
    if not isinstance(value, str) or _PLACEHOLDER.fullmatch(value):
        return ()
    try:
        return read_doc_numbers(value[:400])
    except DocNumberError:
        return ()


def _in_title(title: str) -> tuple[DocNumber, ...]:
    """…的通知（杭政办〔2021〕3号), or before it: a site that sets the number into the title's line."""
    found = _NUMBERED.search(title)
    return numbers_of(found[1] or found[2]) if found else ()


def _after_title(text: str, title: str) -> tuple[DocNumber, ...]:
    """In a page that is one line: the number that follows the title and no other document's title."""
    stretch = text[: 600 + len(title)]
    for number in find_doc_numbers(stretch):
        before = stretch[: number.span[0]]
        plain = re.sub(r"\s", "", before)
        if not plain or (plain.endswith(re.sub(r"\s", "", title)[-8:]) and not _QUOTED.search(before)):
            return (number,)
    return ()


def _head(text: str) -> list[str]:
    lines = (line.strip(" \t\u3000#*_") for line in text[:6000].split("\n"))  # marks of Markdown with the blanks
    return [line for line in lines if line][:HEAD_LINES]


_CRUMB = re.compile(r"^(?:(?:您?的?当前|您现在的?|您所在的?)位置|[>＞»]|首页\b)")
