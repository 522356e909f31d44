"""What the author of a misspelt word or code may have meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from profiles.criteria.trees import CriteriaError
from profiles.facts import DEPENDANT_FACTS, FACTS
from profiles.stages import STAGES
from profiles.standards import industries, qualifications, regions

_MOST = 3
_SHORT = 4  # of so few characters one wrong is a quarter or more
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def suggestions(error: CriteriaError, tree: object) -> tuple[str, ...]:
    """At most three words near the one that stands at the error's place; none where nothing is near."""
    held = _at(tree, error.place)
    asked = [str(one) for one in held] if isinstance(held, list) else [str(held)]
    known = _known(error.code, _at(tree, error.place.rpartition(".")[0]))
    near = (_near(one, list(known)) for one in asked if one not in known)
    return tuple(dict.fromkeys(word for words in near for word in words))[:_MOST]


def _near(word: str, known: list[str]) -> list[str]:
    if word.isdigit():
        # A digit mistyped, or digits that changed places; the longer the beginning they share the nearer.
        slips = [code for code in known if len(code) == len(word) and _is_slip(word, code)]
        return sorted(slips, key=lambda code: -_shared(word, code))[:_MOST]
    return get_close_matches(word, known, n=_MOST, cutoff=0.5 if len(word) <= _SHORT else 0.6)


def _shared(word: str, code: str) -> int:
    """How many characters both begin with."""
    return next((i for i, (a, b) in enumerate(zip(word, code, strict=True)) if a != b), len(word))


def _is_slip(word: str, code: str) -> bool:
    return sorted(word) == sorted(code) or sum(a != b for a, b in zip(word, code, strict=True)) == 1


def _known(code: str, leaf: object) -> Iterable[str]:
    """The words that may stand where the error is."""
    if code == "unknown_fact":
        return dict.fromkeys((*FACTS, *DEPENDANT_FACTS))
    if code == "unknown_level":
        name = leaf.get("fact") if isinstance(leaf, dict) else None
        return STAGES if name == "stage" else FACTS[name].levels if name in FACTS else ()
    if code == "unknown_region":
        return regions.table()
    if code == "unknown_industry":
        return [*industries.table(), *(row.name for row in industries.table().values())]
    return [row.key for row in qualifications.table()] if code == "unknown_qualification" else ()


def _at(tree: Any, place: str) -> Any:
    """What stands at a place such as `all[2].fact`; None where nothing does."""
    for name, index in _STEP.findall(place):
        if name and isinstance(tree, dict):
            tree = tree.get(name)
        elif index and isinstance(tree, list) and int(index) < len(tree):
            tree = tree[int(index)]
        else:
            return None
    return tree
