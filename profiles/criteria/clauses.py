"""One condition as it stands for one person."""

from __future__ import annotations

from dataclasses import dataclass

from profiles.facts import FACTS


@dataclass(frozen=True)
class Clause:
    """One condition as it stands for one profile. `state`: 1 yes, 0 no, -1 unknown for want of the `missing` facts.

    `fact`: the fact it is about; of a quantity or a certificate `words_zh` and `words_en` say what instead.
    """

    clause: str
    fact: str
    state: int
    asked_zh: str
    asked_en: str
    held_zh: str
    held_en: str
    missing: tuple[str, ...] = ()
    words_zh: str = ""
    words_en: str = ""

    @property
    def fact_zh(self) -> str:
        """What it is about, in Chinese."""
        return self.words_zh or FACTS[self.fact].zh

    @property
    def fact_en(self) -> str:
        """What it is about, in English."""
        return self.words_en or FACTS[self.fact].en
