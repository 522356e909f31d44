"""A row of explicit wishes -> a checked subscription record, or what is wrong with it.

Values of a cell stand between `|` where any of them is enough, between `&` where all are asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from profiles import cells
from profiles.csvfile import RowError
from profiles.errors import ProfilesError
from profiles.preference import CADENCES
from profiles.standards.agencies import parse_agency
from profiles.standards.industries import parse_industry
from profiles.standards.regions import parse_region
from profiles.subscriptions import ALL, ANY, KEYS, plain_marks
from profiles.tables import texts

WISH_COLUMNS = ("profile", "ref", "themes", "industries", "regions", "agencies", "keyword", "cadence")


@dataclass(frozen=True)
class SubscriptionRecord:
    """One wish of the profile `profile`, known outside as `ref`. `all_of`: the keys of which every value is asked."""

    profile: str
    ref: str
    themes: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    keyword: str | None = None
    cadence: str = "immediate"
    all_of: tuple[str, ...] = ()
    line: int = field(default=0, repr=False, compare=False)  # where it stood, for errors found later


def parse_subscription(mapping: Mapping[str, object], line: int = 0) -> SubscriptionRecord | list[RowError]:
    """One row, or everything that is wrong with it. A wish that names nothing is an error: it would mean everything."""
    errors: list[RowError] = []
    found: dict[str, object] = {}
    every: list[str] = []
    row = texts(mapping)
    for name, text in row.items():
        parse = _CELLS.get(name)
        if parse is None and name not in _SETS:
            errors.append(RowError(line, name[:40], "unknown_column", "No such column."))
            continue
        try:
            found[name] = parse(text) if parse else _values(name, text, every)
        except ProfilesError as exc:
            errors.append(RowError(line, name, exc.code, exc.sentence))
    errors += [
        RowError(line, name, "missing", f"{name} must be given.") for name in ("profile", "ref") if name not in row
    ]
    if not any(name in row for name in (*KEYS, "keyword")):
        errors.append(
            RowError(line, "themes", "empty_wish", "Name a theme, an industry, a region, an agency or a keyword.")
        )
    return errors or SubscriptionRecord(**found, all_of=tuple(every), line=line)  # type: ignore[arg-type]  # each cell's parser gives its field's type


def _values(name: str, text: str, every: list[str]) -> tuple[str, ...]:
    """A key's values; its name is added to `every` where all of several are asked."""
    plain = plain_marks(text)
    if ANY in plain and ALL in plain:
        raise cells.CellError("mixed_marks", "Put | between values for any of them or & for all, not both in a cell.")
    values = tuple(dict.fromkeys(map(_SETS[name], cells.parts(plain.replace(ALL, ANY)))))
    if ALL in plain and len(values) > 1:
        every.append(name)
    return values


def _keyword(text: str) -> str:
    found = cells.short(text, 60)
    if ANY in plain_marks(found) and not all(part.strip() for part in plain_marks(found).split(ANY)):
        raise cells.CellError("empty_alternative", "There must be a word on both sides of |.")
    return found


_SETS: dict[str, Callable[[str], str]] = {
    "themes": lambda text: cells.short(text, 60),
    "industries": parse_industry,
    "regions": lambda text: parse_region(cells.plain(text)),
    "agencies": lambda text: parse_agency(cells.plain(text)).name,
}
_CELLS: dict[str, Callable[[str], object]] = {
    "profile": cells.ref,
    "ref": cells.ref,
    "keyword": _keyword,
    "cadence": lambda text: cells.level(text, CADENCES),
}
