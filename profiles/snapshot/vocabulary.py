"""The facts a snapshot was made by, told so that another program can see whether it knows the same ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from profiles.facts import Fact
from profiles.stages import RULES


def described(facts: Mapping[str, Fact]) -> dict[str, str]:
    """By fact, what its published column depends on."""
    return {name: _described(fact) for name, fact in sorted(facts.items())}


def fingerprint(facts: Mapping[str, Fact]) -> str:
    """64 hex digits that change with any fact's name, kind or levels, and with the rules of the stages of life."""
    return _digest(described(facts))


def differing(told: Mapping[str, str], facts: Mapping[str, Fact]) -> list[str]:
    """The facts that one side does not know, or knows as something else."""
    own = described(facts)
    return sorted(name for name in {*told, *own} if told.get(name) != own.get(name))


def _described(fact: Fact) -> str:
    yearly = "yearly" if fact.yearly else ""
    rules = _digest(RULES) if fact.name == "stage" else ""
    return " ".join(part for part in (fact.kind, yearly, *fact.levels, rules) if part)


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
