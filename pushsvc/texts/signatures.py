"""The signature of a document: who signed and on which day (GB/T 9704-2012, 7.3.5: agency's name, below it the day).

A document with an attachment or a forwarded paper holds several; the first whole one is the document's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from pushsvc.texts.days import find_days

LONGEST = 60  # letters of a signing line; joint documents name several agencies
_ENDS = (
    "国务院|人民政府|政府|办公厅|办公室|委员会|管委会|常委会|委|局|部|厅|署|院|会|中心|处|所|队|社|行|公司|党组|党委|军委|大学|"
    "学校|领导小组|指挥部|总工会|联合会|妇联|残联|街道办事处|集团|法院|检察院|银行"
)
AGENCY_END = re.compile(rf"(?:{_ENDS})(?:[（(][^（）()]{{1,12}}[）)])?$")
_OFFICER = re.compile(r"^(?:代)?(?:总理|省长|市长|区长|县长|州长|主席|部长|局长|主任|厅长|行长|署长|委员长)\s*\S{2,8}$")
_SENTENCE = re.compile(r"[。；;：:，,？?！!《》“”]")
_AFTER = re.compile(r"\s*(?:$|附件|附：|附:|[（(](?:此件|本文|联系人|公开)|抄送|相关|[\u4e00-\u9fff]{2,30}\s)")
_BREAK = re.compile(r"[。；;：:）)\s]+")


@dataclass(frozen=True)
class Signature:
    """`agencies` is empty where an officer signed alone or the names cannot be told."""

    agencies: tuple[str, ...]
    day: date


def signatures(text: str) -> list[Signature]:
    """All that are signed: a day on a line of its own after a name, or both at the end of a line."""
    lines = [line.strip() for line in text.split("\n")]
    lines = [line for line in lines if line]
    found = [_signed(lines, place) for place in range(len(lines))]
    return [signature for signature in found if signature]


def own_signature(text: str, agencies: tuple[str, ...] = ()) -> Signature | None:
    """The document's own: the first that one of these agencies signed, else the first with a name, else the last."""
    found = signatures(text)
    for signature in found:
        if any(_same(name, agency) for name in signature.agencies for agency in agencies):
            return signature
    named = next((signature for signature in found if signature.agencies), None)
    return named or (found[-1] if found else None)


def agencies_of(line: str) -> tuple[str, ...]:
    """The agencies that a line of nothing but names lists; () where it is anything else."""
    line = re.sub(r"&[a-z]{1,6};", " ", line.strip())
    if not line or len(line) > LONGEST or _SENTENCE.search(line):
        return ()
    names = [name for name in re.split(r"[\s、]+", line) if name]
    if all(len(name) == 1 for name in names):
        names = ["".join(names)]
    return tuple(names) if names and all(AGENCY_END.search(name) for name in names) else ()


def _signed(lines: list[str], place: int) -> Signature | None:
    line = lines[place]
    if len(line) <= LONGEST + 20 and line[:1] not in "一二三四五六七八九十（(":
        return _short(lines, place)
    if line[:1] in "一二" and len(line) <= 14:  # 二〇二一年六月十七日
        return _short(lines, place)
    return _run_on(line)


def _short(lines: list[str], place: int) -> Signature | None:
    line = lines[place]
    days = list(find_days(line))
    if len(days) != 1 or line[days[0].end :].strip(" \u3000。"):
        return None
    before = line[: days[0].start].strip()
    if before:
        names = agencies_of(before)
        return Signature(names, days[0].day) if names else None
    return _above(lines, place, days[0].day)


def _closes(lines: list[str], place: int) -> bool:
    """Whether a day alone can be a signature's: near the end, or before an attachment. In a table it is a cell."""
    after = lines[place + 1] if place + 1 < len(lines) else ""
    return "年" in lines[place] and (len(lines) - place <= 4 or after.startswith(("附件", "（此件", "(此件")))


def _above(lines: list[str], place: int, day: date) -> Signature | None:
    """The names on the lines over the day: several where a joint document gives each its own line."""
    names: list[str] = []
    for above in reversed(lines[max(0, place - 12) : place]):
        if _OFFICER.match(above):
            return Signature((), day)
        found = agencies_of(above)
        if not found:
            break
        names = [*found, *names]
    return Signature(tuple(names), day) if names or _closes(lines, place) else None


def _run_on(line: str) -> Signature | None:
    """A crawl that puts the whole page on one line: a name and a day after the last sentence."""
    for found in find_days(line):
        if not _AFTER.match(line, found.end):
            continue
        words = _BREAK.split(line[max(0, found.start - LONGEST) : found.start].rstrip())
        if _OFFICER.match(" ".join(words[-2:])):
            return Signature((), found.day)
        names: tuple[str, ...] = ()
        while words and (before := agencies_of(words.pop())):
            names = (*before, *names)
        if names:
            return Signature(names, found.day)
    return None


def _same(name: str, agency: str) -> bool:
    return bool(agency) and (name.endswith(agency) or agency.endswith(name))
