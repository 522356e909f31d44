"""Questions that people put to an office. What either side wrote is ciphertext."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from pushsvc.store.session import Connection
from pushsvc.store.tables import policy, profile, question

WORDS_PLACE, ANSWER_PLACE = "question:words", "question:answer"
GENERAL = "-"  # in a filter: those that name no office


@dataclass(frozen=True)
class QuestionRow:
    """One question as stored, with the title of its policy; words and answer are ciphertext."""

    id: int
    profile_id: int
    person_id: int
    by_proxy: bool
    policy_id: int | None
    follows: int | None
    kind: str
    agency: str
    words: bytes
    state: str
    asked_at: datetime
    due: date
    answered_at: datetime | None
    answered_by: str | None
    answer: bytes | None
    seen_at: datetime | None
    useful: bool | None
    title: str | None
    public: bool


@dataclass(frozen=True)
class Waiting:
    """How many wait, how many of them past their day, and how many for each office."""

    total: int
    late: int
    by_agency: dict[str, int]


_QUERY = select(
    *(question.c[name] for name in QuestionRow.__dataclass_fields__ if name not in ("title", "public")),
    policy.c.title,
    func.coalesce(policy.c.state == "published", False).label("public"),
).outerjoin(policy, policy.c.id == question.c.policy_id)


def add_question(conn: Connection, row: dict[str, object]) -> int | None:
    """Keep what was asked; its number, or None where the same waits for its answer already."""
    once = [question.c.profile_id, question.c.digest]
    made = upsert(question).values(row)
    made = made.on_conflict_do_nothing(index_elements=once, index_where=question.c.state == "open")
    number: int | None = conn.scalar(made.returning(question.c.id))
    return number


def same_question(conn: Connection, profile_id: int, digest: bytes) -> int | None:
    """The question that waits and asks the very same."""
    mine = question.c.profile_id == profile_id, question.c.digest == digest, question.c.state == "open"
    return conn.scalar(select(question.c.id).where(*mine))


def questions_of(conn: Connection, profile_id: int, *, limit: int | None = 200) -> list[QuestionRow]:
    """What was asked for one profile, the newest first."""
    return _rows(conn, _QUERY.where(question.c.profile_id == profile_id).order_by(question.c.id.desc()).limit(limit))


def question_of(conn: Connection, profile_id: int, number: int) -> QuestionRow | None:
    """One of the profile's own; None where it is another's."""
    found = _rows(conn, _QUERY.where(question.c.id == number, question.c.profile_id == profile_id))
    return found[0] if found else None


def question_by_id(conn: Connection, number: int) -> QuestionRow | None:
    """One question for an office; None where nobody asks it (any more)."""
    query = _QUERY.join(profile, profile.c.id == question.c.profile_id)
    live = profile.c.erased_at.is_(None), question.c.state != "withdrawn"
    found = _rows(conn, query.where(question.c.id == number, *live))
    return found[0] if found else None


def lock_question(conn: Connection, number: int) -> QuestionRow | None:
    """One question, held until the end of the transaction."""
    found = _rows(conn, _QUERY.where(question.c.id == number).with_for_update(of=question))
    return found[0] if found else None


def profile_of(conn: Connection, number: int) -> int | None:
    """For whom it was asked."""
    return conn.scalar(select(question.c.profile_id).where(question.c.id == number))


def count_open(conn: Connection, profile_id: int) -> int:
    """How many of the profile's wait for an answer."""
    mine = question.c.profile_id == profile_id, question.c.state == "open"
    return conn.scalar(select(func.count()).select_from(question).where(*mine)) or 0


def count_unseen(conn: Connection, profile_id: int) -> int:
    """How many of the profile's answers nobody has read yet."""
    mine = question.c.profile_id == profile_id, question.c.state == "answered", question.c.seen_at.is_(None)
    return conn.scalar(select(func.count()).select_from(question).where(*mine)) or 0


def change(conn: Connection, number: int, **values: object) -> None:
    """Set columns of one question, which the caller holds or may overwrite."""
    conn.execute(update(question).where(question.c.id == number).values(**values))


def open_questions(conn: Connection, *, agency: str = "", limit: int = 50, offset: int = 0) -> list[QuestionRow]:
    """Those that wait, the one due first before the others; of one office where it is given (GENERAL: of none)."""
    query = _waiting(_QUERY).order_by(question.c.due, question.c.id)
    if agency:
        query = query.where(question.c.agency == ("" if agency == GENERAL else agency))
    return _rows(conn, query.limit(limit).offset(offset))


def answered_questions(conn: Connection, *, limit: int = 20) -> list[QuestionRow]:
    """The last that were answered."""
    query = _QUERY.join(profile, profile.c.id == question.c.profile_id)
    live = profile.c.erased_at.is_(None), question.c.state == "answered"
    return _rows(conn, query.where(*live).order_by(question.c.answered_at.desc(), question.c.id.desc()).limit(limit))


def waiting(conn: Connection, today: date) -> Waiting:
    """The figures of all that wait."""
    late = func.count().filter(question.c.due < today)
    query = _waiting(select(question.c.agency, func.count(), late)).group_by(question.c.agency)
    rows = conn.execute(query.order_by(func.count().desc(), question.c.agency)).all()
    return Waiting(sum(row[1] for row in rows), sum(row[2] for row in rows), {row[0]: row[1] for row in rows})


# The run of an answer is named after its question.
_OF_LETTERS = text("""
    select i.id as letter, substr(r.key, 8)::bigint as question from inbox i
    join delivery d on d.wire_key = i.wire_key join run r on r.id = d.run_id
    where i.recipient_id = :who and i.id = any(:ids) and r.kind = 'system' and r.key like 'answer:%'
""")


def of_letters(conn: Connection, recipient_id: int, letter_ids: Sequence[int]) -> dict[int, int]:
    """Letter → question, for those of a person's letters that tell of an answer."""
    rows = conn.execute(_OF_LETTERS, {"who": recipient_id, "ids": list(letter_ids)})
    return {row.letter: row.question for row in rows}


def _waiting(query: Select[Any]) -> Select[Any]:
    query = query.join(profile, profile.c.id == question.c.profile_id)
    return query.where(profile.c.erased_at.is_(None), question.c.state == "open")


def _rows(conn: Connection, query: Select[Any]) -> list[QuestionRow]:
    return [QuestionRow(**row) for row in conn.execute(query).mappings()]
