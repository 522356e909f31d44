"""One fact written anew, or deleted, by an accepted request: history, stages and events follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from profiles.facts import SENSITIVE
from profiles.sources import CORRECTION
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.held import sensitive_value
from pushsvc.pipeline.profile_events import moves
from pushsvc.pipeline.stages import refresh_stages
from pushsvc.pipeline.value_words import as_text
from pushsvc.store import facts as stored
from pushsvc.store import own_word as words
from pushsvc.store.facts import NotHeld
from pushsvc.store.frames import sensitive_place
from pushsvc.store.life import add_life_events
from pushsvc.store.people import Profile
from pushsvc.store.session import Connection

_Held = tuple[object, str, date | None]  # value, source, day


@dataclass(frozen=True)
class Change:
    """A fact (of a year) and its new value; None: nothing is held of it any more."""

    fact: str
    value: object
    year: int | None = None


def held_text(conn: Connection, ctx: Context, person: Profile, fact: str, year: int | None) -> str | None:
    """The value held now, as a file would hold it; None where nothing is held."""
    found = held_now(conn, ctx, person, fact, year)
    return None if found is None else as_text(found[0])


def held_now(conn: Connection, ctx: Context, person: Profile, fact: str, year: int | None) -> _Held | None:
    """(value, source, day) held now; None where nothing is held. The caller knows that it may be read."""
    if fact in SENSITIVE:
        row = next((one for one in stored.sensitive_of(conn, person.id) if one.fact == fact), None)
        if row is None:
            return None
        return sensitive_value(fact, ctx.keyring.decrypt(row.cipher, sensitive_place(fact))), row.source, row.as_of
    if year is not None:
        of_year = (one for one in stored.yearly_of(conn, person.id) if (one.fact, one.year) == (fact, year))
        held = next(of_year, None)
        return None if held is None else (held.value, held.source, held.as_of)
    if fact not in person.facts:
        return None
    source, day = (*person.sources.get(fact, ()), "", "")[:2]
    return person.facts[fact], source, date.fromisoformat(day) if day else None


def rewrite(conn: Connection, ctx: Context, person: Profile, change: Change) -> None:
    """Hold the new value; what was held goes into history as corrected (of a sensitive fact without its value)."""
    old = held_now(conn, ctx, person, change.fact, change.year)
    also = change.year is not None and _is_the_present(conn, person, change)
    _write(conn, ctx, person, change, old)
    if also:
        present = Change(change.fact, change.value)
        _write(conn, ctx, person, present, held_now(conn, ctx, person, change.fact, None))
    refresh_stages(conn, ctx, [person.id])


def delete(conn: Connection, ctx: Context, person: Profile, change: Change) -> None:
    """Hold nothing of the fact any more, nor any value that was ever said of it; no file brings it back.

    Who told it, when, and that it was deleted stays in the history.
    """
    old = held_now(conn, ctx, person, change.fact, change.year)
    also = change.year is not None and old is not None and _is_the_present(conn, person, change)
    for year in (change.year, None) if also else (change.year,):
        held = held_now(conn, ctx, person, change.fact, year)
        if held is not None:
            gone = NotHeld(change.fact, year, None, held[1] or "import", held[2] or city_day(ctx), "corrected")
            stored.keep_old(conn, person.id, gone, ctx.clock())
        empty(conn, ctx, person.id, change.fact, year)
        words.forget_values(conn, person.id, change.fact, year)
        words.note_deleted(conn, person.id, change.fact, year, city_day(ctx))
    refresh_stages(conn, ctx, [person.id])


def empty(conn: Connection, ctx: Context, profile_id: int, fact: str, year: int | None) -> None:
    """Take away what is held of one fact (of a year), wherever it stands."""
    if fact in SENSITIVE:
        words.empty_sensitive(conn, profile_id, fact)
    elif year is not None:
        words.empty_year(conn, profile_id, fact, year)
    else:
        words.empty_fact(conn, profile_id, fact, ctx.clock())


def _is_the_present(conn: Connection, person: Profile, change: Change) -> bool:
    """Whether the figure held now is this year's, as an import takes it over where it was not said itself."""
    years = {one.year: one.value for one in stored.yearly_of(conn, person.id) if one.fact == change.fact}
    newest, now = max(years, default=0), person.facts.get(change.fact)
    return newest <= (change.year or 0) and (now is None or now == years.get(newest))


def _write(conn: Connection, ctx: Context, person: Profile, change: Change, old: _Held | None) -> None:
    today, now = city_day(ctx), ctx.clock()
    words.forget_deleted(conn, person.id, change.fact, change.year)
    if old is not None:
        value = None if change.fact in SENSITIVE else as_text(old[0])
        gone = NotHeld(change.fact, change.year, value, old[1] or "import", old[2] or today, "corrected")
        stored.keep_old(conn, person.id, gone, now)
    said = (CORRECTION, today)
    if change.fact in SENSITIVE:
        text = ("1" if change.value else "0") if isinstance(change.value, bool) else as_text(change.value)
        cipher = ctx.keyring.encrypt(text, sensitive_place(change.fact))
        stored.write_sensitive(conn, person.id, change.fact, cipher, said)
    elif change.year is not None:
        stored.write_yearly(conn, person.id, change.fact, change.value, change.year, said)
    else:
        stored.write_fact(conn, person.id, change.fact, change.value, said, now)
        if change.fact == "region" and old is not None and old[0] != change.value:
            add_life_events(conn, list(moves([(person.id, change.value)], now)))
