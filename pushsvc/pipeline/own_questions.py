"""Questions in plain words, as whoever asked reads them, and as an office does."""

from __future__ import annotations

from dataclasses import dataclass

from profiles.address import mask_name
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.store import questions as stored
from pushsvc.store.people import NAME_PLACE, profile_by_id
from pushsvc.store.questions import ANSWER_PLACE, WORDS_PLACE, QuestionRow, Waiting
from pushsvc.store.session import Connection, transaction

PAGE = 50


@dataclass(frozen=True)
class Told:
    """One question with its words and answer, opened. `late`: its day has passed without an answer."""

    row: QuestionRow
    words: str
    answer: str
    late: bool


@dataclass(frozen=True)
class Line:
    """One question in the office's list: whom it is for (masked), but not its words."""

    row: QuestionRow
    who: str
    kind: str
    late: bool


def told(ctx: Context, row: QuestionRow) -> Told:
    """The question, opened."""
    answer = ctx.keyring.decrypt(row.answer, ANSWER_PLACE) if row.answer else ""
    return Told(row, ctx.keyring.decrypt(row.words, WORDS_PLACE), answer, late(ctx, row))


def questions_of(ctx: Context, profile_id: int) -> list[Told]:
    """What was asked for one profile, the newest first."""
    with transaction(ctx.engine) as conn:
        return [told(ctx, row) for row in stored.questions_of(conn, profile_id)]


def questions_copy(ctx: Context, profile_id: int) -> list[dict[str, object]]:
    """All of them as values, for the person's own copy."""
    with transaction(ctx.engine) as conn:
        found = [told(ctx, row) for row in stored.questions_of(conn, profile_id, limit=None)]
    plain = ("id", "kind", "agency", "state", "follows", "asked_at", "due", "answered_at", "useful")
    return [
        {name: getattr(one.row, name) for name in plain}
        | {"policy": one.row.title, "words": one.words, "answer": one.answer}
        for one in found
    ]


def waiting(ctx: Context, *, agency: str = "", page: int = 1) -> tuple[list[Line], Waiting]:
    """A page of those that wait, the one due first before the others, and the figures of all."""
    with transaction(ctx.engine) as conn:
        rows = stored.open_questions(conn, agency=agency, limit=PAGE, offset=(page - 1) * PAGE)
        return [_line(conn, ctx, row) for row in rows], stored.waiting(conn, city_day(ctx))


def answered(ctx: Context) -> list[Line]:
    """The last that were answered."""
    with transaction(ctx.engine) as conn:
        return [_line(conn, ctx, row) for row in stored.answered_questions(conn)]


def asked_of_office(ctx: Context, number: int) -> tuple[Line, list[Told]] | None:
    """One question for the office, last of those that it follows; None where nobody asks it (any more)."""
    with transaction(ctx.engine) as conn:
        row = stored.question_by_id(conn, number)
        if row is None:
            return None
        return _line(conn, ctx, row), _thread(conn, ctx, row)


def late(ctx: Context, row: QuestionRow) -> bool:
    """Whether its day has passed without an answer."""
    return row.state == "open" and row.due < city_day(ctx)


def _thread(conn: Connection, ctx: Context, row: QuestionRow) -> list[Told]:
    found, before = [told(ctx, row)], row.follows
    while before is not None and len(found) < PAGE:
        earlier = stored.question_of(conn, row.profile_id, before)
        if earlier is None:
            break
        found.insert(0, told(ctx, earlier))
        before = earlier.follows
    return found


def _line(conn: Connection, ctx: Context, row: QuestionRow) -> Line:
    person = profile_by_id(conn, row.profile_id)
    assert person is not None
    name = ctx.keyring.decrypt(person.name, NAME_PLACE) if person.name else ""
    return Line(row, mask_name(name), person.kind, late(ctx, row))
