"""Phrases in two languages, and figures as people write them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypeAlias

from profiles.columns import EPOCH

Pair: TypeAlias = tuple[str, str]  # Chinese, English


def number(value: float) -> str:
    """A figure as people write it: no trailing zeros, at most two places."""
    text = f"{float(value):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def figure(value: float, unit: Pair) -> Pair:
    """A figure with its unit."""
    text, (zh, en) = number(value), unit
    if en.startswith("0,000"):  # tens of thousands, which only Chinese counts in
        return f"{text}{zh}", f"{_grouped(value * 10_000)}{en.removeprefix('0,000')}"
    if text == "1" and en.endswith("s"):
        en = en.removesuffix("s")
    return f"{text}{zh}", f"{text}{en}" if en in ("", "%") else f"{text} {en}"


def _grouped(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def iso(days: float) -> str:
    """Days since 1970-01-01 as an ISO date."""
    return date.fromordinal(int(days) + EPOCH).isoformat()


def joined(parts: Sequence[Pair], glue: Pair) -> Pair:
    """Several phrases as one, without repeats."""
    unique = list(dict.fromkeys(parts))
    return glue[0].join(zh for zh, _ in unique), glue[1].join(en for _, en in unique)


def alternatives(parts: Sequence[Pair]) -> Pair:
    """Several phrases of which one is enough: `A、B或C`, `A, B or C`."""
    *first, last = dict.fromkeys(parts)
    if not first:
        return last
    zh, en = joined(first, ("、", ", "))
    return f"{zh}或{last[0]}", f"{en} or {last[1]}"


def negation(words: Pair, negated: bool) -> Pair:
    """The phrase, denied where `negated`."""
    return (f"不满足:{words[0]}", f"not so: {words[1]}") if negated else words
