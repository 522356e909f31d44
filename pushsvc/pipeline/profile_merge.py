"""What a batch changes of the facts held: which words are believed, and the columns to write. No statements here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from profiles.column_cells import valid
from profiles.columns import day
from profiles.said import Coded
from pushsvc.pipeline.profile_batch import Batch
from pushsvc.pipeline.profile_conflicts import Contest, Settled, from_text
from pushsvc.store.bulk import words_literal
from pushsvc.store.people_import import TOLD_LISTS, OldWord
from pushsvc.store.profile_parts import HeldYear

INTERESTS = "interests"  # in `sources`: source, date, then the tags that the register named last
LISTED_ON = "qualifications_listed_on"
_TIGHT = (",", ":")  # no blanks: hundreds of bytes a row
_LONG_AGO = -(2**30)  # the day of a value that came without one


@dataclass
class Merging:
    """One column of facts on its way: what is said (an Arrow column or lists), where, and what is held from now on.

    `won` bool[n]: rows whose word is written. `revived`: by row an old word that is written instead.
    """

    name: str
    said: pa.Array | Coded
    won: NDArray[np.bool_]
    revived: dict[int, OldWord] = field(default_factory=dict)

    def pick(self, rows: NDArray[np.int64]) -> list[object]:
        """What these rows say."""
        if isinstance(self.said, Coded):
            return [list(self.said.values[code]) for code in self.said.codes[rows].tolist()]
        return list(self.said.take(pa.array(rows)).to_pylist())

    def column(self) -> pa.Array:
        """What is written; null where what is held stays."""
        if isinstance(self.said, Coded):
            literals = pa.array(
                [None if value is None else words_literal(value) for value in self.said.values], pa.string()
            )
            codes = pa.array(self.said.codes, mask=~self.won | (self.said.codes < 0))
            return _replaced(
                literals.take(codes), {row: words_literal(_value(word)) for row, word in self.revived.items()}
            )
        return _replaced(
            pc.if_else(pa.array(self.won), self.said, None), {r: _value(w) for r, w in self.revived.items()}
        )

    def written(self) -> NDArray[np.bool_]:
        """bool[n]: rows in which something is written."""
        found = self.won.copy()
        found[list(self.revived)] = True
        return found


def facts_said(batch: Batch, later: Mapping[tuple[int, str], int]) -> dict[str, Merging]:
    """The stored facts and told lists that the batch speaks of. `later`: by (profile, fact) the newest year held.

    A figure taken from a year does not stand for the present where a later year is held.
    """
    found = {name: Merging(name, column, valid(column)) for name, column in _listed_on(batch).items()}
    for name, years in batch.said.lifted.items():
        newest = np.array([later.get((number, name), 0) for number in batch.ids], dtype=np.int64)
        found[name].won &= ~((years > 0) & (newest > years))
    for name in TOLD_LISTS:
        if name in batch.said.lists:
            found[name] = Merging(name, batch.said.lists[name], batch.said.lists[name].codes >= 0)
    return {name: one for name, one in found.items() if one.won.any()}


def _listed_on(batch: Batch) -> Mapping[str, pa.Array]:
    """The facts; who told that there is no certificate told all of them, on the day of the row."""
    papers = batch.said.listed("qualifications")
    none = {row: batch.dates[row] for row, told in papers.cells() if not told}
    if not none:
        return batch.said.facts
    days = pa.array([none.get(row) for row in range(len(batch))], pa.date32())
    said = batch.said.facts.get(LISTED_ON)
    return {**batch.said.facts, LISTED_ON: days if said is None else pc.coalesce(said, days)}


def contests(batch: Batch, merging: Mapping[str, Merging], held: Mapping[str, Sequence[object]]) -> list[Contest]:
    """Where a fact is both held and said. `held`: by fact the values of the batch's changed rows."""
    made = []
    for name, one in merging.items():
        places = [p for p, row in enumerate(batch.changed.tolist()) if one.won[row] and held[name][p] is not None]
        if places:
            rows = batch.changed[places]
            standing = [batch.standing[row] for row in rows.tolist()]
            said = [(who.sources.get(name) or ("", ""))[:2] for who in standing if who is not None]
            made.append(_contest(batch, one, (name, None), rows, [held[name][place] for place in places], said))
    return made


def yearly_contests(batch: Batch, merging: Mapping[str, Merging], held: Iterable[HeldYear]) -> list[Contest]:
    """The same for facts by year; `merging` by `fact@year`."""
    row_of = {batch.ids[row]: row for row in batch.changed.tolist()}
    by_name: dict[str, list[tuple[int, object, Sequence[str]]]] = {}
    for one in held:
        for fact, value in one.values.items():
            said = (one.sources.get(fact) or ("", ""))[:2]
            by_name.setdefault(f"{fact}@{one.year}", []).append((row_of[one.profile_id], value, said))
    made = []
    for name, rows in by_name.items():
        mine = [each for each in rows if name in merging and merging[name].won[each[0]]]
        if mine:
            fact, _, year = name.partition("@")
            places = np.array([row for row, _, _ in mine], dtype=np.int64)
            values, said_by = [value for _, value, _ in mine], [said for _, _, said in mine]
            made.append(_contest(batch, merging[name], (fact, int(year)), places, values, said_by))
    return made


def take_over(merging: Mapping[str, Merging], settled: Iterable[Settled]) -> list[OldWord]:
    """Note who won; returns the new old words."""
    old: list[OldWord] = []
    for one in settled:
        name = one.contest.fact if one.contest.year is None else f"{one.contest.fact}@{one.contest.year}"
        mine = merging[name]
        mine.won[one.contest.rows] = one.won
        mine.revived |= {int(one.contest.rows[place]): word for place, (_, word) in one.revived.items()}
        old += one.old
    return old


def sources_of(batch: Batch, merging: Sequence[Merging], *, interests: Coded | None = None) -> list[str]:
    """JSON {fact: [source, ISO date]} of what each row writes."""
    written = np.stack([one.written() for one in merging], axis=1) if merging else np.zeros((len(batch), 0), np.bool_)
    keys = [row.tobytes() for row in np.packbits(written, axis=1)]
    templates = {
        key: ",".join(f'"{merging[at].name}":\0' for at in np.flatnonzero(written[row]).tolist())
        for key, row in {key: row for row, key in enumerate(keys)}.items()
    }
    said = {
        pair: json.dumps([pair[0], pair[1].isoformat()], ensure_ascii=False, separators=_TIGHT)
        for pair in set(zip(batch.source, batch.dates, strict=True))
    }
    pairs = list(zip(keys, batch.source, batch.dates, strict=True))
    known = {one: templates[one[0]].replace("\0", said[one[1:]]) for one in set(pairs)}
    texts = [known[one] for one in pairs]
    tails = {
        tags: json.dumps(["", *tags], ensure_ascii=False, separators=_TIGHT)[3:]
        for tags in (interests.values if interests else ())
        if tags
    }
    for row, tags in interests.cells() if interests else ():
        before = said[batch.source[row], batch.dates[row]][:-1]
        texts[row] += f'{", " if texts[row] else ""}"{INTERESTS}": {before}{tails[tags]}'
    made = [f"{{{text}}}" for text in texts]
    for one in merging:
        for row, word in one.revived.items():
            made[row] = json.dumps(json.loads(made[row]) | {one.name: [word.source, word.as_of.isoformat()]})
    return made


def tags_held(batch: Batch, row: int, said: Sequence[str]) -> list[str]:
    """The tags held, with what the register adds or drops since it spoke last: a tag deleted by hand stays so."""
    standing = batch.standing[row]
    if standing is None:
        return list(said)
    before = standing.sources.get(INTERESTS, ())[2:]
    kept = [tag for tag in standing.interests if tag in said or tag not in before]
    return kept + [tag for tag in said if tag not in before and tag not in kept]


def _contest(
    batch: Batch,
    one: Merging,
    about: tuple[str, int | None],
    rows: NDArray[np.int64],
    held: list[Any],
    said: Sequence[Sequence[str]],
) -> Contest:
    days = {text: day(date.fromisoformat(text)) for _, text in said if text}
    when = np.array([days.get(text, _LONG_AGO) for _, text in said], dtype=np.int64)
    return Contest(*about, rows, held, [source for source, _ in said], when, one.pick(rows))


def _value(word: OldWord) -> Any:
    return from_text(word.fact, word.value or "")


def _replaced(column: pa.Array, values: Mapping[int, object]) -> pa.Array:
    if not values:
        return column
    made = column.to_pylist()
    for row, value in values.items():
        made[row] = value
    return pa.array(made, column.type)
