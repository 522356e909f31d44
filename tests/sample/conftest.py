"""One small city for all tests of the sample, read back the way the service imports it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from profiles import criteria
from profiles.building import build_frame
from profiles.columns import Frame
from profiles.facts import SENSITIVE, STORED
from profiles.lifecycle import derive
from profiles.records import ProfileRecord, read_profiles
from pushsvc.sample import CITY_DAY, CityFiles, write_city


@dataclass(frozen=True)
class City:
    """The files, and what an import makes of them."""

    files: CityFiles
    records: dict[str, ProfileRecord]
    policies: dict[str, dict[str, Any]]
    frame: Frame

    def decide(self, policy: str, profile: str, *, on_deadline: bool = True) -> int:
        """What a policy's criteria say of a profile: 1, 0 or -1."""
        row = list(self.records).index(profile)
        deadline = self.policies[policy].get("window_closes") if on_deadline else None
        tree = criteria.parse(self.policies[policy]["criteria"])
        on = self.files.on
        found = criteria.decide(tree, self.frame, on=on, deadline=on.fromisoformat(deadline) if deadline else None)
        return int(found.state[row])


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    files = write_city(tmp_path_factory.mktemp("city"), seed=7, profiles=2000, policies=200)
    chunks = list(read_profiles(files.profiles_csv))
    assert [error for chunk in chunks for error in chunk.errors] == []
    records = [record for chunk in chunks for record in chunk.records]
    lines = files.policies_jsonl.read_text(encoding="utf-8").splitlines()
    policies = {policy["ref"]: policy for policy in map(json.loads, lines)}
    return City(files, {record.ref: record for record in records}, policies, _frame(records))


@pytest.fixture
def small(tmp_path: Path) -> CityFiles:
    return write_city(tmp_path / "small", seed=7, profiles=400, policies=40)


def _frame(records: list[ProfileRecord]) -> Frame:
    raw: dict[str, list[object]] = {name: [record.facts.get(name) for record in records] for name in STORED}
    raw |= {name: [record.sensitive.get(name) for record in records] for name in SENSITIVE}
    raw["kind"] = [record.kind for record in records]
    years = sorted({name for record in records for name in record.yearly})
    raw |= {name: [record.yearly.get(name) for record in records] for name in years}
    papers = [[(one.key, one.valid_from, one.valid_until) for one in r.qualifications or ()] for r in records]
    lists = {name: [getattr(record, name) for record in records] for name in ("objectives", "benefits")}
    family = [[(child.birth_date, child.household_region) for child in record.dependants] for record in records]
    frame = build_frame(
        range(len(records)),
        raw,
        interests=[r.interests for r in records],
        dependants=family,
        lists=lists,
        qualifications=papers,
    )
    return derive(frame, CITY_DAY)
