"""Coverage: of whom the eligible are made, and how many of each group were chosen and reached.

Groups are districts, age bands, sizes of enterprises and stages of life. What is stored is the funnel's counts alone;
whom the messages reached is broken down when somebody asks, by the groups that people are in by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from profiles.facets import breakdown, in_order
from pushsvc.context import Context
from pushsvc.pipeline.campaigns import report
from pushsvc.pipeline.floor import FACETS
from pushsvc.pipeline.published import published
from pushsvc.pipeline.ranking import rows_of
from pushsvc.store.campaigns import get_campaign
from pushsvc.store.reached import reached
from pushsvc.store.session import transaction

LEAST = 5  # of fewer people no number is told
OTHERS = "*"  # the value of the small groups put together
OVERLAPPING = ("stage",)  # a profile may be in several, or in none: these do not add up
_VEILED = ("nodes", "eligible_by", "selected_by", "covered_by")
_COUNTS = {"eligible_by": "eligible", "selected_by": "chosen", "covered_by": "covered"}


@dataclass(frozen=True)
class Group:
    """One group, or all of a facet (`value` None). Of any count below LEAST, nobody included, 0 is told.

    `chosen`: by any door; `covered`: chosen of the eligible; `share`: of the eligible, None where `covered` is not
    told. `below_floor`: fewer were chosen than the floor asks for, because the rest are reached at others' addresses.
    `planned`, `sent`, `delivered`: profiles, None before there is a message.
    """

    value: str | None
    eligible: int
    chosen: int
    covered: int
    share: float | None
    below_floor: bool
    planned: int | None = None
    sent: int | None = None
    delivered: int | None = None


Counts = Mapping[str, Mapping[str, int]]  # facet -> value -> how many


def full_report(ctx: Context, campaign_id: int) -> dict[str, Any]:
    """`campaigns.report` with its `coverage`; of small groups, and where sensitive facts are asked for, without counts.

    Raises CampaignError: unknown_campaign.
    """
    found = report(ctx, campaign_id)
    table = coverage(ctx, campaign_id, found["funnel"])
    return found | {"funnel": _told(found["funnel"], veiled=table is None), "coverage": table}


def coverage(ctx: Context, campaign_id: int, funnel: Mapping[str, Any]) -> dict[str, Any] | None:
    """The tables of a campaign with this funnel, as JSON; None where its policy asks for sensitive facts."""
    with transaction(ctx.engine) as conn:
        row = get_campaign(conn, campaign_id)
        if row is None or row["policy_sensitive"]:
            return None
        counts = reached(conn, campaign_id)
    if not len(counts.planned) or "on" not in funnel:
        return as_json(funnel)
    snapshot, on = published(ctx).snapshot, date.fromisoformat(funnel["on"])
    told = {name: breakdown(snapshot, rows_of(snapshot, ids), on=on) for name, ids in vars(counts).items()}
    return as_json(funnel, told)


def as_json(funnel: Mapping[str, Any], told: Mapping[str, Counts] | None = None) -> dict[str, Any]:
    """`least`, `floor` (share, raised, over, or None), and by facet its groups; `totals` where they add up."""
    tables = coverage_tables(funnel, told)
    groups = {name: [asdict(one) for one in rows if one.value is not None] for name, rows in tables.items()}
    totals = {name: asdict(rows[-1]) for name, rows in tables.items() if rows and rows[-1].value is None}
    return {"least": LEAST, "floor": floor_of(funnel), "groups": groups, "totals": totals}


def coverage_tables(funnel: Mapping[str, Any], told: Mapping[str, Counts] | None = None) -> dict[str, list[Group]]:
    """By facet its groups and, where they add up, all last; no facet with nothing to tell. Old funnels: none."""
    if "selected_by" not in funnel:
        return {}
    by = {count: funnel[name] for name, count in _COUNTS.items()}
    asked = (funnel.get("recommended") or {}).get("floor") or {}
    by |= {"candidates": asked.get("of", funnel["eligible_by"]), **(told or {})}
    floor, tables = float(asked.get("share", 0.0)), {}
    for name in FACETS:
        cells = _cells(name, {count: groups[name] for count, groups in by.items()})
        rows = _large(cells) if name in OVERLAPPING else _folded(cells)
        if not any(n >= LEAST for counts in rows.values() for n in counts.values()):
            continue
        tables[name] = [_group(value, counts, floor) for value, counts in rows.items()]
        if name not in OVERLAPPING:
            tables[name].append(_group(None, _sum(rows), 0.0))  # a floor is of groups, not of all
    return tables


def without_small(name: str, counts: Mapping[str, int]) -> dict[str, int]:
    """The breakdown by one facet with its small groups put together as OTHERS, or left out where groups overlap."""
    if name in OVERLAPPING:
        return {value: n for value, n in in_order(name, counts).items() if n >= LEAST}
    folded = _folded({value: {"eligible": n} for value, n in in_order(name, counts).items()})
    return {value: one["eligible"] for value, one in folded.items()}


def floor_of(funnel: Mapping[str, Any]) -> dict[str, Any] | None:
    """The floor that the audience was chosen with: its `share`, how many it `raised`, and by how many it is `over`."""
    asked = (funnel.get("recommended") or {}).get("floor")
    return {name: asked[name] for name in ("share", "raised", "over")} if asked else None


def _cells(name: str, counts: Counts) -> dict[str, dict[str, int]]:
    """Value -> count -> how many, in the facet's order: what was stored as JSON has lost it."""
    values = in_order(name, {value: counts["eligible"].get(value, 0) for of in counts.values() for value in of})
    return {value: {name: of.get(value, 0) for name, of in counts.items()} for value in values}


def _large(cells: Mapping[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """The groups with enough eligible to be told of; the others are not even named."""
    return {value: counts for value, counts in cells.items() if counts["eligible"] >= LEAST}


def _folded(cells: Mapping[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """The same, with the others as one group; where that is small itself, the smallest of the rest go into it."""
    small = [value for value, counts in cells.items() if counts["eligible"] < LEAST]
    rest = sorted((value for value in cells if value not in small), key=lambda one: -cells[one]["eligible"])
    while small and rest and sum(cells[value]["eligible"] for value in small) < LEAST:
        small.append(rest.pop())
    kept = {value: counts for value, counts in cells.items() if value not in small}
    return kept | ({OTHERS: _sum({value: cells[value] for value in small})} if small else {})


def _sum(cells: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    names = next(iter(cells.values()))
    return {name: sum(counts[name] for counts in cells.values()) for name in names}


def _group(value: str | None, counts: Mapping[str, int], floor: float) -> Group:
    eligible, covered = counts["eligible"], counts["covered"]
    told = {name: n if n >= LEAST else 0 for name, n in counts.items() if name != "candidates"}
    share = covered / eligible if min(covered, eligible) >= LEAST else None
    return Group(value, **told, share=share, below_floor=covered < floor * counts["candidates"])


def _told(funnel: Mapping[str, Any], *, veiled: bool) -> dict[str, Any]:
    """The funnel without small groups; where sensitive facts are asked for, without any."""
    best = funnel.get("recommended")
    if best and best.get("floor"):  # its candidates by group stay inside
        funnel = {**funnel, "recommended": {**best, "floor": floor_of(funnel)}}
    if veiled:
        return {name: value for name, value in funnel.items() if name not in _VEILED}
    return {**funnel, **_large_parts(funnel)}


def _large_parts(funnel: Mapping[str, Any]) -> dict[str, dict[str, dict[str, int]]]:
    """The funnel's breakdowns in the groups of `coverage_tables`: what they lack to a total is no small group."""
    held = {name: funnel[name] for name in _VEILED[1:] if name in funnel}
    made: dict[str, dict[str, dict[str, int]]] = {name: {} for name in held}
    for facet in held.get("eligible_by", {}):
        cells = _cells(facet, {_COUNTS[name]: of[facet] for name, of in held.items()})
        rows = _large(cells) if facet in OVERLAPPING else _folded(cells)
        for name in held:
            counts = {value: one[_COUNTS[name]] for value, one in rows.items()}
            made[name][facet] = {value: n for value, n in counts.items() if n >= LEAST}
    return made
