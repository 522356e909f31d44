"""What is worth asking a person: the missing facts, the answer that settles most policies first; and what fits now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from profiles.criteria.settling import settling
from profiles.facts import SENSITIVE, fact_words
from profiles.lifecycle import derive
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.in_force import in_force
from pushsvc.store.contacts import load_contacts
from pushsvc.store.frames import load_frame
from pushsvc.store.session import transaction


@dataclass(frozen=True)
class Needed:
    """One missing fact (of a year). `n`: how many policies its answer alone would settle."""

    fact: str
    year: int | None
    words: str
    n: int


@dataclass(frozen=True)
class Outlook:
    """What is worth asking, and the policies that fit now, by number. Nothing of whom nobody may look at."""

    needed: tuple[Needed, ...] = ()
    fits: frozenset[int] = frozenset()


def outlook(ctx: Context, profile_id: int, locale: str = "zh") -> Outlook:
    """Every policy in force against the profile; a person with recommendations off, or a minor, is not looked at.

    Sensitive facts are not read for a list, so they are never asked for here.
    """
    ids, on = np.array([profile_id], dtype=np.int64), city_day(ctx)
    with transaction(ctx.engine) as conn:
        contacts = load_contacts(conn, ids, topic="", today=on)
        if not len(contacts) or not bool((contacts.personalised & ~contacts.minor & ~contacts.erased).all()):
            return Outlook()
        policies = in_force(conn, ctx, on)
        answers = policies.answer(derive(load_frame(conn, profile_ids=ids), on))
    asked = [one for one in settling(answers) if one.settles and one.fact not in SENSITIVE]
    fits = policies.numbers[answers.state == 1]
    return Outlook(tuple(_needed(one.fact, one.settles, locale) for one in asked), frozenset(fits.tolist()))


def _needed(name: str, n: int, locale: str) -> Needed:
    fact, _, year = name.partition("@")
    return Needed(fact, int(year) if year else None, fact_words([name], locale), n)


def answerable(found: Sequence[Needed], facts: Sequence[str], *, most: int) -> list[Needed]:
    """The first of them that this reader may answer: `facts` are those they may say something of."""
    return [one for one in found if one.fact in facts][:most]
