"""Words as they are compared: width and case do not matter. A keyword query as alternatives of words."""

from __future__ import annotations

import unicodedata

ANY, ALL = "|", "&"  # between values of which one is enough, or all are asked
_WIDE = str.maketrans({"｜": ANY, "＆": ALL})  # as Chinese keyboards write them


def fold(text: str) -> str:
    """Full-width made half-width, case folded."""
    return unicodedata.normalize("NFKC", text).casefold()


def plain_marks(text: str) -> str:
    """The same text with `|` and `&` as ASCII."""
    return text.translate(_WIDE)


def spelled(keyword: str | None) -> tuple[tuple[str, ...], ...]:
    """`租房 补贴|公租房` -> (("租房", "补贴"), ("公租房",)), as the person wrote them; empty ones left out."""
    parts = (tuple(part.split()) for part in plain_marks(keyword or "").split(ANY))
    return tuple(part for part in parts if part)


def alternatives(keyword: str | None) -> tuple[tuple[str, ...], ...]:
    """The distinct folded words of each alternative: one alternative is met by a folded text that holds all its words.

    () for what names no word. A word without white space stays one word, whatever folding makes of it.
    """
    folded = (tuple(dict.fromkeys(filter(None, (fold(word).strip() for word in part)))) for part in spelled(keyword))
    return tuple(dict.fromkeys(part for part in folded if part))
