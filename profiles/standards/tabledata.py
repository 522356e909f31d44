"""The data files of this package: CSV whose first line names its source."""

from __future__ import annotations

import csv
from importlib import resources


def facts(name: str) -> list[dict[str, str]]:
    """The rows of a data file; lines that begin with # speak of where it comes from."""
    text = resources.files("profiles.standards").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
