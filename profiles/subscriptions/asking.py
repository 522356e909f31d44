"""What a wish asks: keys with their values, of which any or all must be met, and a keyword query."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from profiles.subscriptions.folding import ALL, ANY

KEYS = ("themes", "industries", "regions", "agencies")
BETWEEN = "\x1f"  # between values in one text: control characters are refused in each of them


class Asks(Protocol):
    """Anything that says what a wish asks. `all_of` names the keys of which every value must be met."""

    @property
    def themes(self) -> tuple[str, ...]:
        """Themes, tags or topics."""

    @property
    def industries(self) -> tuple[str, ...]:
        """In any shape."""

    @property
    def regions(self) -> tuple[str, ...]:
        """Codes."""

    @property
    def agencies(self) -> tuple[str, ...]:
        """Names, in full or short."""

    @property
    def keyword(self) -> str | None:
        """As the person wrote it."""

    @property
    def all_of(self) -> tuple[str, ...]:
        """Names of KEYS."""


def values_of(wish: Asks) -> dict[str, tuple[str, ...]]:
    """Each key with what the wish names of it, maybe nothing."""
    return {key: getattr(wish, key) for key in KEYS}


def written(values: Collection[str], *, every: bool) -> str | None:
    """One key's values as one text, distinct for distinct sets; None where the key is not named."""
    return (ALL if every else ANY) + BETWEEN.join(values) if values else None
