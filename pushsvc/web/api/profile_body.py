"""A profile's JSON as the columns a file has: years, certificates and lists are written as JSON writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from profiles.facts import LISTS, YEARLY
from pushsvc.web.errors import ApiError

_PAPER = ("key", "valid_from", "valid_until")
_NONE = "none"  # what a file writes where a list was told and is empty
_TOLD = tuple(name for name in LISTS if name != "interests")


def columns_of(body: Mapping[str, Any]) -> dict[str, object]:
    """The body with `yearly` as `fact@year` columns and lists as cells. Raises ApiError with the place."""
    found = {name: value for name, value in body.items() if name not in ("yearly", "qualifications")}
    found |= dict(_yearly(body.get("yearly")))
    if "qualifications" in body:
        found["qualifications"] = _papers(body["qualifications"])
    return found | {name: _words(name, body[name]) for name in LISTS if isinstance(body.get(name), list)}


def _yearly(given: object) -> Iterator[tuple[str, object]]:
    """{"2025": {"revenue": 2000}} -> ("revenue@2025", 2000)"""
    if given is None:
        return
    for year, figures in _object(given, "yearly").items():
        for fact, value in _object(figures, f"yearly.{year}"[:60]).items():
            if fact not in YEARLY or not (year.isascii() and year.isdigit() and len(year) == 4):
                known = ", ".join(YEARLY)
                place = f"yearly.{year}.{fact}"[:60]
                raise ApiError(422, "unknown_field", place=place, sentence=f"By year there are {known}.")
            yield f"{fact}@{year}", value


def _papers(given: object) -> object:
    """[{"key", "valid_from", "valid_until"}] -> `key@from@until|…`; a text stays as it is."""
    if not isinstance(given, list):
        return given
    cells = [_paper(one, place) for place, one in enumerate(given)]
    return "|".join(cells) if cells else _NONE


def _words(name: str, given: list[object]) -> str:
    """["a", "b"] -> `a|b`; an empty list says that there is nothing."""
    for place, word in enumerate(given):
        if not isinstance(word, str) or "|" in word:
            raise ApiError(422, "wrong_type", place=f"{name}[{place}]", sentence="A list holds texts without `|`.")
    return "|".join(map(str, given)) or (_NONE if name in _TOLD else "")


def _paper(given: object, place: int) -> str:
    if isinstance(given, str):
        return given
    paper = _object(given, f"qualifications[{place}]")
    for name, value in paper.items():
        if name not in _PAPER or not isinstance(value, str | None) or "|" in (value or "") or "@" in (value or ""):
            where = f"qualifications[{place}].{name}"[:60]
            raise ApiError(422, "wrong_type", place=where, sentence=f"A certificate has the texts {', '.join(_PAPER)}.")
    return "@".join(paper.get(name) or "" for name in _PAPER)


def _object(given: object, place: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise ApiError(422, "wrong_type", place=place, sentence="Send a JSON object here.")
    return given
