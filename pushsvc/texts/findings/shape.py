"""What a finding is, and the views of a text that the findings look at: folded, in tokens, its running prose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pushsvc.texts.numerals import whole_number
from pushsvc.texts.policy import PolicyText
from pushsvc.texts.prose import fold, letters, prose_in
from pushsvc.texts.raw import RawText

_TAG = re.compile(r"<[^<>]{0,2000}>")
_ARTICLE = re.compile(r"(?:^|(?<=[\s。;#]))第\s?([零〇一二三四五六七八九十百千\d]{1,7})\s?条")
_HEADING = re.compile(r"(?:^|(?<=[\s。]))(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\))")
LONGEST_FIELD = 5000


@dataclass(frozen=True)
class Finding:
    """A fault by name. `place` is a field or `body:OFFSET`; `blocking`: a person looks before it is published."""

    code: str
    place: str
    zh: str
    en: str
    blocking: bool


def at(offset: int) -> str:
    """The place of an offset in the body."""
    return f"body:{offset}"


@dataclass(frozen=True)
class Page:
    """A text with what the findings ask of it, each worked out once. All strings are folded."""

    text: PolicyText
    raw: RawText

    @cached_property
    def title(self) -> str:
        """The title as it was read, else the header's."""
        told = self.raw.fields.get("title")
        return fold(self.text.title or (told if isinstance(told, str) else ""))[:LONGEST_FIELD].strip()

    @cached_property
    def body(self) -> str:
        """The plain body; where reading left nothing of it, what was there before, without tags."""
        if self.text.body.strip():
            return fold(self.text.body)
        return self.source

    @cached_property
    def source(self) -> str:
        """What the file held, menus and labels of the page with it, without tags."""
        return fold(_TAG.sub(" ", self.raw.body) if self.raw.markup == "html" else self.raw.body)

    @cached_property
    def prose(self) -> tuple[str, ...]:
        """The stretches of the body that read as sentences."""
        return tuple(prose_in(self.body))

    @cached_property
    def prose_letters(self) -> int:
        """How many Chinese characters they have."""
        return sum(map(letters, self.prose))

    @cached_property
    def articles(self) -> tuple[int, ...]:
        """The numbers of the articles (第N条) that begin a line or follow a sentence's end, in their order."""

        found = (whole_number(match.group(1)) for match in _ARTICLE.finditer(self.body))
        return tuple(number for number in found if number is not None)

    @cached_property
    def headings(self) -> int:
        """How many headings 一、 and （一） the body has."""
        return sum(1 for _ in _HEADING.finditer(self.body))

    @property
    def is_norm(self) -> bool:
        """It is built as rules are: articles, or headings over enough prose."""
        return len(self.articles) >= 3 or (self.headings >= 3 and self.prose_letters >= 150)

    def header(self, name: str) -> Any:
        """A field under our name, else what we have no name for; None where neither has it."""
        value = self.raw.fields.get(name)
        return self.raw.extra.get(name) if value is None else value
