"""Writes the sample city as files to import: profiles, policies, deeds, subscriptions, suppressed addresses."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path

import numpy as np

from pushsvc.sample.behaviour import Act, history_before, interactions
from pushsvc.sample.edge import auntie_acts, edge_citizens, edge_entities
from pushsvc.sample.policies import Policy, city_policies
from pushsvc.sample.population import Population, draw_population
from pushsvc.sample.reach import draw_members, draw_reach
from pushsvc.sample.rows import header, profile_rows
from pushsvc.sample.wishes import COLUMNS, subscription_rows

CITY_DAY = date(2026, 6, 24)
CITIZENS = 0.6  # of all profiles


@dataclass(frozen=True)
class CityFiles:
    """The files of one city. `on`: the day everything is told from; `counts`: rows by file name."""

    on: date
    profiles_csv: Path
    policies_jsonl: Path
    interactions_csv: Path
    subscriptions_csv: Path
    suppressions_csv: Path
    counts: Mapping[str, int]


def write_city(root: Path, *, seed: int, on: date = CITY_DAY, profiles: int = 20_000, policies: int = 200) -> CityFiles:
    """Write the city of `seed` as it is on `on` under `root`: the same arguments give the same bytes.

    `profiles` at least 100, three fifths of them citizens; `policies` at least 20.
    """
    root.mkdir(parents=True, exist_ok=True)
    people_rng, reach_rng, deeds_rng = (np.random.default_rng([seed, part]) for part in range(3))
    cast, firms = edge_citizens(on), edge_entities(on)
    citizens = round(profiles * CITIZENS)
    people = draw_population(
        people_rng, citizens=citizens - len(cast), entities=profiles - citizens - len(firms), on=on
    )
    reach = draw_reach(reach_rng, people)
    drawn = profile_rows(reach_rng, people, reach, draw_members(reach_rng, people, reach), on=on)
    made = city_policies(on, policies)
    suppressed = (dict(zip(("channel", "address", "reason"), row, strict=True)) for row in reach.suppressed)
    counts = {
        "profiles": _write_csv(root / "profiles.csv", header(on), chain(cast, drawn, firms)),
        "policies": _write_policies(root / "policies.jsonl", made),
        "interactions": _write_csv(root / "interactions.csv", _ACTS, _deeds(deeds_rng, people, made, on)),
        "subscriptions": _write_csv(root / "subscriptions.csv", COLUMNS, subscription_rows(deeds_rng, people)),
        "suppressions": _write_csv(root / "suppressions.csv", ("channel", "address", "reason"), suppressed),
    }
    return CityFiles(
        on,
        root / "profiles.csv",
        root / "policies.jsonl",
        root / "interactions.csv",
        root / "subscriptions.csv",
        root / "suppressions.csv",
        counts,
    )


_ACTS = ("profile", "policy", "kind", "at")


def _deeds(rng: np.random.Generator, people: Population, made: list[Policy], on: date) -> Iterable[dict[str, str]]:
    span = history_before(on)
    acts: Iterable[Act] = chain(interactions(rng, people, made, span), auntie_acts(made, span.start, span.end))
    return (
        {"profile": who, "policy": what, "kind": kind, "at": at.isoformat(timespec="seconds")}
        for who, what, kind, at in acts
    )


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Mapping[str, str]]) -> int:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, header, restval="", lineterminator="\n")
        writer.writeheader()
        count = 0
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


def _write_policies(path: Path, policies: Sequence[Policy]) -> int:
    path.write_text("".join(json.dumps(policy, ensure_ascii=False) + "\n" for policy in policies), encoding="utf-8")
    return len(policies)
