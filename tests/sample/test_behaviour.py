"""What people did: most never open, spring is busy, applying takes weeks, and interest follows who they are."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import datetime

import pytest

from profiles.records import read_subscriptions
from tests.sample.conftest import City

Act = tuple[str, str, str, datetime]


@pytest.fixture(scope="module")
def acts(city: City) -> list[Act]:
    with city.files.interactions_csv.open(encoding="utf-8") as lines:
        return [(r["profile"], r["policy"], r["kind"], datetime.fromisoformat(r["at"])) for r in csv.DictReader(lines)]


def test_60_percent_never_open(city: City, acts: list[Act]):
    assert 1 - len({profile for profile, *_ in acts}) / len(city.records) == pytest.approx(0.6, abs=0.05)


def test_a_city_of_20000_has_about_100000_deeds(city: City, acts: list[Act]):
    assert 80_000 < len(acts) * 20_000 / len(city.records) < 120_000


def test_everything_happens_to_known_people_and_policies_after_publication(city: City, acts: list[Act]):
    for profile, policy, _, at in acts:
        assert profile in city.records
        assert city.policies[policy]["date_published"] <= at.date().isoformat() < city.files.on.isoformat()


def test_spring_is_the_busiest_season(acts: list[Act]):
    months = Counter(at.month for *_, at in acts)
    assert months[3] + months[4] + months[5] > 0.4 * len(acts)


def test_who_applies_does_so_weeks_after_the_click(acts: list[Act]):
    times: dict[tuple[str, str], dict[str, datetime]] = defaultdict(dict)
    for profile, policy, kind, at in acts:
        times[profile, policy][kind] = at
    waits = [(t["applied"] - t["clicked"]).days for t in times.values() if "applied" in t]
    assert waits
    assert min(waits) >= 7
    assert max(waits) <= 60


def test_a_few_staff_open_far_more_than_anybody_else(acts: list[Act]):
    opened = Counter(profile for profile, _, kind, _ in acts if kind == "opened")
    top = [n for _, n in opened.most_common(2)]
    assert min(top) > 5 * sum(opened.values()) / len(opened)


def test_interest_follows_the_facts(city: City, acts: list[Act]):
    kinds = Counter((city.policies[policy]["topic"], city.records[profile].kind) for profile, policy, *_ in acts)
    assert kinds["enterprise", "enterprise"] > 5 * kinds["enterprise", "citizen"]
    assert kinds["elder", "citizen"] > 5 * kinds["elder", "enterprise"]


def test_a_believable_share_subscribes(city: City):
    chunks = list(read_subscriptions(city.files.subscriptions_csv))
    assert [error for chunk in chunks for error in chunk.errors] == []
    wishes = [wish for chunk in chunks for wish in chunk.records]
    assert 0.1 < len(wishes) / len(city.records) < 0.25
    for key in ("themes", "industries", "regions", "keyword"):
        assert any(getattr(wish, key) for wish in wishes)
