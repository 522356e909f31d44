"""A campaign's report as the page and its live twin write it: texts, bar widths, and sums that add up.

The page is rendered from the same `Figures` that `/live.json` sends, so the two cannot differ.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pushsvc.store.states import ACCEPTED, PENDING
from pushsvc.web.i18n import t
from pushsvc.web.labels import CHANNELS, DOORS, REFUSALS
from pushsvc.web.words import named, number

_WHOM = ("nodes", "eligible_by", "selected_by")  # of a funnel: written on the page once, not sent every two seconds
_REST = ("unknown", "rejected", "refused", "expired", "cancelled")


@dataclass(frozen=True)
class Bar:
    """One bar: its key in texts and widths, what it is called, and where its people are listed."""

    key: str
    name: str
    code: str = ""


@dataclass(frozen=True)
class Figures:
    """What a campaign page shows. `shape` changes where rows come or go, or the audience itself (`whom`) is another:
    the page then loads anew."""

    texts: Mapping[str, str]
    widths: Mapping[str, str]
    bars: Mapping[str, tuple[Bar, ...]]
    rest: tuple[str, ...]
    whom: str = ""

    @property
    def shape(self) -> str:
        """A digest of which figures there are."""
        return hashlib.sha256(" ".join([*sorted(self.texts), self.whom]).encode()).hexdigest()[:12]


def figures(report: Mapping[str, Any]) -> Figures:
    """The figures of `pipeline.campaigns.report`."""
    states = _states(report["deliveries"])
    total = sum(states.values())
    parts = {"accepted": _sum(states, ACCEPTED), "pending": _sum(states, PENDING)}
    parts |= {state: states[state] for state in _REST if states.get(state)}
    texts = {"total": number(total), "sum": _equation(parts, total), "ever": number(sum(report["accepted"].values()))}
    texts |= {f"part.{name}": number(n) for name, n in parts.items()}
    texts |= {"part.unknown": number(states.get("unknown", 0)), "part.rejected": number(states.get("rejected", 0))}
    texts |= {"share": f"{100 * parts['accepted'] / total:.1f} %" if total else "–"}
    texts |= {f"state.{name}": number(states.get(name, 0)) for name in ("delivered", "opened")}
    made: dict[str, tuple[Bar, ...]] = {}
    widths: dict[str, str] = {}
    for group, rows in _groups(report).items():
        made[group] = tuple(Bar(f"{group}.{code}", name, code) for code, name, _, _, _ in rows)
        texts |= {f"{group}.{code}": text for code, _, text, _, _ in rows}
        widths |= {f"{group}.{code}": _percent(n, of) for code, _, _, n, of in rows}
    texts["selected"] = number(sum(report["selected"].values()))
    texts["refused"] = number(sum(report["refusals"].values()))
    if report.get("digests"):
        texts["digests"] = number(report["digests"])
    if isinstance(report["funnel"].get("people"), int):
        texts["people"] = number(report["funnel"]["people"])
    whom = json.dumps([report["funnel"].get(name) for name in _WHOM], sort_keys=True)
    return Figures(texts, widths, made, tuple(name for name in parts if name in _REST), whom)


_Row = tuple[str, str, str, int, int]  # code, name, text, n, of


def _groups(report: Mapping[str, Any]) -> dict[str, list[_Row]]:
    return {
        "audience": _audience(report["funnel"]),
        "missing": _missing(report["funnel"].get("missing") or {}),
        "door": _plain(report["selected"], DOORS, "door"),
        "refusal": _plain(report["refusals"], REFUSALS, "refusal"),
        "channel": _channels(report["deliveries"], report["accepted"]),
    }


def _audience(funnel: Mapping[str, Any]) -> list[_Row]:
    names = {"eligible": t("初步符合"), "unknown": t("可能符合"), "no": t("目前不符合")}
    counts = {code: int(funnel[code]) for code in names if isinstance(funnel.get(code), int)}
    of = sum(counts.values())
    return [(code, names[code], number(n), n, of) for code, n in counts.items()]


def _missing(missing: Mapping[str, int]) -> list[_Row]:
    top = sorted(missing.items(), key=lambda item: (-item[1], item[0]))[:6]
    of = max(missing.values(), default=0)
    return [(fact, t("缺{f}", f=named(fact, "fact")), number(n), n, of) for fact, n in top]


def _plain(counts: Mapping[str, int], order: Mapping[str, str], group: str) -> list[_Row]:
    of = max(counts.values(), default=0)
    codes = [code for code in order if code in counts] + sorted(set(counts) - set(order))
    return [(code, named(code, group), number(counts[code]), counts[code], of) for code in codes]


def _channels(deliveries: Mapping[str, Mapping[str, int]], accepted: Mapping[str, int]) -> list[_Row]:
    rows = []
    for code in (code for code in CHANNELS if code in deliveries):
        of, n = sum(deliveries[code].values()), accepted.get(code, 0)
        rows.append((code, named(code, "channel"), f"{number(n)}/{number(of)}", n, of))
    return rows


def _states(deliveries: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for states in deliveries.values():
        for state, n in states.items():
            totals[state] = totals.get(state, 0) + n
    return totals


def _sum(states: Mapping[str, int], names: tuple[str, ...]) -> int:
    return sum(states.get(name, 0) for name in names)


def _equation(parts: Mapping[str, int], total: int) -> str:
    return " + ".join(number(n) for n in parts.values()) + f" = {number(total)}"


def _percent(n: int, of: int) -> str:
    return f"{100 * n / of:.1f}%" if of else "0%"
