"""What a policy is about, as subscriptions look at it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from profiles.subscriptions.folding import fold


@dataclass(frozen=True)
class PolicyTags:
    """`themes`: its themes, tags and topic; `industries` in any shape; the code of its one region; its words; the
    names of who issued it."""

    themes: Collection[str]
    industries: Collection[str]
    region: str
    text: str
    agencies: Collection[str] = ()

    @cached_property
    def folded(self) -> str:
        """The text as words are looked for in it."""
        return fold(self.text)

    @cached_property
    def values(self) -> dict[str, Collection[str]]:
        """What it has of each key that a wish may name."""
        return {
            "themes": self.themes,
            "industries": self.industries,
            "regions": (self.region,),
            "agencies": self.agencies,
        }
