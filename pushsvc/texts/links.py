"""What a document says of others: what it rests on, ends, passes on, explains or changes."""

from __future__ import annotations

import re
from itertools import islice

from profiles.standards.doc_numbers import find_doc_numbers
from pushsvc.texts.exclusions import exclusions_of
from pushsvc.texts.policy import Link, Relation

PREAMBLE = 2_000  # letters in which a document names what it rests on
LONGEST = 200
MOST = 100
# 《…》 with 〈…〉 or one 《…》 inside, then perhaps a number in brackets.
_NAMED = re.compile(r"《((?:[^《》\n]|《[^《》\n]{1,150}》){2,200})》(?:\s{0,2}[（(]([^（）()\n]{4,80})[）)])?")
_TORN = re.compile(r"(《[^《》\n]{1,60})\n+(?=[^《》\n]{1,80}》)")  # a title that a page break went through
_BASIS = re.compile(r"(?:根据|依据|依照|按照|遵照|为(?:了)?(?:深入|全面|进一步)?(?:贯彻|落实)(?:落实)?|贯彻落实)")
_END = re.compile(
    r"(?:同时|一并|予以|即行|自行|相应|全部|均|随之)(?:予以|即行|自行)?(?:废止|停止执行|失效)|(?:宣布|决定)(?:废止|失效)|不再执行|废止[:：]|"
    r"(?:决定|现)(?:对[^。\n]{0,40})?(?:予以)?废止|(?<![\u4e00-\u9fff])废止《"
)
_CHANGED = re.compile(
    r"^\s*(?:第?[一二三四五六七八九十两]{1,3}次)?(?:修[正订改]|进行修)|^的?(?:决定)?第?[一二三四五六七八九十]?次?修[正订改]"
)
_PART = re.compile(r"^\s*(?:中|的)?第[一二三四五六七八九十百\d]{1,5}[条项章款]")
_AMENDS = re.compile(
    r"(?:修改|修订|修正|调整|补充)(?:后的|了|部分条款|有关规定)?《|对《[^《》]{2,120}》[^。\n]{0,40}(?:作如下|进行|作出)(?:修改|修订|调整)"
)
_FORWARDS = re.compile(r"(?:转发|批转)(.{4,200}?)(?:的通知|的函|$)")
_INTERPRETS = re.compile(
    r"(?:关于)?《(.{2,150}?)》(?:的)?(?:政策)?(?:解读|起草说明|问答|图解)|(?:解读|图解|一图读懂)[:：]?\s*[《〈]?([^《》〈〉]{4,100})[》〉]?"
)
_FORMER = re.compile(r"^原(?![平阳州])")  # 原杭政发〔2001〕1号 is no number of 原平
_LIST_ITEM = re.compile(r"^\s*(?:[（(]?[\d一二三四五六七八九十]{1,3}[）)、.．]|《)")


def links_of(title: str, text: str) -> tuple[Link, ...]:
    """All links, each once, in the order: forwards, interprets, amends, based on, repeals, excludes."""
    found = [*_of_title(title, text), *_based_on(text[:PREAMBLE]), *_repeals(text), *exclusions_of(text)]
    ended = {(link.title, link.doc_no) for link in found if link.relation == "repeals"}
    kept = [link for link in found if link.relation == "repeals" or (link.title, link.doc_no) not in ended]
    return tuple(dict.fromkeys(kept))[:MOST]


def _of_title(title: str, text: str) -> list[Link]:
    forwarded = _FORWARDS.search(title)
    if forwarded:
        numbered = next(iter(_named("forwards", text[:PREAMBLE])), None)
        quoted = _NAMED.search(forwarded[1])
        name = quoted[1] if quoted else forwarded[1]
        return [Link("forwards", numbered.doc_no if numbered else None, name[:LONGEST])]
    interpreted = _INTERPRETS.search(title)
    if interpreted:
        name = interpreted[1] or interpreted[2]
        numbers = [link for link in _named("interprets", text) if link.title == name and link.doc_no]
        return numbers[:1] or [Link("interprets", None, name[:LONGEST])]
    if _AMENDS.search(title):
        return _named("amends", title)
    return []


def _based_on(preamble: str) -> list[Link]:
    """Documents that the sentences of the preamble lean on; a sentence is read from the leaning word to its end."""
    found: list[Link] = []
    for sentence in re.split(r"[。\n]", preamble):
        leaning = _BASIS.search(sentence)
        if leaning:
            found += _named("based_on", sentence[leaning.end() :])
    return found


def _repeals(text: str) -> list[Link]:
    lines = _TORN.sub(r"\1", text).split("\n")
    found: list[Link] = []
    for place, line in enumerate(lines):
        if not _END.search(line):
            continue
        for sentence in re.split(r"[。；;]", line):
            if _END.search(sentence):
                found += _ended(sentence)
        if line.rstrip().endswith(("：", ":")):
            found += _listed(lines[place + 1 : place + 1 + MOST])
    return found


def _ended(sentence: str) -> list[Link]:
    """The documents a sentence ends. One that is named as an amendment's history, or in part, is not ended."""
    found: list[Link] = []
    for named in islice(_NAMED.finditer(sentence), MOST):
        after = sentence[named.end() : named.end() + 40]
        if _CHANGED.match(after):
            continue
        found.append(_link("amends" if _PART.match(after) else "repeals", named))
    if not found:
        numbers = [number.key for number in find_doc_numbers(sentence[:20_000])]
        found = [Link("repeals", _FORMER.sub("", number), None) for number in numbers]
    return found


def _listed(lines: list[str]) -> list[Link]:
    found: list[Link] = []
    for line in lines:
        if not line.strip():
            continue
        named = _named("repeals", line)
        if not named or not _LIST_ITEM.match(line):
            break
        found += named[:1]
    return found


def _named(relation: Relation, text: str) -> list[Link]:
    return [_link(relation, named) for named in islice(_NAMED.finditer(text), MOST)]


def _link(relation: Relation, named: re.Match[str]) -> Link:
    numbers = find_doc_numbers(named[2]) if named[2] else ()
    return Link(relation, numbers[0].key if numbers else None, " ".join(named[1].split())[:LONGEST])
