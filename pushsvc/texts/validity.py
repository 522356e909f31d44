"""From when and until when a document is in force, by its own words (自2018年1月1日起施行, 有效期5年, 试行2年).

Only sentences of the document about itself count: what it says of a licence's term or of another document does not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from profiles.standards.numerals import SIGNS, chinese_number
from pushsvc.texts.days import find_days

_KIND = (
    "条例|办法|规定|细则|意见|通知|措施|政策|方案|规则|决定|公告|通告|规划|标准|预案|实施方案|实施细则|实施意见|若干措施|若干意见|指南|"
    "批复|法"
)
_SELF = re.compile(rf"本(?:{_KIND}|文件|批次)|(?:现予|予以|现将|现)(?:公布|发布|印发)|(?:公布|发布)，自")
_NUMBER = rf"(?:\d{{1,3}}|[{SIGNS}半]{{1,4}})"
_BEGINS = r"\s*(?:起|之日起|后|开始|正式)+\s*(?:正式)?(?:施行|实施|执行|生效|试行|实行)"
_FROM_DAY = re.compile(rf"自?\s*(?P<day>[^自。；\n]{{6,16}}[日号]){_BEGINS}")
_FROM_ISSUE = re.compile(
    rf"自\s*(?P<what>公布|发布|印发|颁布|下发|公告|公开发布)之?日起?\s*(?:起|后)?\s*(?:满)?(?:第?\s*(?P<n>{_NUMBER})\s*个?"
    r"(?P<unit>日|天|工作日|月)\s*(?:起|后|之?日起|内)?\s*)?(?:正式)?(?:施行|实施|执行|生效|试行|实行)"
)
_UNTIL = re.compile(
    r"(?:有效期(?:限)?(?:截止)?(?:至|到|为)|(?:施行|实施|执行|试行)(?:期限)?至|起?[，,、]?至)\s*(?P<day>[^。；\n至]{6,16}[日号])"
)
_YEARS = re.compile(
    rf"(?:有效期(?:限)?(?:暂定|暂?为|：|:)?|有效\s?期|试行期?(?:限)?(?:暂定|暂?为)?|实施期限为?|执行期限?为?|施行期限?为?)\s*"
    rf"(?P<n>{_NUMBER})\s*(?:个)?(?P<unit>年|月)"
)
_SENTENCE = re.compile(r"[^。；\n]+")


@dataclass(frozen=True)
class Force:
    """effective, valid_to: None where the text does not say. `from_issue`: counted from the day it was issued."""

    effective: date | None = None
    valid_to: date | None = None
    from_issue: bool = False


def force_of(text: str, *, written: date | None, published: date | None) -> Force:
    """What the document says of its own force. A later sentence goes before an earlier: the last article decides."""
    effective, from_issue = _effective(text, written=written, published=published)
    begin = effective or written or published
    return Force(effective, _valid_to(text, begin), from_issue)


def _effective(text: str, *, written: date | None, published: date | None) -> tuple[date | None, bool]:
    found: tuple[date | None, bool] = (None, False)
    for sentence in _own(text):
        match = _FROM_DAY.search(sentence)
        days = [one.day for one in find_days(match["day"])] if match else []
        if days:
            found = days[-1], False
            continue
        issue = _FROM_ISSUE.search(sentence)
        if issue:
            day = (written or published) if issue["what"] in ("印发", "下发") else (published or written)
            found = _later(day, issue["n"], issue["unit"]), True
    return found


def _valid_to(text: str, begin: date | None) -> date | None:
    last = None
    for sentence in _own(text):
        until = _UNTIL.search(sentence)
        days = [one.day for one in find_days(until["day"])] if until else []
        if days and (begin is None or days[-1] > begin):
            last = days[-1]
            continue
        term = _YEARS.search(sentence)
        count = _count(term["n"]) if term else None
        if term and count and begin:
            after = _later(begin, term["n"], term["unit"])
            last = after - timedelta(days=1) if after else last
    return last


def _own(text: str) -> list[str]:
    """Sentences about the document itself: they name it (本办法), or only say from when (自…起施行), or go on so."""
    found: list[str] = []
    previous = False
    for match in _SENTENCE.finditer(text):
        sentence = match.group().strip()
        if not re.search(r"施行|实施|执行|生效|试行|有效|实行", sentence) or len(sentence) > 400:
            previous = False
            continue
        bare = re.sub(r"^(?:第[^条]{1,6}条|[（(]?[一二三四五六七八九十\d]{1,3}[）)、.．]+)\s*", "", sentence)
        own = bool(_SELF.search(sentence)) or bare.startswith(("自", "有效期", "上述", "以上"))
        if own or (previous and "有效期" in sentence):
            found.append(sentence)
        previous = own
    return found


def _later(day: date | None, number: str | None, unit: str | None) -> date | None:
    if day is None or number is None:
        return day
    count = _count(number)
    if not count:
        return day
    if unit in ("年", "月"):
        months = day.year * 12 + day.month - 1 + round(count * (12 if unit == "年" else 1))
        return _on(months // 12, months % 12 + 1, day.day)
    return day + timedelta(days=round(count))


def _count(text: str) -> float | None:
    if "半" in text:
        return {"半": 0.5, "一年半": 1.5}.get(text)
    return float(text) if text.isdigit() else chinese_number(text)


def _on(year: int, month: int, day: int) -> date | None:
    while day > 28:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1
    return date(year, month, day) if 1 <= year <= 9999 else None
