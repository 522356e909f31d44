"""What is held of one profile, as JSON and as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from pushsvc.pipeline.held import Held, Told
from pushsvc.pipeline.value_words import pick, say_day

_CLOSED = ("已登记，未同意前不显示", "held; not shown without consent")


def as_json(held: Held) -> dict[str, object]:
    """The same for programs and files: values as they are stored, days as ISO dates."""
    return {
        "facts": {one.fact: _told_json(one) for one in held.facts},
        "yearly_facts": [
            {"fact": fact, "year": year, **_told_json(one)}
            for fact, years in held.yearly.items()
            for year, one in years.items()
        ],
        "qualifications": [
            {"key": p.key, "valid_from": p.valid_from, "valid_until": p.valid_until, "state": p.state}
            | {name: value for name, value in _told_json(p.told).items() if name != "value"}
            for p in held.papers
        ],
        "derived_facts": {
            one.fact: {"value": one.value, "inputs": {part.fact: part.value for part in one.inputs}}
            for one in held.computed
        },
        "sensitive_facts": [{"fact": one.fact, "open": one.open, **_told_json(one)} for one in held.sensitive],
        "not_held": [
            {"fact": o.fact, "year": o.year, "value": o.words, "source": o.source_words, "as_of": o.as_of, "why": o.why}
            for o in held.others
        ],
    }


def _told_json(one: Told) -> dict[str, object]:
    return {"value": one.value, "source": one.source, "as_of": one.as_of, "purpose": one.purpose, "basis": one.basis}


def lines(held: Held, locale: str) -> Iterator[str]:
    """The same as lines of text: fact, value, source and day."""
    for one in (*held.facts, *(told for years in held.yearly.values() for told in years.values()), *held.sensitive):
        name = one.name if one.year is None else f"{one.name} {one.year}"
        words = one.words if one.open else pick(_CLOSED, locale)
        yield _line(name, words, one, locale)
    for paper in held.papers:
        until = say_day(paper.valid_until, locale) if paper.valid_until else "–"
        yield _line(paper.name, f"{say_day(paper.valid_from, locale)} – {until} ({paper.state})", paper.told, locale)
    for computed in held.computed:
        yield f"{computed.name}: {computed.words} ← {computed.inputs_words}"
    for other in held.others:
        yield f"({other.why}) {other.name}: {other.words} · {other.source_words} {other.as_of}"


def _line(name: str, words: str, one: Told, locale: str) -> str:
    told = f"{one.source_words} {one.as_of or ''}".strip()
    return " · ".join(part for part in (f"{name}: {words}", told, one.purpose, one.basis) if part)
