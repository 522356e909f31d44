"""What is held of one profile, for the person it is about: each fact with source, day, purpose and basis.

A sensitive fact shows only that it is held until the person agrees to its use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from profiles.facts import FACTS, SENSITIVE, STORED
from profiles.sources import Source, source_of
from profiles.standards import qualifications
from pushsvc.context import Context
from pushsvc.pipeline.computed import Computed, computed_of
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.value_words import fact_name, pick, say_text, say_value
from pushsvc.store import facts as stored
from pushsvc.store.audit import record
from pushsvc.store.frames import load_frame, sensitive_place
from pushsvc.store.people import Profile, profile_by_id, profile_by_ref
from pushsvc.store.session import Connection, transaction
from pushsvc.store.sources import registered_sources

CLOSED = "held"  # what is said of a sensitive value before its own consent


@dataclass(frozen=True)
class Told:
    """One value with who told it, when, for what and why that is allowed. `open` False: only that it is held."""

    fact: str
    name: str
    words: str
    value: object
    source: str
    source_words: str
    as_of: date | None
    purpose: str
    basis: str
    year: int | None = None
    open: bool = True


@dataclass(frozen=True)
class Paper:
    """One certificate. `state`: valid, lapsing (within 90 days), lapsed or future."""

    key: str
    name: str
    valid_from: date
    valid_until: date | None
    state: str
    told: Told


@dataclass(frozen=True)
class Other:
    """What another source said, and why it is not held: older, lower_rank or corrected."""

    fact: str
    name: str
    year: int | None
    words: str
    source_words: str
    as_of: date
    why: str


@dataclass(frozen=True)
class Held:
    """All of it. `yearly`: by fact the years' values; `years` in their order; `lacking`: facts nobody told."""

    kind: str
    agrees: bool
    facts: tuple[Told, ...]
    yearly: Mapping[str, Mapping[int, Told]] = field(default_factory=dict)
    years: tuple[int, ...] = ()
    papers: tuple[Paper, ...] = ()
    computed: tuple[Computed, ...] = ()
    sensitive: tuple[Told, ...] = ()
    others: tuple[Other, ...] = ()
    lacking: tuple[str, ...] = ()

    def of_year(self, year: int) -> dict[str, Told]:
        """What is held of one year, by fact."""
        return {fact: values[year] for fact, values in self.yearly.items() if year in values}

    def told_elsewhere(self) -> list[Told]:
        """Who told yearly facts and certificates, where they told no other fact."""
        known = {one.source for one in self.facts}
        told = [*(one for years in self.yearly.values() for one in years.values()), *(p.told for p in self.papers)]
        return [one for one in told if one.source not in known]


def origins(tellings: Iterable[Told]) -> list[Told]:
    """One telling of each source, the newest: who told, for what, on which basis."""
    newest: dict[str, Told] = {}
    for one in sorted(tellings, key=lambda told: told.as_of or date.min):
        newest[one.source] = one
    return list(newest.values())


LAPSING_DAYS = 90


def held_of(
    ctx: Context, profile_id: int, locale: str = "zh", *, whole: bool = False, closed: bool = False
) -> Held | None:
    """What is held of the profile; None where there is nobody.

    `whole`: sensitive values too, for the person's own copy, to which the law gives a right without conditions.
    `closed`: none of them, whatever was consented to: somebody else reads, by the person's leave.
    """
    with transaction(ctx.engine) as conn:
        found = profile_by_id(conn, profile_id)
        if found is None or found.erased:
            return None
        agrees = whole or (not closed and stored.agrees_to_sensitive(conn, found.id))
        return _held(conn, ctx, found, _Words(registered_sources(conn), locale), agrees=agrees)


class UnknownProfileError(ValueError):
    """There is no profile with this reference."""

    code = "unknown_profile"


def held_for_operator(ctx: Context, ref: str, locale: str = "zh") -> Held:
    """The same by outside reference, for an operator: sensitive values stay closed, and the look is written down."""
    with transaction(ctx.engine) as conn:
        found = profile_by_ref(conn, ref)
        if found is None or found.erased:
            raise UnknownProfileError(f"There is no profile {ref[:64]!r}.")
        record(conn, at=ctx.clock(), actor="command", action="facts.read", object=f"profile:{found.id}")
        return _held(conn, ctx, found, _Words(registered_sources(conn), locale), agrees=False)


@dataclass(frozen=True)
class _Words:
    """The sources and the reader's language."""

    sources: Mapping[str, Source]
    locale: str

    def source(self, name: str) -> str:
        known = source_of(name, self.sources)
        return pick((known.zh, known.en), self.locale)

    def tell(self, fact: str, value: object, said: tuple[str, date | None], *, year: int | None = None) -> Told:
        source, as_of = said
        known = source_of(source, self.sources)
        words = say_value(fact, value, self.locale)
        name = fact_name(fact, self.locale)
        purpose, basis = (_half(text, self.locale) for text in (known.purpose, known.basis))
        return Told(fact, name, words, value, source, self.source(source), as_of, purpose, basis, year)


def _half(text: str, locale: str) -> str:
    """The reader's side of "Chinese | English"."""
    chinese, _, english = text.partition(" | ")
    return chinese if locale.startswith("zh") else english or chinese


def _held(conn: Connection, ctx: Context, found: Profile, words: _Words, *, agrees: bool) -> Held:
    yearly = [
        words.tell(row.fact, row.value, (row.source, row.as_of), year=row.year)
        for row in stored.yearly_of(conn, found.id)
    ]
    by_fact: dict[str, dict[int, Told]] = {}
    for one in yearly:
        by_fact.setdefault(one.fact, {})[one.year or 0] = one
    frame = load_frame(conn, profile_ids=np.array([found.id], dtype=np.int64))
    facts = tuple(_plain(conn, found, words))
    told = {one.fact for one in facts}
    return Held(
        kind=found.kind,
        agrees=agrees,
        facts=facts,
        yearly=by_fact,
        years=tuple(sorted({one.year or 0 for one in yearly}, reverse=True)),
        papers=tuple(_papers(conn, found.id, words, city_day(ctx))),
        computed=computed_of(frame, city_day(ctx), words.locale) if len(frame) else (),
        sensitive=tuple(_sensitive(conn, ctx, found.id, words, agrees=agrees)),
        others=tuple(_others(stored.not_held(conn, found.id), words)),
        lacking=tuple(name for name in STORED if name not in told and found.kind in FACTS[name].subjects),
    )


def _plain(conn: Connection, found: Profile, words: _Words) -> Iterator[Told]:
    """The stored facts and the lists, in their order."""
    lists: dict[str, Sequence[str] | None] = {"interests": found.interests or None, **stored.lists_of(conn, found.id)}
    for fact, value in {**found.facts, **lists}.items():
        if value is not None:
            said = found.sources.get(fact, ("", ""))
            yield words.tell(fact, value, (said[0], date.fromisoformat(said[1]) if said[1] else None))


def _papers(conn: Connection, profile_id: int, words: _Words, today: date) -> Iterator[Paper]:
    for row in stored.certificates_of(conn, profile_id):
        told = words.tell("qualifications", row.key, (row.source, row.as_of))
        name = certificate_name(row.key, words.locale)
        yield Paper(row.key, name, row.valid_from, row.valid_until, _state(row, today), told)


def certificate_name(key: str, locale: str) -> str:
    """What a certificate is called; a key we do not know is shown as it is."""
    known = next((row for row in qualifications.table() if row.key == key), None)
    return pick((known.zh, known.en), locale) if known else key


def _state(row: stored.CertificateRow, today: date) -> str:
    if row.valid_from > today:
        return "future"
    if row.valid_until is None or (row.valid_until - today).days > LAPSING_DAYS:
        return "valid"
    return "lapsing" if row.valid_until >= today else "lapsed"


def _sensitive(conn: Connection, ctx: Context, profile_id: int, words: _Words, *, agrees: bool) -> Iterator[Told]:
    for row in stored.sensitive_of(conn, profile_id):
        said = (row.source, row.as_of)
        if not agrees:
            told = words.tell(row.fact, CLOSED, said)
            yield Told(**{**told.__dict__, "value": None, "words": "", "open": False})
            continue
        text = ctx.keyring.decrypt(row.cipher, sensitive_place(row.fact))
        yield words.tell(row.fact, sensitive_value(row.fact, text), said)


def sensitive_value(fact: str, text: str) -> object:
    """A sensitive fact's value from what its ciphertext holds."""
    assert fact in SENSITIVE
    return text == "1" if FACTS[fact].kind == "flag" else float(text)


def _others(rows: Sequence[stored.NotHeld], words: _Words) -> Iterator[Other]:
    for row in rows:
        if row.value is None:  # of a sensitive fact no value is kept
            continue
        text = say_text(row.fact, row.value, words.locale)
        yield Other(
            row.fact, fact_name(row.fact, words.locale), row.year, text, words.source(row.source), row.as_of, row.why
        )
