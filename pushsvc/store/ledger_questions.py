"""How the ledger asks: checks that share one pass over some rows, each with the sentence that names what fails it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One thing that may be wrong: `where` in SQL over the rows of its group; `sentence` goes behind the count."""

    code: str
    where: str
    sentence: str


@dataclass(frozen=True)
class Group:
    """Checks that share one pass over `rows` (what follows `from`); `example` names a row that fails.

    In SQL they may say `:now`, `:before` (what is at work now may have begun then) and `:late` (nothing waits so long).
    """

    rows: str
    example: str
    checks: tuple[Check, ...]
    where: str = "true"


def words(some: Iterable[str]) -> str:
    """Words as SQL lists them."""
    return "(" + ", ".join(f"'{word}'" for word in sorted(some)) + ")"
