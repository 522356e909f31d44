"""Which other benefits a document says it is not granted beside: by their titles, where a sentence says so plainly.

A sentence may name a rule that it only follows (按照《……管理办法》，同一项目不得重复享受): what is excluded stands
behind 与 or 已经享受. What is described without a title (其他财政性奖补) names nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from profiles.standards.doc_numbers import find_doc_numbers
from pushsvc.texts.policy import Link

LONGEST = 200
_SENTENCE = re.compile(r"[。；;\n]")
_NOT_TWICE = re.compile(
    r"不(?:得|可|能|可以|允许|再|予)?(?:以)?(?:重复|同时|叠加|累加|兼)(?:再)?(?:享受|享有|申领|申请|申报|领取|获得|补助|补贴|奖励|支持|资助|发放)"
    r"|就高不(?:就低|重复)|(?:择优|择高|择一|选择其一|任选其一)(?:享受|申领|申报|支持|奖励|补助|领取)"
)
_NAMED = re.compile(r"《((?:[^《》\n]|《[^《》\n]{1,150}》){2,200})》(?:\s{0,2}[（(]([^（）()\n]{4,80})[）)])?")
_BESIDE = re.compile(
    r"(?:与|和|同|跟|已(?:经)?(?:享受|获得|取得|申领|领取|得到)(?:过|了)?)"
    r"(?:本[市省区县]|[市省区县]级|上级|其他)?$"
)
_LISTED = re.compile(r"^\s*(?:、|和|与|及|以及|或|或者|,|，)?\s*$")
_FOLLOWED = re.compile(r"(?:按照?|根据|依据|依照|参照)$")


def exclusions_of(text: str) -> tuple[Link, ...]:
    """A link `excludes` for each benefit that the text names so, each once."""
    found = [link for sentence in _SENTENCE.split(text) if _NOT_TWICE.search(sentence) for link in _of(sentence)]
    return tuple(dict.fromkeys(found))


def _of(sentence: str) -> Iterator[Link]:
    """The titles behind 与 or 已经享受, and those in a row with such a one."""
    end, meant = 0, False
    for named in _NAMED.finditer(sentence):
        between = sentence[end : named.start()]
        meant = (meant and bool(_LISTED.match(between))) or (
            bool(_BESIDE.search(between)) and not _FOLLOWED.search(between)
        )
        end = named.end()
        if meant:
            numbers = find_doc_numbers(named[2]) if named[2] else []
            yield Link("excludes", numbers[0].key if numbers else None, " ".join(named[1].split())[:LONGEST])
