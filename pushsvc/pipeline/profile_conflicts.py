"""Where something is held and something else is said: the rule of `profiles.conflicts`, over all facts of a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from profiles.columns import EPOCH
from profiles.conflicts import ALWAYS, Words, believed, why_not
from profiles.facts import FACTS
from profiles.sources import Source, source_of
from pushsvc.pipeline.profile_batch import Batch
from pushsvc.store.people_import import OldWord

HELD, SAID = -1, -2  # what is believed: one of these, or the place of an old word among those of its fact
_TURNS = {HELD: 1, SAID: 2}  # an old word was said before either

Key = tuple[int, str, "int | None"]  # profile, fact, year
Said = tuple[str, date]  # source and day
Past = Mapping[Key, Sequence[tuple[int, OldWord]]]  # old words with the numbers of their rows


@dataclass(frozen=True)
class Contest:
    """One fact (of a year) of m profiles: the rows of the batch, what is held, by whom and since when, what is said."""

    fact: str
    year: int | None
    rows: NDArray[np.int64]
    held: Sequence[object]
    source: Sequence[str]
    day: NDArray[np.int64]
    said: Sequence[object]


@dataclass(frozen=True)
class Settled:
    """A contest settled. `won` bool[m]: the word said is held from now on.

    `revived`: an old word that is held again, by place; the numbers of its row in the history. `old`: new old words.
    """

    contest: Contest
    won: NDArray[np.bool_]
    revived: Mapping[int, tuple[int, OldWord]]
    old: Sequence[OldWord]


def differing(batch: Batch, contests: Iterable[Contest]) -> list[int]:
    """The profiles of which two sources speak: only of these must the past be known."""
    found: set[int] = set()
    for one in contests:
        pairs = zip(one.rows.tolist(), one.source, strict=True)
        found.update(batch.ids[row] for row, source in pairs if source != batch.source[row])
    return sorted(found)


def settle(batch: Batch, contests: Sequence[Contest], past: Past) -> list[Settled]:
    """Each contest by the one rule."""
    table = _Table(batch.sources)
    for one in contests:
        _enter(table, batch, one, past)
    words, who = table.words()
    best = believed(words)
    why = why_not(words, best)
    winner, held, said = (np.zeros(table.count, dtype=np.int64) for _ in range(3))
    winner[words.about[best]] = who[best]
    for places, whom in ((held, HELD), (said, SAID)):
        places[words.about[who == whom]] = np.flatnonzero(who == whom)
    made, start = [], 0
    for one in contests:
        about = slice(start, start + len(one.rows))
        made.append(_settled(batch, one, past, _Verdict(winner[about], why[held[about]], why[said[about]])))
        start += len(one.rows)
    return made


def better(sources: Mapping[str, Source], pairs: Sequence[tuple[Said, Said]]) -> list[bool]:
    """For each (held, said), both as (source, day): whether the word said is believed. The same rule for two words."""
    table, about = _Table(sources), np.arange(len(pairs), dtype=np.int64)
    for whom, side in ((HELD, [held for held, _ in pairs]), (SAID, [said for _, said in pairs])):
        days = np.array([found.toordinal() - EPOCH for _, found in side], dtype=np.int64)
        table.add(about, [source for source, _ in side], days, whom)
    words, who = table.words()
    return list((believed(words)[who == SAID]).tolist())


def best(sources: Mapping[str, Source], words: Sequence[Said]) -> int:
    """The place of the one that is believed among words on one fact, given in the order in which they were said."""
    table = _Table(sources)
    for place, (source, found) in enumerate(words):
        day = np.array([found.toordinal() - EPOCH], dtype=np.int64)
        table.add(np.zeros(1, dtype=np.int64), [source], day, place)
    found_words, who = table.words()
    return int(who[believed(found_words)][0])


def past_of(words: Iterable[tuple[int, OldWord]]) -> Past:
    """Old words by what they are on."""
    found: dict[Key, list[tuple[int, OldWord]]] = {}
    for number, word in words:
        found.setdefault((word.profile_id, word.fact, word.year), []).append((number, word))
    return found


def as_text(value: object) -> str:
    """A value as the history keeps it."""
    return "|".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def from_text(fact: str, text: str) -> object:
    """A value that the history kept."""
    readers: dict[str, Callable[[str], object]] = {
        "number": float,
        "flag": lambda word: word in ("True", "yes", "1"),
        "date": date.fromisoformat,
        "set": lambda word: [part for part in word.split("|") if part],
    }
    return readers.get(FACTS[fact].kind, str)(text)


class _Table:
    """Words as they are gathered, by column."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources
        self._known: dict[str, tuple[int, int]] = {}
        self._columns: list[tuple[NDArray[np.int64], ...]] = []
        self.count = 0

    def add(self, about: NDArray[np.int64], source: Sequence[str], day: NDArray[np.int64], whom: int) -> None:
        for name in set(source) - self._known.keys():
            found = source_of(name, self._sources)
            self._known[name] = (found.rank, ALWAYS if found.holds_days is None else found.holds_days)
        trust = np.array([self._known[name] for name in source], dtype=np.int64).reshape(len(source), 2)
        turn = np.full(len(about), _TURNS.get(whom, -1), dtype=np.int64)
        self._columns.append((about, trust[:, 0], trust[:, 1], day, turn, np.full(len(about), whom, dtype=np.int64)))

    def words(self) -> tuple[Words, NDArray[np.int64]]:
        empty = tuple(np.zeros(0, dtype=np.int64) for _ in range(6))
        *columns, who = (np.concatenate(parts) for parts in zip(empty, *self._columns, strict=True))
        return Words(*columns), who


def _enter(table: _Table, batch: Batch, one: Contest, past: Past) -> None:
    about = np.arange(table.count, table.count + len(one.rows), dtype=np.int64)
    table.count += len(one.rows)
    rows = one.rows.tolist()
    table.add(about, one.source, one.day, HELD)
    table.add(about, [batch.source[row] for row in rows], batch.days[one.rows], SAID)
    if past:
        for place, row in enumerate(rows):
            for at, (_, word) in enumerate(past.get((batch.ids[row], one.fact, one.year), ())):
                day = np.array([word.as_of.toordinal() - EPOCH], dtype=np.int64)
                table.add(about[place : place + 1], [word.source], day, at)


@dataclass(frozen=True)
class _Verdict:
    """Of a contest: who is believed, and why the word held and the word said would not be."""

    winner: NDArray[np.int64]
    why_held: NDArray[np.str_]
    why_said: NDArray[np.str_]


def _settled(batch: Batch, one: Contest, past: Past, verdict: _Verdict) -> Settled:
    rows, winners = one.rows.tolist(), verdict.winner.tolist()
    revived: dict[int, tuple[int, OldWord]] = {}
    old: list[OldWord] = []
    for place, (row, winner) in enumerate(zip(rows, winners, strict=True)):
        if winner < 0 and one.held[place] == one.said[place] and one.source[place] == batch.source[row]:
            continue  # nothing is lost
        before = past.get((batch.ids[row], one.fact, one.year), ())
        why_held, why_said = str(verdict.why_held[place]), str(verdict.why_said[place])
        said = _old(batch, one, place, (as_text(one.said[place]), batch.source[row], batch.dates[row], why_said))
        if winner != SAID and not any(_same(word, said) for _, word in before):
            old.append(said)
        if winner != HELD:
            day = date.fromordinal(max(int(one.day[place]) + EPOCH, 1))  # the oldest where none was noted
            old.append(_old(batch, one, place, (as_text(one.held[place]), one.source[place], day, why_held)))
        if winner >= 0:
            revived[place] = before[winner]
    return Settled(one, verdict.winner == SAID, revived, old)


def _old(batch: Batch, one: Contest, place: int, word: tuple[str, str, date, str]) -> OldWord:
    value, source, day, why = word
    return OldWord(batch.ids[int(one.rows[place])], one.fact, one.year, value, source, day, why)


def _same(one: OldWord, other: OldWord) -> bool:
    return (one.value, one.source, one.as_of) == (other.value, other.source, other.as_of)
