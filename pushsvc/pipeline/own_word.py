"""A person's own word: where no register holds a fact they say it, and it counts at once, as any source's word does.

It goes the way of an imported row: the same rule says whether it is believed, and history, stages and events follow.
What a register holds is not overwritten: that is a correction, which an office answers.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from profiles.facts import SENSITIVE, STORED, YEARLY
from profiles.profile_rows import parse_row
from profiles.sources import SELF
from pushsvc.context import Context
from pushsvc.keyring import KeyringError
from pushsvc.pipeline.corrections import CorrectionError, Wish, check_fact, checked_value
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.profile_batch import Batch
from pushsvc.pipeline.profile_conflicts import Said, as_text, best, better, from_text
from pushsvc.pipeline.profile_rows import apply_batch
from pushsvc.pipeline.rewriting import empty, held_now
from pushsvc.pipeline.stages import refresh_stages
from pushsvc.pipeline.value_words import as_text as as_row
from pushsvc.store import facts as stored
from pushsvc.store import own_word as words
from pushsvc.store import people_import
from pushsvc.store.audit import record
from pushsvc.store.people import Profile, lock_profile, profile_by_id
from pushsvc.store.people_import import OldWord
from pushsvc.store.profile_parts import sensitive_said
from pushsvc.store.session import Connection, transaction
from pushsvc.store.sources import registered_sources

About = tuple[str, "int | None"]  # fact and year


@dataclass(frozen=True)
class Ways:
    """How the facts of a profile may be changed. `registered`: only an office can; `own`: held by their own word."""

    registered: frozenset[About]
    own: frozenset[About]

    def says(self, fact: str, year: int | None = None) -> bool:
        """Whether the person may simply say it."""
        return (fact, year) not in self.registered


def ways_of(ctx: Context, profile_id: int) -> Ways:
    """Which facts a register holds, so that the person's word would not be believed, and which are theirs."""
    with transaction(ctx.engine) as conn:
        person = profile_by_id(conn, profile_id)
        return Ways(frozenset(), frozenset()) if person is None else _ways(conn, person, city_day(ctx))


def say(ctx: Context, profile_id: int, wish: Wish, *, by: int | None = None, day: date | None = None) -> None:
    """Hold what the person says of themselves, from `day` (today) on. Again is harmless. Raises CorrectionError:

    registered where a register holds it by now; else as `corrections.ask`. `by`: who says it, where it is another.
    """
    with transaction(ctx.engine) as conn:
        person = _person(conn, profile_id)
        today = city_day(ctx)
        check_fact(conn, person, wish, today)
        text = checked_value(wish, today)
        if not _ways(conn, person, day or today).says(wish.fact, wish.year):
            raise CorrectionError("registered", "fact", "A register holds this fact: ask for a correction.")
        apply_batch(conn, _batch(conn, ctx, person, (wish, text, day or today)), life_events=True)
        _note(conn, ctx, (person.id, by), "own_word.say", (wish.fact, wish.year))


def drop(ctx: Context, profile_id: int, fact: str, year: int | None = None, *, by: int | None = None) -> str:
    """Delete the person's own word, all they ever said of the fact; what others said is held again as if they had not.

    Returns a sealed copy for `undo`; nothing readable stays. Raises CorrectionError not_own.
    """
    with transaction(ctx.engine) as conn:
        person = _person(conn, profile_id)
        held = held_now(conn, ctx, person, fact, year) if fact in (*STORED, *SENSITIVE) else None
        if held is None or held[1] != SELF:
            raise CorrectionError("not_own", "fact", "This is not held by the person's own word.")
        lifted = year is not None and _is_lifted(conn, ctx, person, (fact, year), held[0])
        words.forget_said(conn, person.id, fact, year, source=SELF)
        _hold_the_rest(conn, ctx, person.id, (fact, year))
        if year is not None:
            words.forget_said(conn, person.id, fact, None, source=SELF, value=None if lifted else as_text(held[0]))
        if lifted:
            _hold_the_rest(conn, ctx, person.id, (fact, None))
        refresh_stages(conn, ctx, [person.id])
        _note(conn, ctx, (person.id, by), "own_word.drop", (fact, year))
    sealed = ctx.keyring.encrypt(f"{held[2] or city_day(ctx)} {as_row(held[0])}", _place(profile_id, fact, year))
    return base64.urlsafe_b64encode(sealed).decode()


def undo(ctx: Context, profile_id: int, about: About, sealed: str, *, by: int | None = None) -> None:
    """Hold again what `drop` took away, by its sealed copy. Raises CorrectionError: bad_copy, or as `say`."""
    try:
        text = ctx.keyring.decrypt(base64.urlsafe_b64decode(sealed), _place(profile_id, *about))
        day, _, value = text.partition(" ")
        said = date.fromisoformat(day)
    except (KeyringError, ValueError, binascii.Error) as error:
        raise CorrectionError("bad_copy", "sealed", "This is no copy of what was deleted.") from error
    say(ctx, profile_id, Wish(about[0], value, year=about[1]), by=by, day=said)


def _person(conn: Connection, profile_id: int) -> Profile:
    person = lock_profile(conn, profile_id)
    if person is None or person.erased:
        raise CorrectionError("unknown_profile", "profile", "There is nobody of that number.")
    return person


def _ways(conn: Connection, person: Profile, day: date) -> Ways:
    held = _held(conn, person)
    spoken = [(about, word) for about, word in held.items()]
    spoken += [((word.fact, word.year), (word.source, word.as_of)) for word in _old(conn, person.id)]
    wins = better(registered_sources(conn), [(word, (SELF, day)) for _, word in spoken])
    registered = frozenset(about for (about, _), won in zip(spoken, wins, strict=True) if not won)
    return Ways(registered, frozenset(about for about, word in held.items() if word[0] == SELF) - registered)


def _held(conn: Connection, person: Profile) -> dict[About, Said]:
    """Who told what is held, and when; a word without its source is as old as can be."""
    found: dict[About, Said] = {}
    for fact in person.facts:
        source, day = (*person.sources.get(fact, ()), "", "")[:2]
        found[fact, None] = source, date.fromisoformat(day) if day else date.min
    for one in stored.yearly_of(conn, person.id):
        found[one.fact, one.year] = one.source, one.as_of or date.min
    found |= {(fact, None): said for (_, fact), said in sensitive_said(conn, [person.id]).items()}
    return found


def _old(conn: Connection, profile_id: int) -> list[OldWord]:
    return [word for _, word in people_import.old_words(conn, [profile_id])]


def _batch(conn: Connection, ctx: Context, person: Profile, said: tuple[Wish, str, date]) -> Batch:
    """The word as a row that a file would bring; the person's number is known, so its reference says nothing."""
    wish, text, day = said
    name = wish.fact if wish.year is None else f"{wish.fact}@{wish.year}"
    row = {"ref": "own", "kind": person.kind, name: text, "source": SELF, "as_of": day.isoformat()}
    found = parse_row(row, 1)
    if isinstance(found, list):
        raise CorrectionError(found[0].code, "claimed", found[0].sentence)
    standing = people_import.Standing(
        person.id, person.ref, person.kind, person.checksum, person.erased, person.interests, person.sources
    )
    return Batch(
        ctx=ctx,
        said=found[0],
        ids=[person.id],
        shards=[0],
        standing=[standing],
        people={},
        sums=[person.checksum or b""],
        sources=registered_sources(conn),
        now=ctx.clock(),
        today=city_day(ctx),
    )


def _hold_the_rest(conn: Connection, ctx: Context, profile_id: int, about: About) -> None:
    """Hold the best of what others said of the fact; else the figure of the latest year; else nothing."""
    fact, year = about
    empty(conn, ctx, profile_id, fact, year)
    others = [(n, word) for n, word in people_import.old_words(conn, [profile_id]) if (word.fact, word.year) == about]
    if others:
        number, word = others[best(registered_sources(conn), [(one.source, one.as_of) for _, one in others])]
        people_import.forget_history(conn, [number])
        value, said = from_text(fact, word.value or ""), (word.source, word.as_of)
        if year is not None:
            stored.write_yearly(conn, profile_id, fact, value, year, said)
        else:
            stored.write_fact(conn, profile_id, fact, value, said, ctx.clock())
    elif year is None and fact in YEARLY and (profile_id, fact, None) not in words.deleted_of(conn, [profile_id]):
        years = [one for one in stored.yearly_of(conn, profile_id) if one.fact == fact]
        for one in years[:1]:  # the newest comes first
            said = one.source or "import", one.as_of or city_day(ctx)
            stored.write_fact(conn, profile_id, fact, one.value, said, ctx.clock())


def _is_lifted(conn: Connection, ctx: Context, person: Profile, about: tuple[str, int], value: object) -> bool:
    """Whether the figure held now is the one of that year, as the person said it."""
    now = held_now(conn, ctx, person, about[0], None)
    newest: Sequence[int] = [one.year for one in stored.yearly_of(conn, person.id) if one.fact == about[0]][:1]
    return now is not None and now[:2] == (value, SELF) and about[1] in newest


def _note(conn: Connection, ctx: Context, who: tuple[int, int | None], action: str, about: About) -> None:
    """Written down without the value. `who`: the person, and who speaks for them, if anybody does."""
    detail = {"fact": about[0], "year": about[1], "by": who[1] or who[0]}
    record(conn, at=ctx.clock(), actor="person", action=action, object=f"profile:{who[0]}", detail=detail)


def _place(profile_id: int, fact: str, year: int | None) -> str:
    return f"own_word:{profile_id}:{fact}:{year or ''}"
