"""Corrections: a person says that a fact held of them is wrong, or is to go; nothing changes before it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from profiles.errors import ProfilesError
from profiles.facts import FACTS, SENSITIVE, STORED
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.held_reading import read_said
from pushsvc.pipeline.rewriting import Change, delete, held_now, held_text, rewrite
from pushsvc.pipeline.value_words import as_text, read_value
from pushsvc.store import facts as stored
from pushsvc.store.audit import record
from pushsvc.store.corrections import (
    ANSWER_PLACE,
    CLAIM_PLACE,
    REASON_PLACE,
    CorrectionRow,
    add_correction,
    close_correction,
    corrections_of,
    lock_correction,
    profile_of,
)
from pushsvc.store.people import Profile, lock_profile
from pushsvc.store.session import Connection, transaction

__all__ = ["CorrectionError", "Wish", "accept", "ask", "check_fact", "checked_value", "correctable", "refuse"]

MOST_OPEN = 10  # of one profile at a time
LONGEST = 500  # characters of a reason or an answer
EARLIEST_YEAR = 2000
LONGEST_VALUE = 200
GROUNDS = ("purpose", "expired", "withdrawn", "unlawful", "other")  # on which one may ask to delete: PIPL 47
_REGISTERS_OWN = ("qualifications_listed_on",)  # when a register was read: nothing of the person


class CorrectionError(ValueError):
    """It cannot be asked or answered so; `place` is the field."""

    def __init__(self, code: str, place: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.place, self.sentence = code, place, sentence


@dataclass(frozen=True)
class Wish:
    """What a person asks: the fact (of a year, where it is yearly), what it should be, and why.

    `delete`: the fact is to go, and `claimed` is the ground, one of GROUNDS.
    """

    fact: str
    claimed: str
    reason: str = ""
    year: int | None = None
    delete: bool = False


def correctable(kind: str, *, agrees: bool) -> list[str]:
    """The facts a profile of this kind may ask to correct; sensitive ones only where their use is agreed to."""
    names = (*STORED, *(SENSITIVE if agrees else ()))
    return [name for name in names if kind in FACTS[name].subjects and name not in _REGISTERS_OWN]


def ask(ctx: Context, profile_id: int, wish: Wish, *, by: int | None = None) -> int:
    """Ask for a correction; its number. `by`: who asks, where a firm is asked for. Raises CorrectionError."""
    with transaction(ctx.engine) as conn:
        person = lock_profile(conn, profile_id)
        if person is None or person.erased:
            raise CorrectionError("unknown_profile", "profile", "There is nobody to correct.")
        check_fact(conn, person, wish, city_day(ctx))
        claimed = _checked_claim(conn, ctx, person, wish)
        _check_open(conn, profile_id, wish)
        number = add_correction(conn, _row(ctx, profile_id, wish, claimed))
        detail = {"fact": wish.fact, "year": wish.year, "profile": profile_id, "by": by or profile_id}
        detail |= {"wish": "delete"} if wish.delete else {}
        about = f"correction:{number}"
        record(conn, at=ctx.clock(), actor="person", action="correction.ask", object=about, detail=detail)
    return number


def accept(ctx: Context, number: int, *, by: str, note: str = "") -> str:
    """The person is right: the fact is held as claimed, above other sources, or is deleted; which of the two (`wish`).

    Raises CorrectionError.
    """
    with transaction(ctx.engine) as conn:
        row, person = _open_one(conn, number)
        if row.wish == "delete":
            delete(conn, ctx, person, Change(row.fact, None, row.year))
        else:
            rewrite(conn, ctx, person, _claimed_change(conn, ctx, row))
        _close(conn, ctx, row, "accepted", _words(note), by)
    return row.wish


def refuse(ctx: Context, number: int, *, by: str, reason: str) -> None:
    """The fact stays as it is, for a reason that the person reads (PIPL 50). Raises CorrectionError."""
    words = _words(reason)
    if not words:
        raise CorrectionError("no_reason", "reason", "A refusal needs its reason.")
    with transaction(ctx.engine) as conn:
        row, _ = _open_one(conn, number)
        _close(conn, ctx, row, "refused", words, by)


def check_fact(conn: Connection, person: Profile, wish: Wish, today: date) -> None:
    """Whether anything may be said of this fact of this profile. Raises CorrectionError."""
    fact = FACTS.get(wish.fact)
    if fact is None or wish.fact not in (*STORED, *SENSITIVE) or wish.fact in _REGISTERS_OWN:
        raise CorrectionError("unknown_fact", "fact", "No such fact can be corrected.")
    if person.kind not in fact.subjects:
        raise CorrectionError("not_for_kind", "fact", f"A {person.kind} has no {wish.fact}.")
    if fact.sensitive and not wish.delete and not stored.agrees_to_sensitive(conn, person.id):
        raise CorrectionError("no_consent", "fact", "A sensitive fact needs its own consent first.")
    if wish.year is not None and not (fact.yearly and EARLIEST_YEAR <= wish.year <= today.year):
        raise CorrectionError("bad_year", "year", "This fact is not held for that year.")


def checked_value(wish: Wish, today: date) -> str:
    """What the person wrote, as a row of a register would say it. Raises CorrectionError."""
    words = wish.claimed.strip()
    if not words:
        raise CorrectionError("missing", "claimed", "Say what it should be.")
    if len(words) > LONGEST_VALUE:
        raise CorrectionError("long_value", "claimed", f"At most {LONGEST_VALUE} characters.")
    try:
        found = as_text(read_said(wish.fact, words, today))
    except ProfilesError as error:
        raise CorrectionError(error.code, "claimed", error.sentence) from error
    if not found:  # nothing but signs that nobody sees
        raise CorrectionError("missing", "claimed", "Say what it should be.")
    return found


def _checked_claim(conn: Connection, ctx: Context, person: Profile, wish: Wish) -> str:
    if wish.delete:
        if wish.claimed not in GROUNDS:
            raise CorrectionError("no_ground", "claimed", "Say why it is to be deleted.")
        if held_now(conn, ctx, person, wish.fact, wish.year) is None:
            raise CorrectionError("not_held", "fact", "Nothing is held of this fact.")
        return wish.claimed
    claimed = checked_value(wish, city_day(ctx))
    if claimed == held_text(conn, ctx, person, wish.fact, wish.year):
        raise CorrectionError("same_value", "claimed", "This is what is held already.")
    return claimed


def _claimed_change(conn: Connection, ctx: Context, row: CorrectionRow) -> Change:
    if row.fact in SENSITIVE and not stored.agrees_to_sensitive(conn, row.profile_id):
        raise CorrectionError("no_consent", "fact", "The person took back the consent to the use of this fact.")
    try:
        value = read_value(row.fact, ctx.keyring.decrypt(row.claimed, CLAIM_PLACE), city_day(ctx))
    except ProfilesError as error:  # the tables changed since it was asked
        raise CorrectionError(error.code, "claimed", error.sentence) from error
    return Change(row.fact, value, row.year)


def _check_open(conn: Connection, profile_id: int, wish: Wish) -> None:
    waiting = [row for row in corrections_of(conn, profile_id) if row.state == "open"]
    if any((row.fact, row.year) == (wish.fact, wish.year) for row in waiting):
        raise CorrectionError("already_open", "fact", "A correction of this fact is waiting for its answer.")
    if len(waiting) >= MOST_OPEN:
        raise CorrectionError("too_many", "fact", f"At most {MOST_OPEN} corrections may wait at a time.")


def _row(ctx: Context, profile_id: int, wish: Wish, claimed: str) -> dict[str, object]:
    return {
        "profile_id": profile_id,
        "fact": wish.fact,
        "year": wish.year,
        "wish": "delete" if wish.delete else "correct",
        "claimed": ctx.keyring.encrypt(claimed, CLAIM_PLACE),
        "reason": ctx.keyring.encrypt(_words(wish.reason), REASON_PLACE),
        "asked_at": ctx.clock(),
    }


def _words(text: str) -> str:
    """What somebody wrote, on lines, without control characters. Raises CorrectionError too_long."""
    found = "".join(letter for letter in text.strip() if letter == "\n" or letter.isprintable())
    if len(found) > LONGEST:
        raise CorrectionError("too_long", "reason", f"At most {LONGEST} characters.")
    return found


def _open_one(conn: Connection, number: int) -> tuple[CorrectionRow, Profile]:
    whose = profile_of(conn, number)
    person = lock_profile(conn, whose) if whose is not None else None  # the profile first, as whoever erases it does
    row = lock_correction(conn, number)
    if row is None or person is None or person.erased:
        raise CorrectionError("unknown_correction", "id", "There is no such correction.")
    if row.state != "open":
        raise CorrectionError("answered", "id", "This correction has its answer already.")
    return row, person


def _close(conn: Connection, ctx: Context, row: CorrectionRow, state: str, words: str, by: str) -> None:
    answer = ctx.keyring.encrypt(words, ANSWER_PLACE) if words else None
    close_correction(conn, row.id, state=state, answer=answer, by=by, at=ctx.clock())
    detail = {"fact": row.fact, "year": row.year, "state": state} | ({"wish": row.wish} if row.wish == "delete" else {})
    about = f"correction:{row.id}"
    record(conn, at=ctx.clock(), actor=by, action="correction.answer", object=about, detail=detail)
