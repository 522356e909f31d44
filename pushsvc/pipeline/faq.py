"""What is answered to everybody: written anew by an operator, published by another, never changed afterwards."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from pushsvc.context import Context
from pushsvc.pipeline.four_eyes import same_person
from pushsvc.pipeline.question_words import QuestionError, words
from pushsvc.store import faq as stored
from pushsvc.store.audit import record
from pushsvc.store.faq import FaqRow
from pushsvc.store.questions import QuestionRow
from pushsvc.store.reading import policies_by_id
from pushsvc.store.session import Connection, transaction
from recommenders import words as cutting

LONGEST, LONGEST_ANSWER = 200, 1000  # characters
SIMILAR = 5
_MOST_WORDS = 12
_QUOTED = 16  # letters in a row of a person's own words, the name of the policy aside
# A mobile number, an identity card's or a mailbox: of nobody may they stand where everybody reads.
_PERSONAL = re.compile(
    r"(?<!\d)(?:(?:00)?86)?1[3-9]\d{9}(?!\d)|(?<!\d)\d{17}[\dXx](?![\dXx])|[\w.+-]{1,64}\s?@\s?[\w-]{1,64}\.\w"
)
_BETWEEN = re.compile(r"(?<=\d)[\s./·•()\-\u2010-\u2015]{1,3}(?=\d)")  # how a number is cut up to be read
_UNSEEN = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Draft:
    """What everybody may read: a question in general words, and its answer."""

    question: str
    answer: str
    policy_id: int | None = None


def checked(given: Draft, asked: str = "", title: str | None = None) -> Draft:
    """The draft, cleaned. `asked`: what a person asked, about a policy of this title. Raises QuestionError: too long,
    somebody's number in it, or the words that the person wrote."""
    question = words(given.question, LONGEST, place="faq_question")
    reply = words(given.answer, LONGEST_ANSWER, place="faq_answer")
    for text, place in ((question, "faq_question"), (reply, "faq_answer")):
        if _PERSONAL.search(_BETWEEN.sub("", unicodedata.normalize("NFKC", text))):
            raise QuestionError("personal", place, "A number, card or mailbox of a person stands in it.")
        if _quotes(text, asked.split(title) if title else [asked]):
            raise QuestionError("quoted", place, "These are the words that the person wrote.")
    return Draft(question, reply, given.policy_id)


def draft(ctx: Context, conn: Connection, given: Draft, *, by: str, of: QuestionRow | None = None) -> int:
    """Keep a checked draft; its number. `of`: the question that gave rise to it, by whose policy and office it goes."""
    policy_id, agency = (of.policy_id, of.agency) if of else (given.policy_id, "")
    if of is None and policy_id is not None:
        found = policies_by_id(conn, [policy_id]).get(policy_id)
        if found is None:
            raise QuestionError("unknown_policy", "policy", "There is no such policy.")
        agency = found.agency
    row: dict[str, object] = {"policy_id": policy_id, "question_id": of.id if of else None, "agency": agency}
    row |= {"question": given.question, "answer": given.answer, "author": by, "written_at": ctx.clock()}
    number = stored.add_faq(conn, row)
    record(conn, at=ctx.clock(), actor=by, action="faq.write", object=f"faq:{number}")
    return number


def write(ctx: Context, given: Draft, *, by: str) -> int:
    """Draft one that nobody asked for; its number. Raises QuestionError."""
    with transaction(ctx.engine) as conn:
        return draft(ctx, conn, checked(given), by=by)


def publish(ctx: Context, number: int, *, by: str) -> None:
    """Let everybody read it. Raises QuestionError own_draft for its author; a second time is harmless."""
    with transaction(ctx.engine) as conn:
        row = _one(conn, number)
        if row.state == "published":
            return
        if row.state != "draft":
            raise QuestionError("withdrawn", "id", "It was taken back; it is written anew.")
        if same_person(row.author, by):
            raise QuestionError("own_draft", "id", "Who wrote it does not publish it.")
        stored.change(conn, number, state="published", reviewer=by, published_at=ctx.clock())
        record(conn, at=ctx.clock(), actor=by, action="faq.publish", object=f"faq:{number}")


def withdraw(ctx: Context, number: int, *, by: str) -> None:
    """Take a draft or a published one back, at once and by one person; again is harmless. Raises QuestionError."""
    with transaction(ctx.engine) as conn:
        row = _one(conn, number)
        if row.state != "withdrawn":
            stored.change(conn, number, state="withdrawn", withdrawn_at=ctx.clock(), withdrawn_by=by)
            record(conn, at=ctx.clock(), actor=by, action="faq.withdraw", object=f"faq:{number}")


def on_policy(conn: Connection, policy_id: int) -> list[FaqRow]:
    """What is answered on a policy and on others of its family."""
    return stored.of_family(conn, policy_id)


def similar(conn: Connection, text: str, *, limit: int = SIMILAR) -> list[FaqRow]:
    """Published ones that share words with the text, the ones that share most before the others, then the newest."""
    wanted = list(dict.fromkeys(_words(text)))[:_MOST_WORDS]
    shared = {row: _shared(wanted, row) for row in stored.with_any(conn, wanted)}
    return sorted(shared, key=lambda row: (-shared[row], -row.id))[:limit]


def _words(text: str) -> Iterable[str]:
    """Its words; of what has none its visible characters."""
    found = list(cutting.words(text))
    return found or [one for one in [" ".join(text.split())] if _UNSEEN.sub("", one)]


def _shared(wanted: list[str], row: FaqRow) -> int:
    """How much it has of the words: one in its question counts double, and a long one more."""
    asked, said = row.question.lower(), row.answer.lower()
    return sum(len(word) * (2 * (word in asked) + (word in said)) for word in wanted)


def _quotes(text: str, asked: Iterable[str]) -> bool:
    """Whether so many letters in a row are a person's own, whatever stood between them."""
    mine = _UNSEEN.sub("", text)
    for part in asked:
        theirs = _UNSEEN.sub("", part)
        if any(theirs[at : at + _QUOTED] in mine for at in range(len(theirs) - _QUOTED + 1)):
            return True
    return False


def _one(conn: Connection, number: int) -> FaqRow:
    row = stored.lock_faq(conn, number)
    if row is None:
        raise QuestionError("unknown_faq", "id", "There is no such entry.")
    return row
