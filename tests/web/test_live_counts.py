"""What a count tells of one person: nothing. Every number is cut to whole tens, and small parts are left out."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.context import Context
from pushsvc.web.counts import STEP, whole_tens
from tests.registering import register
from tests.web.browser import Browser
from tests.web.making import AUTHOR, api_key, crowd, operators
from tests.web.test_audience import send

COUNTS = st.integers(0, 40)
CELLS = st.dictionaries(st.text(max_size=3), COUNTS, max_size=4)
FACETS = ("kind", "district", "section", "size", "stage", "age")


@pytest.fixture
def author(app: Flask, ctx: Context) -> Browser:
    """李萌, signed in; a dozen residents of one district, and one of another who owns a home."""
    operators(ctx, AUTHOR)
    register(ctx, "many", birth_date="1950-05-01", region="990105", owns_home="no")
    crowd(ctx, 12)
    register(ctx, "neighbour", birth_date="1988-05-01", region="990101", owns_home="yes")
    return Browser(app).sign_in(operator="limeng")


def narrowed(**more: Any) -> dict[str, Any]:
    """Conditions that only one person can meet, and one fact more."""
    known = [{"fact": "age", "eq": 38}, {"fact": "region", "in_region": ["990101"]}]
    return {"all": [*known, *({"fact": fact, "eq": value} for fact, value in more.items())]}


def test_conditions_narrowed_down_to_one_person_tell_nothing_of_them(author: Browser) -> None:
    answers = [send(author, narrowed(owns_home=held)).json for held in (True, False)]
    told = [(one["said"], re.sub(r"\d+ 毫秒", "", one["figures"]), one["breakdown"]) for one in answers]
    assert told[0] == told[1]
    assert told[0][0].startswith("<10 份档案初步符合，<10 份可能符合")
    assert "990101" not in json.dumps(answers[0]["breakdown"])
    splits = [[row["split"] for row in one["rows"].values()] for one in answers]
    assert splits[0][:3] == splits[1][:3]


def test_what_is_not_known_of_one_person_is_not_told_either(author: Browser) -> None:
    answer = send(author, narrowed(household_size=3)).json
    assert "可能符合的人缺什么" not in answer["figures"]


def test_a_program_is_told_no_more(ctx: Context, author: Browser, browser: Browser) -> None:
    key = api_key(ctx, "audience:count")
    asked = [{"criteria": narrowed(owns_home=held)} for held in (True, False)]
    first, second = (browser.client.post("/api/v1/audience/count", json=body, headers=key).json for body in asked)
    assert first["nodes"][-1] != second["nodes"][-1], "of many, something is told"
    for answer in (first, second):
        answer["nodes"].pop()
    assert first == second
    assert (first["step"], first["eligible"], set(first["eligible_by"])) == (STEP, 0, set(FACETS))
    assert not any(first["eligible_by"].values())


@given(st.fixed_dictionaries(dict.fromkeys(("profiles", "eligible", "unknown", "no"), COUNTS)), CELLS, CELLS)
def test_every_number_is_a_whole_ten_and_none_too_high(
    counts: dict[str, int], missing: dict[str, int], cells: dict[str, int]
) -> None:
    nodes = [{"place": "all[0]", "yes": counts["eligible"], "no": counts["no"], "unknown": counts["unknown"]}]
    exact = {"on": "2026-06-24", **counts, "missing": missing, "nodes": nodes, "eligible_by": {"district": cells}}
    told = whole_tens(exact)
    assert all(0 <= counts[name] - told[name] < STEP and told[name] % STEP == 0 for name in counts)
    assert told["nodes"][0] == {
        "place": "all[0]",
        "yes": told["eligible"],
        "no": told["no"],
        "unknown": told["unknown"],
    }
    for before, after in ((missing, told["missing"]), (cells, told["eligible_by"]["district"])):
        assert set(after) == {name for name, n in before.items() if n >= STEP}
        assert all(n % STEP == 0 and 0 < n <= before[name] for name, n in after.items())


def test_small_changes_of_a_large_crowd_do_not_show(author: Browser, ctx: Context) -> None:
    before = send(author, {"fact": "age", "ge": 30}).json["figures"]
    register(ctx, "one-more", birth_date="1950-05-01", region="990105")
    after = send(author, {"fact": "age", "ge": 30}).json["figures"]
    assert re.sub(r"\d+ 毫秒", "", before) == re.sub(r"\d+ 毫秒", "", after)
