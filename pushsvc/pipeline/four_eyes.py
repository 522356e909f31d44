"""Four eyes: who does a step has a name, and two names that a reader takes for one are one person."""

from __future__ import annotations

import unicodedata


def same_person(one: str | None, other: str | None) -> bool:
    """Whether two names are the same but for width, case and spaces."""
    return _folded(one or "") == _folded(other or "")


def is_name(name: str) -> bool:
    """Whether there is anything to read."""
    return bool(_folded(name))


def _folded(name: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", name).casefold() if _is_seen(char))


def _is_seen(char: str) -> bool:
    return not char.isspace() and unicodedata.category(char) not in ("Cc", "Cf")
