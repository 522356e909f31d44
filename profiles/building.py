"""From what a database or a form holds, Python values, to the columns everything is computed on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.columns import EPOCH, MISSING_CODE, MISSING_DATE, Certificate, Column, Frame, Listing, Nested
from profiles.errors import ProfilesError
from profiles.facts import FACTS, LISTS, SENSITIVE, STORED, YEARLY, Fact
from profiles.ragged import Ragged, Rows, no_sets, offsets_of, ragged


def build_frame(
    ids: Sequence[int] | NDArray[Any],
    raw: Mapping[str, Sequence[object]],
    *,
    interests: Sequence[Sequence[str] | None] | Ragged | None = None,
    dependants: Sequence[Sequence[tuple[date | None, str | None]]] | Nested | None = None,
    lists: Mapping[str, Sequence[Sequence[str] | None]] | None = None,
    qualifications: Sequence[Sequence[Certificate]] | Nested | None = None,
) -> Frame:
    """Columns from what the database holds: n ids and, by stored fact, `fact@year` or "kind", n Python values or None.

    `dependants`: for each profile its (birth_date, household_region) pairs. `lists`: by list fact, each profile's
    words, None where nobody told. `qualifications`: for each profile its (key, valid_from, valid_until) certificates.
    Raises ProfilesError: unknown_fact, length, unknown_level or wrong_type, with the fact as its place.
    """
    n = len(ids)
    columns = {name: _column(name, values, n) for name, values in raw.items()}
    tags = interests if isinstance(interests, Ragged) else ragged(interests) if interests else no_sets(n)
    family = dependants if isinstance(dependants, Nested) else _family(dependants or [()] * n)
    held = {name: _listing(name, words) for name, words in (lists or {}).items()}
    papers = qualifications if isinstance(qualifications, Nested) else certificates_of(qualifications or [()] * n)
    sizes = {"interests": len(tags), "dependants": len(family.offsets) - 1, "qualifications": len(papers.offsets) - 1}
    for place, length in (sizes | {name: len(listing.told) for name, listing in held.items()}).items():
        _check_length(place, length, n)
    return Frame(np.asarray(ids, dtype=np.int64).reshape(n), columns, tags, no_sets(n), family, held, papers)


def dependants_of(ids: Rows, rows: Iterable[tuple[int, date | None, str | None]]) -> Nested:
    """Nested of the profiles `ids` from (profile id, birth_date, household_region) rows in any order."""
    row_of = {int(key): row for row, key in enumerate(ids)}
    family: list[list[tuple[date | None, str | None]]] = [[] for _ in row_of]
    for owner, born, region in rows:
        if owner in row_of:
            family[row_of[owner]].append((born, region))
    return _family(family)


def certificates_of(rows: Sequence[Sequence[Certificate]]) -> Nested:
    """Certificates of n profiles from each one's (key, valid_from, valid_until)."""
    flat = [paper for row in rows for paper in row]
    offsets = offsets_of(np.fromiter((len(row) for row in rows), np.int64, len(rows)))
    keys, starts, ends = ([paper[part] for paper in flat] for part in range(3))
    dates = FACTS["founded_on"]  # any date: these columns are of certificates, not of profiles
    columns = {"key": _codes(FACTS["institution"], keys), "valid_from": _dates(dates, starts)}
    return Nested(offsets, columns | {"valid_until": _dates(dates, ends)})


def _listing(name: str, rows: Sequence[Sequence[str] | None]) -> Listing:
    if name not in LISTS:
        raise ProfilesError("unknown_fact", name, "No such list.")
    return Listing(ragged(rows), np.array([row is not None for row in rows], dtype=np.bool_))


def _family(rows: Sequence[Sequence[tuple[date | None, str | None]]]) -> Nested:
    flat = [pair for row in rows for pair in row]
    offsets = offsets_of(np.fromiter((len(row) for row in rows), np.int64, len(rows)))
    born = _column("birth_date", [pair[0] for pair in flat], len(flat))
    home = _column("household_region", [pair[1] for pair in flat], len(flat))
    return Nested(offsets, {"birth_date": born, "household_region": home})


def _column(name: str, values: Sequence[object], n: int) -> Column:
    plain, _, year = name.partition("@")
    if plain not in (YEARLY if year else (*STORED, *SENSITIVE, "kind")) or not (year.isdigit() or name == plain):
        raise ProfilesError("unknown_fact", name, "No such stored fact.")
    _check_length(name, len(values), n)
    fact = FACTS[plain]
    try:
        return _TYPED[fact.kind](fact, values)
    except (TypeError, ValueError, OverflowError, AttributeError) as exc:
        if isinstance(exc, ProfilesError):
            raise
        raise ProfilesError("wrong_type", name, f"A value is no {fact.kind}: {exc}.") from exc


def _numbers(fact: Fact, values: Sequence[object]) -> Column:
    return Column("number", np.array([np.nan if v is None else v for v in values], dtype=np.float64))


def _flags(fact: Fact, values: Sequence[object]) -> Column:
    return Column("flag", np.array([-1 if v is None else bool(v) for v in values], dtype=np.int8))


def _dates(fact: Fact, values: Sequence[object]) -> Column:
    days = [MISSING_DATE if v is None else v.toordinal() - EPOCH for v in values]  # type: ignore[attr-defined]
    return Column("date", np.array(days, dtype=np.int32))


def _codes(fact: Fact, values: Sequence[object]) -> Column:
    index: dict[object, int] = {level: code for code, level in enumerate(fact.levels)}
    codes = [MISSING_CODE if v is None else index.setdefault(v, len(index)) for v in values]
    if fact.levels and len(index) > len(fact.levels):
        stranger = list(index)[len(fact.levels)]
        raise ProfilesError("unknown_level", fact.name, f"{stranger!r} is not one of {', '.join(fact.levels)}.")
    return Column("code", np.array(codes, dtype=np.int32), tuple(str(level) for level in index))


_TYPED = {"number": _numbers, "flag": _flags, "date": _dates, "code": _codes}


def _check_length(place: str, length: int, n: int) -> None:
    if length != n:
        raise ProfilesError("length", place, f"{length} values for {n} profiles.")
