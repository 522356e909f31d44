"""The names that crawls and registers use for a policy's fields -> ours; what we have no name for is kept apart.

Fields such as `category`, `policy_type` or `label_kind` are a crawler's opinion: they have no name here on purpose.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from profiles.records import RowError

OURS = frozenset(
    {
        *("ref", "family", "event", "kind", "title", "doc_no", "index_no", "normative_no", "agency", "level", "events"),
        *("themes", "theme_l1", "theme_l2", "tags", "topic", "region", "industries", "summary", "amount", "amount_wan"),
        *("body", "html", "criteria", "mandatory", "sensitive", "url", "window_opens", "window_closes"),
        *("date_written", "date_published", "date_effective", "valid_to"),
    }
)
_TEXT = {"title", "body", "html", "url"}
_SURE = 5  # letters from which one slip is taken for a misspelling; in four letters only two that changed places
_HUMP = re.compile(r"(?<=[a-z\d])(?=[A-Z])")
_OF_POLICY = re.compile(r"^(?:policy|document|doc|article|news|政策|文件|公文|文章|法规|信息|原文|通知)_?(?=.)")
_BRACKETS = re.compile(r"[\s:：*]+$|[（(][^（）()]{0,20}[）)]$")
_LONG = 9  # letters from which two slips are

Fields = dict[str, Any]


def renamed(row: Mapping[str, Any], line: int) -> tuple[Fields, Fields] | RowError:
    """(fields under our names, all others), or the error of a row with a misspelt or doubled field.

    A field that carries our own name goes before an alias of it; of two aliases the first that says something does.
    """
    fields: Fields = {}
    extra: Fields = {}
    for name, value in row.items():
        field = field_of(name)
        if field is None:
            meant = _meant(_folded(name))
            if meant:
                sentence = f"The field {name[:40]!r} is not known: is {meant!r} meant?"
                return RowError(line, name[:40], "unknown_field", sentence)
            extra[name] = value
        elif _blank(value):
            continue
        elif field in fields and field != _folded(name):
            extra[name] = value
        else:
            fields[field] = value
    return fields, extra


def field_of(name: str) -> str | None:
    """Our name for a field, None where we have none."""
    folded = _folded(name)
    if folded in OURS:
        return folded
    bare = _bare(folded)
    return _aliases().get(folded) or _aliases().get(bare) or (bare if bare in _TEXT else None)


def _folded(name: str) -> str:
    """Lower case with _ between words: publishDate, Publish-Date and `publish date` are one name."""
    return "_".join(_HUMP.sub(" ", name[:200]).strip().lower().replace("-", " ").replace("_", " ").split())


def _bare(folded: str) -> str:
    """The name without what only says that it is a policy's (文件标题, policy_body), or what stands in brackets."""
    return _OF_POLICY.sub("", _BRACKETS.sub("", folded))


def _blank(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _meant(name: str) -> str | None:
    """Our field that this name is a slip of. Plurals and numbered names are names of their own."""
    if not name.isascii() or any(letter.isdigit() for letter in name):
        return None
    return next((field for field in sorted(OURS) if _slip(name, field)), None)


def _slip(name: str, field: str) -> bool:
    if name[:1] != field[:1] or name.rstrip("s") == field.rstrip("s"):
        return False
    if len(field) < _SURE:
        return len(field) == len(name) == 4 and sorted(name) == sorted(field) and _distance(name, field) == 1
    return _distance(name, field) <= (2 if len(field) >= _LONG else 1)


def _distance(left: str, right: str) -> int:
    """Letters added, dropped, changed, or swapped with their neighbour (optimal string alignment)."""
    if abs(len(left) - len(right)) > 2:
        return 3
    before: list[int] = []
    above = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        row = [i]
        for j, b in enumerate(right, start=1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, above = above, row
    return above[-1]


@cache
def _aliases() -> dict[str, str]:
    text = files("pushsvc.texts").joinpath("aliases.csv").read_text(encoding="utf-8")
    return {row["name"]: row["field"] for row in csv.DictReader(text.splitlines())}
