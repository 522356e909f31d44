"""A row of explicit wishes -> a checked subscription record, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from profiles import cells
from profiles.csvfile import RowError
from profiles.errors import ProfilesError
from profiles.preference import CADENCES
from profiles.standards.industries import parse_industry
from profiles.standards.regions import parse_region
from profiles.tables import texts

WISH_COLUMNS = ("profile", "ref", "themes", "industries", "regions", "keyword", "cadence")


@dataclass(frozen=True)
class SubscriptionRecord:
    """One wish of the profile `profile`, known outside as `ref`."""

    profile: str
    ref: str
    themes: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    keyword: str | None = None
    cadence: str = "immediate"
    line: int = field(default=0, repr=False, compare=False)  # where it stood, for errors found later


def parse_subscription(mapping: Mapping[str, object], line: int = 0) -> SubscriptionRecord | list[RowError]:
    """One row, or everything that is wrong with it. A wish that names nothing is an error: it would mean everything."""
    errors: list[RowError] = []
    found: dict[str, object] = {}
    row = texts(mapping)
    for name, text in row.items():
        parse = _CELLS.get(name)
        if parse is None:
            errors.append(RowError(line, name[:40], "unknown_column", "No such column."))
            continue
        try:
            found[name] = parse(text)
        except ProfilesError as exc:
            errors.append(RowError(line, name, exc.code, exc.sentence))
    errors += [
        RowError(line, name, "missing", f"{name} must be given.") for name in ("profile", "ref") if name not in row
    ]
    if not any(name in row for name in ("themes", "industries", "regions", "keyword")):
        errors.append(RowError(line, "themes", "empty_wish", "Name a theme, an industry, a region or a keyword."))
    return errors or SubscriptionRecord(**found, line=line)  # type: ignore[arg-type]  # each cell's parser gives its field's type


def _themes(text: str) -> tuple[str, ...]:
    return tuple(cells.short(part, 60) for part in cells.parts(text))


def _industries(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(parse_industry(part) for part in cells.parts(text)))


def _regions(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(parse_region(cells.plain(part)) for part in cells.parts(text)))


_CELLS: dict[str, Callable[[str], object]] = {
    "profile": cells.ref,
    "ref": cells.ref,
    "themes": _themes,
    "industries": _industries,
    "regions": _regions,
    "keyword": lambda text: cells.short(text, 60),
    "cadence": lambda text: cells.level(text, CADENCES),
}
