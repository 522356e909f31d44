"""Facts over the API: years, certificates and lists, as JSON writes them; what is wrong names its place."""

from __future__ import annotations

from typing import Any

import pytest

from pushsvc.context import Context
from tests.web.browser import Browser
from tests.web.making import api_key, rows, snapshot

FIRM: dict[str, Any] = {
    "kind": "enterprise",
    "revenue": 2000,
    "yearly": {"2025": {"revenue": 2000, "rd_spend": 160}, "2024": {"revenue": 1800.5}},
    "qualifications": [{"key": "national_hnte", "valid_from": "2023-12-08", "valid_until": "2026-12-07"}],
    "objectives": ["研发创新", "市场开拓"],
    "benefits": [],
    "source": "tax",
    "as_of": "2026-04-01",
}


@pytest.fixture
def key(ctx: Context) -> dict[str, str]:
    """A key that may write and read profiles."""
    return api_key(ctx, "profiles:write", "read")


def test_years_certificates_and_lists_go_in_and_come_back(browser: Browser, key: dict[str, str]) -> None:
    assert browser.client.put("/api/v1/profiles/f", json=FIRM, headers=key).status_code == 201
    again = browser.client.put("/api/v1/profiles/f", json=FIRM, headers=key)
    assert again.json["outcome"] == "unchanged"
    held = browser.client.get("/api/v1/profiles/f", headers=key).json
    told = {"source": "tax", "as_of": "2026-04-01"}
    assert {"fact": "revenue", "year": 2024, "value": 1800.5, **told} in held["yearly"]
    assert held["qualifications"] == [{**FIRM["qualifications"][0], **told}]
    assert (held["objectives"], held["benefits"], held["interests"]) == (["研发创新", "市场开拓"], [], [])


def test_what_is_not_sent_stays(browser: Browser, key: dict[str, str]) -> None:
    browser.client.put("/api/v1/profiles/f", json=FIRM, headers=key)
    more = {"kind": "enterprise", "yearly": {"2023": {"revenue": 1500}}, "source": "tax", "as_of": "2026-04-02"}
    assert browser.client.put("/api/v1/profiles/f", json=more, headers=key).status_code == 200
    held = browser.client.get("/api/v1/profiles/f", headers=key).json
    assert [one["year"] for one in held["yearly"] if one["fact"] == "revenue"] == [2025, 2024, 2023]
    assert len(held["qualifications"]) == 1
    assert held["benefits"] == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"yearly": [1]}, "yearly"),
        ({"yearly": {"2025": 7}}, "yearly.2025"),
        ({"yearly": {"25": {"revenue": 7}}}, "yearly.25.revenue"),
        ({"yearly": {"2025": {"region": 7}}}, "yearly.2025.region"),
        ({"yearly": {"2025": {"revenue": "much"}}}, "revenue@2025"),
        ({"yearly": {"2025": {"revenue": -1}}}, "revenue@2025"),
        ({"benefits": ["a", 7]}, "benefits[1]"),
        ({"objectives": ["a|b"]}, "objectives[0]"),
        ({"qualifications": [7]}, "qualifications[0]"),
        ({"qualifications": [{"key": "national_hnte", "from": "2023-01-01"}]}, "qualifications[0].from"),
        ({"qualifications": [{"key": "a|b", "valid_from": "2023-01-01"}]}, "qualifications[0].key"),
        ({"qualifications": [{"key": "no_such", "valid_from": "2023-01-01"}]}, "qualifications"),
        ({"qualifications": [{"key": "national_hnte"}]}, "qualifications"),
        (
            {"qualifications": [{"key": "national_hnte", "valid_from": "2023-01-02", "valid_until": "2023-01-01"}]},
            "qualifications",
        ),
    ],
)
def test_what_is_wrong_names_its_place_and_changes_nothing(
    browser: Browser, ctx: Context, key: dict[str, str], change: dict[str, object], place: str
) -> None:
    before = snapshot(ctx)
    answer = browser.client.put("/api/v1/profiles/f", json=FIRM | change, headers=key)
    assert (answer.status_code, answer.json["place"]) == (422, place)
    assert answer.json["sentence"]
    assert snapshot(ctx) == before


def test_news_over_the_api_are_life_events(browser: Browser, ctx: Context, key: dict[str, str]) -> None:
    put = browser.client.put
    start = {"kind": "enterprise", "region": "990101", "founded_on": "2026-06-01", "as_of": "2026-06-10"}
    put("/api/v1/profiles/f", json=start, headers=key)
    put("/api/v1/profiles/f", json={"kind": "enterprise", "region": "990105", "as_of": "2026-06-20"}, headers=key)
    paper = {"key": "tech_sme", "valid_from": "2026-06-15", "valid_until": "2027-03-31"}
    put("/api/v1/profiles/f", json={"kind": "enterprise", "qualifications": [paper]}, headers=key)
    events = rows(ctx, "select kind, key from life_event order by id")
    assert [(kind, key.partition(":")[0]) for kind, key in events] == [
        ("incorporation", "2026-06-01"),
        ("move", "990105"),
        ("qualified", "tech_sme"),
    ]
