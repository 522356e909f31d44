"""Why somebody was told, in one sentence for themselves, from what was kept with the choice: nobody is judged anew."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from profiles import criteria as trees
from profiles.criteria.clause_facts import clause_facts
from profiles.errors import ProfilesError
from profiles.facts import FACTS, fact_words
from pushsvc.pipeline.proofs import states_of
from pushsvc.pipeline.why import pick, reason_words, wish_words
from pushsvc.store.subscriptions import Wish

_MEETS = ("因您的{fact}符合{clause}", "Your {fact} meets {clause}")
_FITS = ("因您的{fact}符合条件", "Your {fact} meets the conditions")
_BASIS = ("依据{basis}", "by {basis}")
_HARDLY = ("kind", "region")  # true of most: no reason that anybody asks for


def told_why(
    door: str, why: Mapping[str, Any], locale: str, *, wishes: Mapping[int, Wish], criteria: object, basis: str | None
) -> str:
    """The sentence; "" where nothing was kept that says more than the door."""
    if door == "subscribed":
        asked = [wishes[number] for number in why.get("subscriptions") or () if number in wishes]
        return wish_words(asked[0], locale) if asked else ""
    if door == "recommended":
        said = reason_words(why.get("terms") or (), locale)
        return said[0] if said else ""
    met = _met(criteria, states_of(why.get("proof")), locale)
    cited = pick(_BASIS, locale).format(basis=basis) if basis else ""
    return ("；" if locale.startswith("zh") else "; ").join(part for part in (met, cited) if part)


def _met(criteria: object, states: list[int] | None, locale: str) -> str:
    """The clause that tells most of those that held when the person was chosen."""
    asked = _clauses(json.dumps(criteria, sort_keys=True)) if criteria and states else ()
    if states is None or len(asked) != len(states):
        return ""
    held = [pair for pair, state in zip(asked, states, strict=True) if state == 1 and pair[1] in FACTS]
    return _sentence([pair for pair in held if pair[1] not in _HARDLY] or held, locale)


def _sentence(held: Iterable[tuple[str, str]], locale: str) -> str:
    for clause, fact in reversed(list(held)):
        named = {"fact": fact_words([fact], locale), "clause": clause}
        return pick(_MEETS if clause else _FITS, locale).format(**named)
    return ""


@lru_cache(maxsize=1024)
def _clauses(text: str) -> tuple[tuple[str, str], ...]:
    try:
        return tuple(clause_facts(trees.parse(json.loads(text))))
    except ProfilesError:  # of an older grammar: the sentence is left out
        return ()
