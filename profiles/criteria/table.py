"""The clause table: one person against many policies at once. The same answers as `decide`, policy by policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Frame
from profiles.criteria import conditions as c
from profiles.criteria.asking import Sheet, truths
from profiles.criteria.compiling import Entry, compile_entries
from profiles.criteria.deciding import members
from profiles.criteria.families import Families, family_truths
from profiles.criteria.measures import last_part, measure_lacking
from profiles.criteria.program import Program
from profiles.criteria.truths import UNKNOWN, Truth
from profiles.derived import PARTS, lacking
from profiles.ragged import Mask, Rows

__all__ = ["Answers", "ClauseTable", "Entry", "answer", "compile_table", "joined", "states", "truths_of"]

_STATES = np.array([0, -1, 1], dtype=np.int8)


@dataclass(frozen=True)
class Answers:
    """`state` int8[p]: 1 yes, 0 no (also where a policy is matched to nobody), -1 unknown.

    `missing` bool[p, f]: which of the `facts` would tell, for a policy that is unknown.
    """

    state: NDArray[np.int8]
    facts: tuple[str, ...]
    missing: Mask

    def missing_of(self, policy: int) -> tuple[str, ...]:
        """The facts that would tell for one policy."""
        return tuple(fact for fact, lacks in zip(self.facts, self.missing[policy].tolist(), strict=True) if lacks)


@dataclass(frozen=True)
class ClauseTable:
    """p policies; `family`: what they ask of family members. Made once, asked by anybody."""

    people: Sheet
    family: Sheet

    def __len__(self) -> int:
        return len(self.people.program.roots)


def compile_table(entries: Sequence[Entry]) -> ClauseTable:
    """The policies' trees, each distinct condition once."""
    people, family = compile_entries(entries)
    return ClauseTable(Sheet(people), Sheet(family))


def joined(parts: Sequence[Answers], rows: Rows) -> Answers:
    """The answers of several tables as one: `rows` int64[p] counts through them, -1 is matched to nobody."""
    facts = tuple(sorted({fact for part in parts for fact in part.facts}))
    total = sum(len(part.state) for part in parts)
    state, missing = np.zeros(total + 1, dtype=np.int8), np.zeros((total + 1, len(facts)), dtype=np.bool_)
    start = 0
    for part in parts:
        end = start + len(part.state)
        state[start:end] = part.state
        missing[start:end, [facts.index(fact) for fact in part.facts]] = part.missing
        start = end
    return Answers(state[rows], facts, missing[rows])


def states(table: ClauseTable, person: Frame, on: date) -> NDArray[np.int8]:
    """`Answers.state` alone."""
    return _states(table.people.program, table.people.program.run(truths_of(table, person, on)))


def answer(table: ClauseTable, person: Frame, on: date) -> Answers:
    """Every policy for the one person of the frame, as of a day, with what is missing."""
    program = table.people.program
    held = truths_of(table, person, on)
    values = program.run(held)
    facts, marks = _marks(table.people, person, on, held)
    bits = program.still_open(values, marks)
    found = np.unpackbits(bits.view(np.uint8), axis=1, bitorder="little")[:, : len(facts)]
    return Answers(_states(program, values), facts, found.astype(np.bool_))


def _states(program: Program, values: Truth) -> NDArray[np.int8]:
    result = np.zeros(len(program.roots), dtype=np.int8)
    matched = program.roots >= 0
    result[matched] = _STATES[values[program.roots[matched]]]
    return result


def truths_of(table: ClauseTable, person: Frame, on: date) -> Truth:
    """uint8[L]: every condition for the person, their family asked first."""
    family = members(person)
    program = table.family.program
    of_members = program.run(truths(table.family, family, on, _nobody))[program.roots]
    return truths(table.people, person, on, lambda asked: family_truths(asked, of_members))[:, 0]


def _nobody(asked: Families) -> Truth:
    raise AssertionError("a family member has no family of its own")


def _marks(sheet: Sheet, person: Frame, on: date, held: Truth) -> tuple[tuple[str, ...], NDArray[np.uint64]]:
    """The facts that unknown conditions lack, and bits uint64[L, w] of which condition lacks which."""
    subjects, number_of = sheet.subjects
    unknown = np.flatnonzero(held == UNKNOWN)
    lacking_of = {one: tuple(_lacks(subjects[one], person, on)) for one in np.unique(number_of[unknown]).tolist()}
    facts = tuple(sorted({fact for names in lacking_of.values() for fact in names}))
    bit_of = {fact: i for i, fact in enumerate(facts)}
    bits = np.zeros((len(subjects), len(facts) // 64 + 1), dtype=np.uint64)
    for subject, names in lacking_of.items():
        for fact in names:
            bits[subject, bit_of[fact] // 64] |= np.uint64(1 << bit_of[fact] % 64)
    marks = np.zeros((len(held), bits.shape[1]), dtype=np.uint64)
    marks[unknown] = bits[number_of[unknown]]
    return facts, marks


def _lacks(asked: c.Quantity | c.Condition, person: Frame, on: date) -> Iterator[str]:
    """What an unknown condition lacks; where all is held and still tells nothing, the last part is to be confirmed."""
    match asked:
        case c.Quantity(what=c.AskedDay()):
            pass
        case c.Quantity(what=c.DateOf() | c.FlagOf() as held):
            yield held.fact
        case c.Quantity(what=measure):
            on = asked.on or on
            assert not isinstance(measure, (c.AskedDay, c.DateOf, c.FlagOf))
            found = [fact for fact, mask in measure_lacking(measure, person, on).items() if mask[0]]
            yield from found or [last_part(measure, on)]
        case c.OfLevel(leaf=leaf):
            found = [fact for fact, mask in lacking(person, leaf.fact, on).items() if mask[0]]
            yield from found or [PARTS.get(leaf.fact, (leaf.fact,))[-1]]
        case c.Listed():
            yield asked.fact
        case c.Certified():
            yield "qualifications"
        case c.OfFamily():
            yield "dependants"
