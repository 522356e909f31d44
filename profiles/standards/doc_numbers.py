"""Document numbers (发文字号) in all their shapes -> one form: 杭政函〔2024〕16号, 主席令第91号, 公告2020年第12号.

Source: GB/T 9704-2012 (党政机关公文格式), 7.2.5 and 10.2. A normative document's registered number and an index number
are other fields (`register_numbers`): as a document number they count for none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from profiles.errors import ProfilesError
from profiles.standards import doc_shapes as shapes
from profiles.standards.doc_letters import letters_before
from profiles.standards.register_numbers import parse_index_number as parse_index_number
from profiles.standards.register_numbers import parse_normative_number as parse_normative_number
from profiles.standards.register_numbers import registered

LONGEST_FIELD = 500
LONGEST_TEXT = 2_000_000
_KINDS = tuple(shapes.KINDS.split("|"))
_PLACEHOLDERS = re.compile(
    r"[\W_]*|[\W_]*(?:[暂尚]?[无缺空]|无文号|无编号|未编号|不详|待定|none|null|n/a|na|nan)[\W_]*", re.I
)
_LABEL = re.compile(r"〔?(?:发文字号|发文文号|文件字号|文件编号|发文号|文号|字号)〕?[::]?")
_LEFTOVER = re.compile(r"[、,;:。.〔〕和及与/|\"'“”《》]*(?:文件?)?[、,;:。.〔〕/|\"'“”《》]*")
# A court's case number, or a verb (责令第3号楼 …), ends like an agency's letters and is none.
_NO_LETTERS = re.compile(r"(?:[初终再申监执审]字|[责勒密口指禁]令)$")
# One document, two letters: the short letters stand in the State Council's own lists.
_SAME_LETTERS = {"国务院令": "国令"}


class DocNumberError(ProfilesError):
    """A field holds no document number: `too_long`, `no_number`, `several_numbers` or `not_only_numbers`."""


@dataclass(frozen=True)
class DocNumber:
    """One number. `prefix`: the agency's letters; an order's end in 令, 公告 or 通告.

    `span`: where it stands in the text it was found in; several numbers written as one (16、17号) share it.
    """

    prefix: str
    year: int | None
    number: int
    form: Literal["bracket", "order"]
    span: tuple[int, int] = field(default=(0, 0), compare=False)

    def __str__(self) -> str:
        if self.form == "bracket":
            return f"{self.prefix}〔{self.year}〕{self.number}号"
        return f"{self.prefix}{self.year}年第{self.number}号" if self.year else f"{self.prefix}第{self.number}号"

    @property
    def key(self) -> str:
        """What two numbers of one document share: 国务院令第707号 is 国令第707号."""
        letters = _SAME_LETTERS.get(self.prefix, self.prefix)
        return str(DocNumber(letters, self.year, self.number, self.form))


def parse_doc_number(text: str) -> DocNumber | None:
    """The one number of a field; None where the field says there is none (`-`) or holds another register's number.

    Raises DocNumberError.
    """
    found = read_doc_numbers(text)
    if len(found) > 1:
        raise DocNumberError("several_numbers", "", f"The field holds {len(found)} numbers: {found[0]}, {found[1]} …")
    return found[0] if found else None


def read_doc_numbers(text: str) -> tuple[DocNumber, ...]:
    """Every number of a field that holds nothing else, blanks anywhere, 号 or 第 perhaps missing.

    Empty for a placeholder, or where the field holds a normative or index number only. Raises DocNumberError.
    """
    if len(text) > LONGEST_FIELD:
        raise DocNumberError("too_long", "", f"A document number's field has at most {LONGEST_FIELD} characters.")
    line = re.sub(r"\s", "", shapes.plain(text))
    line = line[label.end() :] if (label := _LABEL.match(line)) else line
    if _PLACEHOLDERS.fullmatch(line) or registered(line):
        return ()
    found = tuple(_numbers(line, strict=False))
    if not found:
        raise DocNumberError("no_number", "", f"{text.strip()[:30]!r} is no document number.")
    if rest := _outside(line, found):
        raise DocNumberError("not_only_numbers", "", f"Beside {found[0]} the field says {rest[:30]!r}.")
    return tuple(dict.fromkeys(found))


def find_doc_numbers(text: str) -> tuple[DocNumber, ...]:
    """Every number in a running text, in its order, repeats included. Raises DocNumberError "too_long"."""
    if len(text) > LONGEST_TEXT:
        raise DocNumberError("too_long", "", f"A text has at most {LONGEST_TEXT:,} characters.")
    return tuple(_numbers(shapes.plain(text), strict=True))


def canonical_doc_numbers(text: str) -> str:
    """A field's numbers in the one form, set apart by 、; "" where it holds none. Raises DocNumberError."""
    return "、".join(map(str, read_doc_numbers(text)))


def _numbers(text: str, *, strict: bool) -> Iterator[DocNumber]:
    """Numbers from left to right; what lies within one already found is passed over."""
    patterns = (shapes.YEAR_FIRST, shapes.BRACKET, shapes.ORDER, shapes.TURNED)
    matches = [match for pattern in patterns for match in pattern.finditer(text)]
    end = 0
    for match in sorted(matches, key=lambda match: match.start()):
        if match.start() < end or (strict and not _certain(match)):
            continue
        first = _first(text, match)
        if first is None:
            continue
        numbers, year = shapes.serials(match["numbers"]), first.year
        yield from _several(first, numbers)
        last, end = numbers[-1], match.end()
        while further := shapes.NEXT.match(text, end):
            numbers = shapes.serials(further["numbers"])
            year = shapes.year_of(further["year"]) if further["year"] else year
            if not numbers or (year is None and first.year is not None):
                break
            span = (further.start(), further.end())
            if not further["year"]:
                numbers = (*shapes.between(last, further["and"], numbers[0]), *numbers)
            yield from _several(DocNumber(first.prefix, year, 0, first.form, span), numbers)
            last, end = numbers[-1], further.end()


def _certain(match: re.Match[str]) -> bool:
    """Whether the shape is one in running text too, where 2024〕16 or 公告12号 may mean anything."""
    if match.re is shapes.BRACKET:
        return match["sign"] is not None
    if match.re is shapes.YEAR_FIRST:
        return True
    return bool(match["year"] or match["ordinal"]) or (match.re is shapes.TURNED and match["kind"] == "令")


def _first(text: str, match: re.Match[str]) -> DocNumber | None:
    """The match with its letters; None where they are missing or a figure makes no sense."""
    numbers = shapes.serials(match["numbers"])
    year = shapes.year_of(match["year"]) if match["year"] else None
    if not numbers or (match["year"] and year is None):
        return None
    letters, start = _letters(text, match)
    order = letters.endswith(_KINDS)
    if not letters or _NO_LETTERS.search(letters) or (not order and (year is None or not 2 <= len(letters) <= 24)):
        return None
    if match["year"] and len(match["year"]) == 2 and not letters.endswith("字"):
        return None
    return DocNumber(letters, year, numbers[0], "order" if order else "bracket", (start, match.end()))


def _letters(text: str, match: re.Match[str]) -> tuple[str, int]:
    if match.re is shapes.YEAR_FIRST:
        return match["letters"], match.start()
    if match.re is not shapes.BRACKET:
        issuer, start = letters_before(text, match.start(), agencies=True)
        return issuer + match["kind"], start
    letters, start = letters_before(text, match.start())
    return letters_before(text, match.start(), agencies=True) if letters.endswith(_KINDS) else (letters, start)


def _several(first: DocNumber, numbers: tuple[int, ...]) -> Iterator[DocNumber]:
    for number in numbers:
        yield DocNumber(first.prefix, first.year, number, first.form, first.span)


def _outside(line: str, found: tuple[DocNumber, ...]) -> str:
    """What the field says beside its numbers."""
    rest, end = [], 0
    for start, stop in dict.fromkeys(one.span for one in found):
        rest.append(line[end:start])
        end = stop
    rest.append(line[end:])
    return "".join(part for part in rest if not _LEFTOVER.fullmatch(part) and not registered(part.strip("〔〕")))
