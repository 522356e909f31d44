"""A system message's own words as they are kept: a sentence, and what fills the template of a vendor."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SystemWords:
    """The sentence; the name of the template that says the same, "" for none; and the values of its variables."""

    text: str
    template: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


def pack(words: SystemWords) -> str:
    """As it is stored, before it is encrypted."""
    return json.dumps({"text": words.text, "template": words.template, "values": dict(words.values)})


def unpack(stored: str) -> SystemWords:
    """What `pack` wrote; the messages of an older release are their sentence alone, which no vendor's template says."""
    try:
        found = json.loads(stored)
    except ValueError:
        return SystemWords(stored)
    if not isinstance(found, dict) or not isinstance(found.get("text"), str):
        return SystemWords(stored)
    return SystemWords(found["text"], str(found.get("template", "")), dict(found.get("values") or {}))
