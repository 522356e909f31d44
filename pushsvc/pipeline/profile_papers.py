"""The certificates that a batch tells of, weighed against those held. A source that lists anew takes back the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pushsvc.pipeline.profile_batch import Batch
from pushsvc.pipeline.profile_conflicts import better
from pushsvc.store.people_import import OldWord
from pushsvc.store.profile_parts import Paper, drop_papers, papers_held, write_papers
from pushsvc.store.session import Connection

FACT = "qualifications"
Key = tuple[int, str, date]


@dataclass(frozen=True)
class Papers:
    """What becomes of certificates: those to write, those taken back, old words, and which were known before."""

    write: Sequence[Paper] = ()
    drop: Sequence[Paper] = ()
    old: Sequence[OldWord] = ()
    known: frozenset[Key] = frozenset()


def papers_of(conn: Connection, batch: Batch) -> Papers:
    """What the batch tells of, weighed."""
    cells = list(batch.said.listed(FACT).cells())
    if not cells:
        return Papers()
    told = [
        Paper(batch.ids[row], one.key, one.valid_from, one.valid_until, batch.source[row], batch.dates[row])
        for row, papers in cells
        for one in papers
    ]
    row_of = {batch.ids[row]: row for row, _ in cells if not batch.new[row]}
    held = {key_of(one): one for one in papers_held(conn, list(row_of))} if row_of else {}
    named = {key_of(one) for one in told}
    gone = [
        one for one in held.values() if key_of(one) not in named and _takes_back(batch, row_of[one.profile_id], one)
    ]
    pairs = [(held[key_of(one)], one) for one in told if key_of(one) in held]
    wins = better(batch.sources, [((a.source, a.as_of), (b.source, b.as_of)) for a, b in pairs])
    lost = {key_of(new) for (_, new), won in zip(pairs, wins, strict=True) if not won}
    losers = [a if won else b for (a, b), won in zip(pairs, wins, strict=True) if a.valid_until != b.valid_until]
    write = [one for one in told if key_of(one) not in lost]
    return Papers(write, gone, [_old(one) for one in (*losers, *gone)], frozenset(held))


def write(conn: Connection, papers: Papers) -> None:
    """Take back, and write."""
    drop_papers(conn, papers.drop)
    write_papers(conn, papers.write)


def key_of(one: Paper) -> Key:
    """What tells two certificates apart."""
    return one.profile_id, one.key, one.valid_from


def _takes_back(batch: Batch, row: int, one: Paper) -> bool:
    return one.source == batch.source[row] and one.as_of <= batch.dates[row]


def _old(one: Paper) -> OldWord:
    value = f"{one.key}@{one.valid_from}@{one.valid_until or ''}"
    return OldWord(one.profile_id, FACT, None, value, one.source, one.as_of, "older")
