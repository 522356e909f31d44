"""A criteria tree as nested rows: what each node asks in words, what it says of how many, and what can be turned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from profiles.criteria.outline import Line
from pushsvc.web.console.breakdown import Split, split, step_of
from pushsvc.web.console.knobs import Knob
from pushsvc.web.i18n import locale
from pushsvc.web.words import wide


@dataclass(frozen=True)
class Row:
    """One node and the nodes it holds. `split` is None where it was not counted: family members are no profiles."""

    place: str
    words: str
    below: tuple[Row, ...]
    split: Split | None
    knobs: tuple[Knob, ...]


def rows_of(
    lines: Sequence[Line], figures: Mapping[str, Any] | None, knobs: Mapping[str, tuple[Knob, ...]] | None = None
) -> tuple[Row, ...]:
    """The lines of an outline, nested, with the counts of `figures["nodes"]` and the knobs by place."""
    counts: dict[str, Split] = {}
    told = figures or {}
    for one in told.get("nodes") or ():
        counts.setdefault(one["place"], split(one["yes"], one["unknown"], one["no"], step_of(told)))
    places = {line.place for line in lines}
    at: dict[str, tuple[Knob, ...]] = {}
    for place, some in (knobs or {}).items():
        here = nearest(place, places)
        at[here] = at.get(here, ()) + some
    return _nested(lines, counts, at)


def nearest(place: str, places: set[str]) -> str:
    """The innermost of these places that holds `place`; "" is the root."""
    while place and place not in places:
        place = place.rpartition(".")[0]
    return place


def flat(rows: Sequence[Row]) -> list[Row]:
    """Every row in reading order."""
    return [one for row in rows for one in (row, *flat(row.below))]


def _nested(
    lines: Sequence[Line], counts: Mapping[str, Split], knobs: Mapping[str, tuple[Knob, ...]]
) -> tuple[Row, ...]:
    rows: list[Row] = []
    for i, line in enumerate(lines):
        if line.depth > lines[0].depth:
            continue
        below = []
        for later in lines[i + 1 :]:
            if later.depth <= line.depth:
                break
            below.append(later)
        words = line.words(locale())
        inside = _nested(below, counts, knobs)
        text = wide(words) if locale() == "zh" else words
        rows.append(Row(line.place, text, inside, counts.get(line.place), knobs.get(line.place, ())))
    return tuple(rows)
