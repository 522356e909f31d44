"""What one applicant gets of one policy at most, in yuan: nothing where the amount is a share or paid by the piece."""

from __future__ import annotations

import re

from pushsvc.texts.amounts import Amount, amounts_in, same_sum

_YUAN = 10_000  # in 万元
_CLAUSE = re.compile(r"[,，;；。:：!?！？\n]")
# 每户, 每家 and 每年 are an applicant's own; 每月, 每次, 每台 and the like are pieces, nobody knows how many.
_OWN = r"(?:户|家|年度?|个?(?:企业|单位|主体|申请人|申请单位))"
_PIECE = re.compile(rf"[每单](?!{_OWN}|位)[^\s\d,，]|/\s?(?!年)[^\s\d]")
_AFTER = re.compile(rf"^\s?(?:/|每)\s?(?!{_OWN})[^\s\d]")
_PERSON = re.compile(r"每人|每名|单人")


def highest(words: str | None, wan: float | None, *, person: bool = False) -> int | None:
    """The most that one applicant gets at once or in a year; None where that is not told as one sum.

    `words` say the amount, `wan` is its number in 万元. `person`: the applicant is one, so that 每人 is theirs.
    """
    if wan is None:
        return None
    text = f"补助{words or ''}"
    named = next((one for one in amounts_in(text) if one.kind != "percent" and same_sum(one.exact, wan)), None)
    if named is not None and _by_the_piece(text, named, person=person):
        return None
    return round(wan * _YUAN)


def _by_the_piece(text: str, named: Amount, *, person: bool) -> bool:
    before = _CLAUSE.split(text[: named.span[0]])[-1]
    if person:
        before = _PERSON.sub("", before)
    return bool(_PIECE.search(before)) or bool(_AFTER.search(text[named.span[1] :]))
