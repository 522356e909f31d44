"""Corrections as the person and the office see them, with the day the answer is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from profiles.address import mask_name
from profiles.facts import SENSITIVE
from profiles.standards.calendar import NONE, Overrides, add_working_days
from pushsvc.context import Context
from pushsvc.pipeline.days import CITY_ZONE, city_day
from pushsvc.pipeline.rewriting import held_now
from pushsvc.pipeline.value_words import fact_name, say_text, say_value
from pushsvc.store import corrections as stored
from pushsvc.store.corrections import CorrectionRow
from pushsvc.store.facts import agrees_to_sensitive
from pushsvc.store.people import NAME_PLACE, profile_by_id
from pushsvc.store.session import Connection, transaction
from pushsvc.store.sources import registered_sources

ANSWER_DAYS = 15  # working days: our promise for the timely answer that PIPL 50 asks for


@dataclass(frozen=True)
class Asked:
    """One correction in words. `due`: the last day for its answer; `late`: it has passed unanswered.

    `wish` delete: the fact is to go, and `claimed` is the ground, as one of its codes.
    `open` False: it is on a sensitive fact to whose use the person does not agree (any more); its words stay closed.
    """

    id: int
    fact: str
    name: str
    year: int | None
    claimed: str
    reason: str
    state: str
    asked_at: datetime
    due: date
    late: bool
    answer: str
    answered_at: datetime | None
    open: bool = True
    wish: str = "correct"


@dataclass(frozen=True)
class Waiting:
    """One that waits, for the office: whom it is about (masked), what is held and who told it."""

    asked: Asked
    who: str
    kind: str
    held: str
    source: str
    as_of: date | None
    sensitive: bool


def asked_by(
    ctx: Context, profile_id: int, locale: str = "zh", *, whole: bool = False, closed: bool = False
) -> list[Asked]:
    """What was asked for one profile, the newest first. `whole`, `closed`: as `held.held_of`."""
    with transaction(ctx.engine) as conn:
        agrees = whole or (not closed and agrees_to_sensitive(conn, profile_id))
        return [_asked(ctx, row, locale, agrees=agrees) for row in stored.corrections_of(conn, profile_id)]


def waiting(ctx: Context, locale: str = "zh") -> tuple[list[Waiting], int]:
    """Those that wait for an answer, the oldest first, as many as one page holds; and how many wait in all."""
    with transaction(ctx.engine) as conn:
        shown = [_waiting(conn, ctx, row, locale) for row in stored.open_corrections(conn)]
        return shown, stored.count_open(conn)


def due_day(asked_at: datetime, calendar: Overrides = NONE) -> date:
    """The last day for the answer to what was asked then, by the operator's calendar where there is one."""
    return add_working_days(asked_at.astimezone(CITY_ZONE).date(), ANSWER_DAYS, calendar)[0]


def _asked(ctx: Context, row: CorrectionRow, locale: str, *, agrees: bool) -> Asked:
    shown, delete = agrees or row.fact not in SENSITIVE or row.wish == "delete", row.wish == "delete"
    claimed = ctx.keyring.decrypt(row.claimed, stored.CLAIM_PLACE) if shown else ""
    due = due_day(row.asked_at, ctx.settings.calendar)
    return Asked(
        id=row.id,
        fact=row.fact,
        name=fact_name(row.fact, locale),
        year=row.year,
        claimed=(claimed if delete else say_text(row.fact, claimed, locale)) if shown else "",
        reason=ctx.keyring.decrypt(row.reason, stored.REASON_PLACE) if shown else "",
        state=row.state,
        asked_at=row.asked_at,
        due=due,
        late=row.state == "open" and due < city_day(ctx),
        answer=ctx.keyring.decrypt(row.answer, stored.ANSWER_PLACE) if row.answer and shown else "",
        answered_at=row.answered_at,
        open=shown,
        wish=row.wish,
    )


def _waiting(conn: Connection, ctx: Context, row: CorrectionRow, locale: str) -> Waiting:
    person = profile_by_id(conn, row.profile_id)
    assert person is not None
    name = ctx.keyring.decrypt(person.name, NAME_PLACE) if person.name else ""
    sensitive = row.fact in SENSITIVE
    held = held_now(conn, ctx, person, row.fact, row.year)
    words = "" if held is None or sensitive else say_value(row.fact, held[0], locale)
    known = registered_sources(conn).get(held[1]) if held else None
    source = (known.zh if locale.startswith("zh") else known.en) if known else (held[1] if held else "")
    asked = _asked(ctx, row, locale, agrees=not sensitive or agrees_to_sensitive(conn, person.id))
    return Waiting(asked, mask_name(name), person.kind, words, source, held[2] if held else None, sensitive)
