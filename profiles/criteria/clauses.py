"""One condition as it stands for one person."""

from __future__ import annotations

from dataclasses import dataclass

from profiles.facts import FACTS


@dataclass(frozen=True)
class Clause:
    """One condition as it stands for one profile. `state`: 1 yes, 0 no, -1 unknown for want of the `missing` facts."""

    clause: str
    fact: str
    state: int
    asked_zh: str
    asked_en: str
    held_zh: str
    held_en: str
    missing: tuple[str, ...] = ()

    @property
    def fact_zh(self) -> str:
        """The fact's Chinese name."""
        return FACTS[self.fact].zh

    @property
    def fact_en(self) -> str:
        """The fact's English name."""
        return FACTS[self.fact].en
