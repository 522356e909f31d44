"""A self-check: one policy against what is held of a person and what they say now; nothing of that is kept.

What they say is laid over the columns before anything is derived, and then the columns decide, as they always do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np

from profiles.building import build_frame, certificates_of
from profiles.columns import EPOCH, MISSING_DATE, Frame, Listing, Nested
from profiles.criteria import Clause
from profiles.criteria.deciding import judge
from profiles.criteria.leaves import Days
from profiles.criteria.proofs import prove_judged
from profiles.criteria.trees import Criteria
from profiles.errors import ProfilesError
from profiles.facts import LISTS, SENSITIVE
from profiles.lifecycle import derive
from profiles.ragged import ragged
from pushsvc.context import Context
from pushsvc.pipeline.check_questions import Choice, Question, questions_for
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.fitting import Fit, criteria_of, days_of, fit
from pushsvc.pipeline.held import certificate_name
from pushsvc.pipeline.shared_figures import bound
from pushsvc.pipeline.value_words import as_text, read_value, say_value
from pushsvc.store.frames import load_frame
from pushsvc.store.policies import Policy, policy_by_id
from pushsvc.store.session import transaction

CHOSEN, TYPED = "a.", "x."  # what a field's name begins with
_ROUNDS = 5  # an answer may show that another fact is missing, and that one's again another


@dataclass(frozen=True)
class Answer:
    """What the person says to one question, in words. `text`: as it may be kept as a fact; None for a range."""

    question: Question
    words: str
    value: object
    text: str | None = None


@dataclass(frozen=True)
class Checked:
    """The policy and how it stands with the answers. `questions`: all that were or are missing; `wrong`: by key, what
    cannot be read; `said`: for each clause of the fit the answers that it was decided by; `left`: facts that cannot be
    asked here."""

    policy: Policy
    fit: Fit
    questions: tuple[Question, ...] = ()
    answers: Mapping[str, Answer] = field(default_factory=dict)
    wrong: frozenset[str] = frozenset()
    said: tuple[tuple[Answer, ...], ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Asked:
    """The one policy and the one person of the raw frame."""

    tree: Criteria
    frame: Frame
    kind: str
    days: Days
    locale: str

    def clauses(self, frame: Frame) -> list[Clause]:
        """Each clause as it stands."""
        return prove_judged(judge(self.tree.root, frame, self.days), frame, self.days)


def self_check(ctx: Context, profile_id: int, policy_id: int, locale: str, given: Mapping[str, str]) -> Checked | None:
    """The check with the fields of its form as they were given; None where there is no such published policy or person.

    Writes nothing.
    """
    with transaction(ctx.engine) as conn:
        policy = policy_by_id(conn, policy_id)
        if policy is None or policy.state != "published":
            return None
        on = city_day(ctx)
        (policy,) = bound(conn, [policy], on)
        tree = criteria_of(policy)
        sensitive = [name for name in SENSITIVE if tree is not None and name in tree.facts]
        ids = np.array([profile_id], dtype=np.int64)
        frame = load_frame(conn, profile_ids=ids, keyring=ctx.keyring, sensitive=sensitive)
    if not len(frame):
        return None
    if tree is None:
        return Checked(policy, fit(policy, derive(frame, on), on, locale))
    kind = frame.column("kind")
    asked = _Asked(tree, frame, kind.levels[int(kind.values[0])], Days(on, **days_of(policy)), locale)
    return _checked(policy, asked, given)


def _checked(policy: Policy, asked: _Asked, given: Mapping[str, str]) -> Checked:
    questions: dict[str, Question] = {}
    answers: dict[str, Answer] = {}
    wrong: set[str] = set()
    lacked: list[set[str]] = []
    left: list[str] = []
    on = asked.days.on
    for _ in range(_ROUNDS):
        frame = derive(laid_over(asked.frame, _whole(questions, answers)), on)
        clauses = asked.clauses(frame)
        before = lacked or [set() for _ in clauses]
        lacked = [names | set(one.missing) for names, one in zip(before, clauses, strict=True)]
        missing = sorted({name for one in clauses for name in one.missing})
        found, left = questions_for(asked.tree.root, missing, kind=asked.kind, days=asked.days, locale=asked.locale)
        new = [one for one in found if one.key not in questions]
        questions |= {one.key: one for one in new}
        for one in new:
            _hear(one, given, asked, into=(answers, wrong))
        if not any(one.key in answers for one in new):
            break
    said = tuple(
        tuple(one for one in answers.values() if one.question.about in names and _is_about(one.question, clause))
        for names, clause in zip(lacked, clauses, strict=True)
    )
    found_fit = fit(policy, frame, on, asked.locale)
    return Checked(policy, found_fit, tuple(questions.values()), answers, frozenset(wrong), said, tuple(left))


def _whole(questions: Mapping[str, Question], answers: Mapping[str, Answer]) -> list[Answer]:
    """The answers, but those to a part of a list: half a list would say that the other half is not on it."""
    open_ = {one.about for one in questions.values() if one.key not in answers and one.about in LISTS}
    return [one for one in answers.values() if one.question.about not in open_]


def _is_about(question: Question, clause: Clause) -> bool:
    """Whether the clause asks for this certificate, or this word of a list; of a fact it has just been told so."""
    word = question.key.partition(":")[2]
    name = certificate_name(word, "zh") if question.about == "qualifications" else word
    return name in clause.asked_zh + clause.words_zh


def laid_over(frame: Frame, answers: Iterable[Answer]) -> Frame:
    """The raw frame of one person with what they say in the place of what is held; nothing of it is derived yet."""
    columns: dict[str, Any] = {}
    for one in answers:
        fact, _, word = one.question.key.partition(":")
        if fact == "qualifications":
            frame = replace(frame, qualifications=_with_paper(frame, one.value))
        elif word:
            frame = replace(frame, lists={**frame.lists, fact: _with_word(frame, fact, word, held=bool(one.value))})
        else:
            columns[fact] = build_frame([0], {fact: [one.value]}).columns[fact]
    return frame.with_columns(columns)


def _hear(
    question: Question, given: Mapping[str, str], asked: _Asked, *, into: tuple[dict[str, Answer], set[str]]
) -> None:
    """The answer to the question among the fields, if there is one: what was typed before what was chosen."""
    answers, wrong = into
    typed = given.get(TYPED + question.key, "").strip() if question.shape else ""
    if typed:
        try:
            value = read_value(question.fact, typed, asked.days.on)
        except ProfilesError:
            wrong.add(question.key)
            return
        words = say_value(question.fact, value, asked.locale)
        answers[question.key] = Answer(question, words, value, as_text(value))
        return
    code = given.get(CHOSEN + question.key, "")
    choice: Choice | None = next((one for one in question.choices if one.code == code), None)
    if choice is not None:
        answers[question.key] = Answer(question, choice.words, choice.value, choice.text)


def _with_paper(frame: Frame, paper: Any) -> Nested:
    """The certificates held, and this one in the place of those of its key."""
    held = frame.certificates()
    key, start, end = held.columns["key"], held.columns["valid_from"], held.columns["valid_until"]
    papers = [
        (key.levels[code], _day(first), _day(last))
        for code, first, last in zip(key.values.tolist(), start.values.tolist(), end.values.tolist(), strict=True)
    ]
    return certificates_of([[*(one for one in papers if one[0] != paper[0]), paper]])


def _day(value: int) -> date | None:
    return None if value == MISSING_DATE else date.fromordinal(value + EPOCH)


def _with_word(frame: Frame, fact: str, word: str, *, held: bool) -> Listing:
    """The list with or without the word, told from now on."""
    words: Sequence[str] = frame.listing(fact).sets.words(0)
    return Listing(ragged([[*(one for one in words if one != word), *([word] if held else [])]]), np.array([True]))
