"""The sample's texts and tables, read from the package."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any


@cache
def load(name: str) -> Any:
    """The parsed content of `data/<name>.json`; shared, so never changed by a caller."""
    return json.loads(resources.files("pushsvc.sample").joinpath("data", f"{name}.json").read_text(encoding="utf-8"))
