"""A text's letters: folded to one form, counted, and what of it reads as sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Full-width signs to ASCII, one for one, so that an offset in the folded text is an offset in the text.
_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20, 0x200B: 0x20, 0xFEFF: 0x20}
_HAN = re.compile(r"[\u3400-\u9fff]")
_TOKEN = re.compile(r"\S+")
_PROSE = re.compile(r"[。;,:!?]")
PROSE_LETTERS = 10


def fold(text: str) -> str:
    """Full-width letters, digits, signs and blanks in their ASCII form; the length stays."""
    return text.translate(_FOLD)


def letters(text: str) -> int:
    """How many Chinese characters the text has."""
    return len(_HAN.findall(text))


def prose_in(folded: str) -> Iterator[str]:
    """The stretches that read as sentences: not navigation, headings, cells of a table."""
    for match in _TOKEN.finditer(folded):
        token = match.group()
        if _PROSE.search(token) and letters(token) >= PROSE_LETTERS:
            yield token
