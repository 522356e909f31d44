"""Who reads the pages of held facts: what they see, what they may say something of, what is worth asking them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import abort

from profiles.facts import SENSITIVE
from pushsvc.pipeline.corrections import correctable
from pushsvc.pipeline.held import Held, held_of
from pushsvc.pipeline.held_questions import Needed, answerable, outlook
from pushsvc.store.access import Person
from pushsvc.web.current import context
from pushsvc.web.i18n import locale
from pushsvc.web.words import today

NEEDED = 4  # what is worth asking: the first with its field, the next ones as a list
STALE_DAYS = 90  # after that a person's own word is worth another look


def held(who: Person) -> Held:
    """What is held of whom they act for; nothing sensitive where somebody else reads."""
    found = held_of(context(), who.profile_id, locale(), closed=who.by is not None)
    return found or abort(404)


def choices(who: Person, known: Held) -> list[str]:
    """The facts that the reader may say something of; what is sensitive only for themselves."""
    return correctable(known.kind, agrees=known.agrees and who.by is None)


def needed(who: Person, askable: frozenset[str]) -> Sequence[Needed]:
    """What is worth answering, where the reader may answer at all."""
    if not askable:
        return ()
    family = ["dependants"] if who.own else []
    return answerable(outlook(context(), who.profile_id, locale()).needed, [*askable, *family], most=NEEDED)


def lacking(known: Held, askable: frozenset[str]) -> list[str]:
    """The facts that nobody told; of sensitive ones those that the reader may say."""
    told = {one.fact for one in known.sensitive}
    return [*known.lacking, *(one for one in SENSITIVE if one in askable and one not in told)]


def themselves(who: Person) -> bool:
    """Whether the resident reads for themselves, and nobody for them."""
    return who.own and who.by is None


def actor(who: Person) -> int:
    """Who really acts."""
    return who.by or who.id


def is_stale(as_of: date | None) -> bool:
    """Whether a person's own word is old enough to be looked at again."""
    return as_of is not None and (today() - as_of).days > STALE_DAYS
