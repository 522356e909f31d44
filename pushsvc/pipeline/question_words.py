"""What people and offices write to each other, cleaned: lines of characters that can be seen, no longer than a form."""

from __future__ import annotations

import re
import unicodedata

_MANY_LINES = re.compile(r"\n{3,}")
_JOINER = "\u200d"  # makes one picture of several: a family
_LOOKS = "\ufe0e\ufe0f"  # how a picture is drawn


class QuestionError(ValueError):
    """It cannot be asked or answered so; `place` is the field."""

    def __init__(self, code: str, place: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.place, self.sentence = code, place, sentence


def words(text: str, longest: int, *, place: str) -> str:
    """The words without what cannot be seen: controls, turned directions, zero width. Raises QuestionError missing or
    too_long; what is left must say something: a letter, a figure or a picture."""
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    seen = "".join(one for one in lines if one == "\n" or one in _JOINER + _LOOKS or one.isprintable())
    found = _MANY_LINES.sub("\n\n", seen).strip()
    if not any(unicodedata.category(one)[0] in "LNS" for one in found):
        raise QuestionError("missing", place, "There are no words.")
    if len(found) > longest:
        raise QuestionError("too_long", place, f"At most {longest} characters.")
    return found
