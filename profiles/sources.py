"""Where facts come from: how far each source is believed, for how long, for what it may be used and on what basis.

The ranks order what has the force of a register above what an office types in, and that above what a file or a
person says; `docs/decisions/0015-which-source-is-believed.md` has the rule they serve.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

CORRECTION = "correction"  # what an office accepted from the person: no file and no caller may say so
SELF = "self"  # what a person says of themselves: the lowest of the built-in ranks
DEFAULT = "import"  # what a source that nobody registered is believed like


@dataclass(frozen=True)
class Source:
    """One source. `holds_days`: how long its word stands before a newer one of any rank; None: always.

    `purpose` and `basis` read "Chinese | English".
    """

    name: str
    zh: str
    en: str
    rank: int
    holds_days: int | None
    purpose: str
    basis: str


@cache
def built_in() -> Mapping[str, Source]:
    """The sources every installation knows, by name."""
    text = resources.files("profiles").joinpath("sources.csv").read_text(encoding="utf-8")
    return {row["name"]: _source(row) for row in csv.DictReader(text.splitlines())}


def source_of(name: str, registered: Mapping[str, Source]) -> Source:
    """The source with this name; one that nobody registered has the rank of `import`, and neither purpose nor basis."""
    found = registered.get(name)
    if found is not None:
        return found
    like = registered.get(DEFAULT) or built_in()[DEFAULT]
    return Source(name, name, name, like.rank, like.holds_days, "", "")


def _source(row: dict[str, str]) -> Source:
    holds = int(row["holds_days"]) if row["holds_days"] else None
    return Source(row["name"], row["zh"], row["en"], int(row["rank"]), holds, row["purpose"], row["basis"])
