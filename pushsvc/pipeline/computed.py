"""The derived facts of one profile, each with the inputs it was computed from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from profiles.columns import EPOCH, Column, Frame
from profiles.derived import inputs
from profiles.facts import DERIVED, FACTS
from profiles.lifecycle import derive
from pushsvc.pipeline.value_words import fact_name, say_value


@dataclass(frozen=True)
class Part:
    """One input: a stored fact, perhaps of a year (`rd_spend@2025`), with its value."""

    fact: str
    value: object
    words: str


@dataclass(frozen=True)
class Computed:
    """One derived fact: its value, and what it was made of."""

    fact: str
    name: str
    value: object
    words: str
    inputs: tuple[Part, ...]

    @property
    def inputs_words(self) -> str:
        """The inputs in one line."""
        return "; ".join(part.words for part in self.inputs)


def computed_of(frame: Frame, on: date, locale: str) -> tuple[Computed, ...]:
    """The derived facts that are known of the one profile of the frame, as of a day."""
    full = derive(frame, on)
    kind = value_at(full.column("kind"))
    found = []
    for name in DERIVED:
        if name == "kind" or kind not in FACTS[name].subjects:
            continue
        value = list(full.stages.words(0)) if name == "stage" else value_at(full.column(name))
        if value is not None and value != []:
            parts = _parts(full, () if name == "stage" else inputs(name, on), locale)
            found.append(Computed(name, fact_name(name, locale), value, say_value(name, value, locale), parts))
    return tuple(found)


def value_at(column: Column, row: int = 0) -> object:
    """The Python value of one row; None where it is missing."""
    if not column.known()[row]:
        return None
    raw = column.values[row]
    if column.kind == "code":
        return column.levels[raw]
    if column.kind == "date":
        return date.fromordinal(EPOCH) + timedelta(days=int(raw))
    return bool(raw) if column.kind == "flag" else float(raw)


def _parts(frame: Frame, names: tuple[str, ...], locale: str) -> tuple[Part, ...]:
    found = []
    for name in names:
        plain, _, year = name.partition("@")
        value = value_at(frame.column(name))
        if value is not None:
            words = f"{fact_name(plain, locale)}{f' {year}' if year else ''} {say_value(plain, value, locale)}"
            found.append(Part(name, value, words))
    return tuple(found)
