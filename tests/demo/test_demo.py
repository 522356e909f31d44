"""The demo from outside, small: a killed worker, three doors, and a second run that sends nothing twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

PARTS = ("--once", "--json", "--profiles", "600", "--policies", "60")


def _run(var: Path) -> dict[str, Any]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PUSHSVC_")}
    command = [sys.executable, "-m", "pushsvc", "demo", *PARTS]
    done = subprocess.run(command, env=environ | {"PUSHSVC_VAR": str(var)}, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    var = tmp_path_factory.mktemp("demo") / "var"
    return _run(var), _run(var)


def _accepted(result: dict[str, Any]) -> Counter[str]:
    return sum((Counter(campaign["accepted"]) for campaign in result["campaigns"]), Counter())


def test_sinks_equal_what_was_accepted_and_nothing_is_lost(runs):
    first, _ = runs
    gathering = [states.get("gathering", 0) for row in first["campaigns"] for states in row["deliveries"].values()]
    assert first["lost"] == first["duplicates"] == 0
    assert first["pending"] == sum(gathering)  # nothing waits but digests of another day
    assert first["sinks"] == {channel: _accepted(first)[channel] for channel in ("app", "sms", "email")}
    assert sum(first["sinks"].values()) > 50


def test_a_second_run_sends_nothing_twice(runs):
    first, second = runs
    assert second["sinks"] == first["sinks"] == second["accepted"]
    assert second["lost"] == second["duplicates"] == 0


def test_the_killed_worker_had_messages_on_their_way_and_they_were_settled(runs):
    first, _ = runs
    assert first["kill"]["killed"]
    assert first["kill"]["settled"] == first["kill"]["sending"] > 0
    assert not any("unknown" in states for campaign in first["campaigns"] for states in campaign["deliveries"].values())


def test_all_doors_were_used(runs):
    doors = {door for campaign in runs[0]["campaigns"] for door in campaign["selected"]}
    assert {"entitled", "subscribed"} <= doors
    assert ("recommended" in doors) == bool(runs[0]["model"]["trained"])


def test_who_is_told_by_duty_needs_no_consent_when_the_message_leaves(runs):
    (talent,) = [campaign for campaign in runs[0]["campaigns"] if campaign["policy"] == "p07-talent-housing"]
    assert talent["selected"]["entitled"] == talent["eligible"]
    assert not any("refused" in states for states in talent["deliveries"].values())


def test_what_was_switched_off_was_dropped(runs):
    first, second = runs
    assert first["personalised_off"]["left"] == second["personalised_off"]["left"] == 0
    assert first["personalised_off"]["dropped"] == second["personalised_off"]["dropped_ever"]


def test_a_birth_is_answered_by_one_digest(runs):
    for result in runs:
        assert result["birth"]["digests"] == 1
        assert result["birth"]["policies"] >= 4


def test_the_same_family_goes_out_for_another_event_and_not_twice_for_the_same(runs):
    yearly, again = [campaign for campaign in runs[0]["campaigns"] if campaign["policy"] == "p02-rd-window"]
    assert sum(yearly["accepted"].values()) > 0
    assert sum(again["accepted"].values()) == 0
    assert again["refusals"]["told"] > 0
