"""Questions: a person asks an office, with a day by which the answer is due; who asked is told that it is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from profiles.standards.calendar import NONE, Overrides, add_working_days
from pushsvc.context import Context
from pushsvc.pipeline.answer_letters import tell
from pushsvc.pipeline.days import day_of
from pushsvc.pipeline.faq import Draft, checked, draft
from pushsvc.pipeline.question_words import QuestionError, words
from pushsvc.store import questions as stored
from pushsvc.store.audit import record
from pushsvc.store.people import Profile, lock_profile
from pushsvc.store.questions import ANSWER_PLACE, WORDS_PLACE, QuestionRow
from pushsvc.store.reading import policies_by_id
from pushsvc.store.session import Connection, transaction

__all__ = ["KINDS", "Asking", "By", "QuestionError", "answer", "ask", "due_day", "rate", "see", "withdraw"]

ANSWER_DAYS = 3  # working days that a hard question may take; most take one
KINDS = ("policy", "algorithm", "wrong_person", "other")
MOST_OPEN = 10  # of one profile at a time
LONGEST, LONGEST_ANSWER = 500, 1000  # characters


@dataclass(frozen=True)
class Asking:
    """What a person asks: about a policy or about none, of its office or (`general`) of whoever sorts questions."""

    words: str
    kind: str = "policy"
    policy_id: int | None = None
    general: bool = False
    follows: int | None = None


@dataclass(frozen=True)
class By:
    """Who writes the question, and whether by another's leave."""

    person_id: int
    proxy: bool = False


def ask(ctx: Context, profile_id: int, wish: Asking, by: By) -> int:
    """Put a question; its number, which is the old one where the same waits already. Raises QuestionError."""
    with transaction(ctx.engine) as conn:
        person = lock_profile(conn, profile_id)
        if person is None or person.erased:
            raise QuestionError("unknown_profile", "profile", "There is nobody to ask for.")
        row = _row(ctx, conn, profile_id, wish, by)
        same = stored.same_question(conn, profile_id, row["digest"])  # type: ignore[arg-type]  # bytes, as just made
        if same is not None:
            return same
        if stored.count_open(conn, profile_id) >= MOST_OPEN:
            raise QuestionError("too_many", "words", f"At most {MOST_OPEN} questions may wait at a time.")
        number = stored.add_question(conn, row)
        assert number is not None, "The profile is locked: nobody asked the same meanwhile."
        detail = {"profile": profile_id, "by": by.person_id, "proxy": by.proxy, "kind": row["kind"]}
        about = f"question:{number}"
        record(conn, at=ctx.clock(), actor="person", action="question.ask", object=about, detail=detail)
    return number


def withdraw(ctx: Context, profile_id: int, number: int) -> QuestionRow | None:
    """Take a question back; as it stands then, which is answered where the office was faster. None: not theirs."""
    with transaction(ctx.engine) as conn:
        row = _own(conn, profile_id, number)
        if row is None or row.state != "open":
            return row
        stored.change(conn, number, state="withdrawn", withdrawn_at=ctx.clock())
        about = f"question:{number}"
        record(conn, at=ctx.clock(), actor="person", action="question.withdraw", object=about)
        return stored.question_of(conn, profile_id, number)


def rate(ctx: Context, profile_id: int, number: int, *, useful: bool) -> bool:
    """Say whether the answer helped; False where there is no answer of theirs."""
    with transaction(ctx.engine) as conn:
        row = _own(conn, profile_id, number)
        if row is None or row.state != "answered":
            return False
        stored.change(conn, number, useful=useful)
        return True


def see(ctx: Context, profile_id: int, number: int) -> QuestionRow | None:
    """One of the profile's own questions, its answer seen from now on; None where it is not theirs."""
    with transaction(ctx.engine) as conn:
        row = stored.question_of(conn, profile_id, number)
        if row is not None and row.state == "answered" and row.seen_at is None:
            stored.change(conn, number, seen_at=ctx.clock())
        return row


def answer(ctx: Context, number: int, text: str, *, by: str, public: Draft | None = None) -> None:
    """Answer a question, once; `public`: what everybody may read of it, drafted beside. Raises QuestionError."""
    said = words(text, LONGEST_ANSWER, place="answer")
    with transaction(ctx.engine) as conn:
        row, _ = _open_one(conn, number)
        if public is not None:
            draft(ctx, conn, checked(public, _thread_words(ctx, conn, row), row.title), by=by, of=row)
        cipher = ctx.keyring.encrypt(said, ANSWER_PLACE)
        now = ctx.clock()
        stored.change(conn, number, state="answered", answer=cipher, answered_by=by, answered_at=now)
        tell(ctx, conn, row)
        late = (day_of(now) - row.due).days
        detail = {"days_late": max(0, late), "faq": public is not None}
        record(conn, at=now, actor=by, action="question.answer", object=f"question:{number}", detail=detail)
    ctx.nudge("pushsvc.deliver.urgent")


def due_day(asked_at: datetime, calendar: Overrides = NONE) -> date:
    """The last day for the answer to what was asked then, by the operator's calendar where there is one."""
    return add_working_days(day_of(asked_at), ANSWER_DAYS, calendar)[0]


def _row(ctx: Context, conn: Connection, profile_id: int, wish: Asking, by: By) -> dict[str, object]:
    said = words(wish.words, LONGEST, place="words")
    if wish.kind not in KINDS:
        raise QuestionError("unknown_kind", "kind", "No such kind of question.")
    policy_id, agency = wish.policy_id, ""
    if wish.follows is not None:
        first = stored.question_of(conn, profile_id, wish.follows)
        if first is None or first.state != "answered":
            raise QuestionError("unknown_question", "follows", "There is no such answer to ask about.")
        policy_id, agency = first.policy_id, first.agency
    elif policy_id is not None:
        found = policies_by_id(conn, [policy_id]).get(policy_id)
        if found is None:
            raise QuestionError("unknown_policy", "policy", "There is no such policy.")
        agency = "" if wish.general else found.agency
    now = ctx.clock()
    told = f"{wish.kind}\0{policy_id}\0{agency}\0{wish.follows}\0{said}"
    return {
        "profile_id": profile_id,
        "person_id": by.person_id,
        "by_proxy": by.proxy,
        "policy_id": policy_id,
        "follows": wish.follows,
        "kind": wish.kind,
        "agency": agency,
        "words": ctx.keyring.encrypt(said, WORDS_PLACE),
        "digest": ctx.keyring.lookup("question", told),
        "asked_at": now,
        "due": due_day(now, ctx.settings.calendar),
    }


def _own(conn: Connection, profile_id: int, number: int) -> QuestionRow | None:
    """One of the profile's own, held; the profile first, as whoever answers or erases does."""
    if lock_profile(conn, profile_id) is None:
        return None
    row = stored.lock_question(conn, number)
    return row if row is not None and row.profile_id == profile_id else None


def _thread_words(ctx: Context, conn: Connection, row: QuestionRow) -> str:
    """What the person wrote in it and in those that it follows: whoever answers reads all of it."""
    found: list[str] = []
    at: QuestionRow | None = row
    while at is not None:
        found.append(ctx.keyring.decrypt(at.words, WORDS_PLACE))
        at = stored.question_of(conn, at.profile_id, at.follows) if at.follows is not None else None
    return "\n".join(found)


def _open_one(conn: Connection, number: int) -> tuple[QuestionRow, Profile]:
    whose = stored.profile_of(conn, number)
    person = lock_profile(conn, whose) if whose is not None else None
    row = stored.lock_question(conn, number)
    if row is None or person is None or person.erased or row.state == "withdrawn":
        raise QuestionError("unknown_question", "id", "There is no such question.")
    if row.state == "answered":
        raise QuestionError("answered", "id", "This question has its answer already.")
    return row, person
