"""What `pushsvc match` prints: conditions in words with their counts, who lacks what, of whom the eligible are made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from profiles.criteria.outline import Line
from profiles.facts import fact_words
from pushsvc.cli.coverage_table import coverage_table, value_words
from pushsvc.cli.tables import columns
from pushsvc.pipeline.coverage import as_json, coverage_tables

_TOP = 5  # rows of each breakdown; the others are added up
_LACKING = 8
_NAMED = 3  # of them in the first line
_FACETS = ("district", "section", "size", "stage", "age", "kind")


def match_table(figures: Mapping[str, Any], lines: Sequence[Line], locale: str = "zh") -> list[str]:
    """The figures of a dry run, as lines."""
    blocks = [_head(figures, locale), _conditions(figures, lines, locale), _lacking(figures, locale)]
    covered = coverage_tables(figures)
    blocks += [coverage_table(as_json(figures), locale, most=_TOP)]
    blocks += [_facet(name, figures, locale) for name in _FACETS if name not in covered]
    return [line for block in blocks if block for line in (*block, "")][:-1]


def _head(figures: Mapping[str, Any], locale: str) -> list[str]:
    top = list(figures["missing"].items())[:_NAMED]
    lacking = ", ".join(f"{n:,} lack {fact_words([fact], locale)}" for fact, n in top)
    unknown = f"{figures['unknown']:,}" + (f" ({lacking})" if lacking else "")
    doors = ", ".join(f"{door} {n:,}" for door, n in figures["selected"].items()) or "nobody"
    lines = [
        f"matched {figures['eligible']:,} | unknown {unknown} | no {figures['no']:,} of {figures['profiles']:,}",
        f"chosen: {doors}",
    ]
    if "people" in figures:
        lines.append(f"people: {figures['people']:,} once those reached at one address are merged")
    return lines


def _conditions(figures: Mapping[str, Any], lines: Sequence[Line], locale: str) -> list[str]:
    counts: dict[str, tuple[str, ...]] = {}
    for one in figures.get("nodes") or ():
        counts.setdefault(one["place"], tuple(f"{one[name]:,}" for name in ("yes", "unknown", "no")))
    rows = [("  " * line.depth + line.words(locale), *counts.get(line.place, ("",) * 3)) for line in lines]
    return columns([("condition", "yes", "maybe", "no"), *rows])


def _lacking(figures: Mapping[str, Any], locale: str) -> list[str]:
    found = list(figures["missing"].items())[:_LACKING]
    rows = [(fact_words([fact], locale), f"{n:,}") for fact, n in found]
    return columns([("missing, of the unknown", "profiles"), *rows]) if rows else []


def _facet(name: str, figures: Mapping[str, Any], locale: str) -> list[str]:
    counts: Mapping[str, int] = (figures.get("eligible_by") or {}).get(name) or {}
    if not counts:
        return []
    rows = [*_top(name, counts, locale)]
    if name != "stage":  # a profile may be in several: the sum would say nothing
        rows.append(("total", sum(counts.values())))
    shares = [(text, f"{n:,}", f"{100 * n / figures['eligible']:.1f} %") for text, n in rows]
    return columns([(f"eligible by {name}", "profiles", "share"), *shares])


def _top(name: str, counts: Mapping[str, int], locale: str) -> Iterator[tuple[str, int]]:
    kept = list(counts.items())[: _TOP + 1 if len(counts) == _TOP + 1 else _TOP]
    for value, n in kept:
        yield value_words(name, value, locale), n
    if len(counts) > len(kept):
        others = list(counts.values())[len(kept) :]
        yield f"{len(others)} others", sum(others)
