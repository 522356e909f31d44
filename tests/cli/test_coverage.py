"""`pushsvc campaign create --floor` and `pushsvc campaign report`: a floor goes in, the tables come out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pushsvc.pipeline.campaigns import CampaignError
from tests.cli.test_library import Run, library, run

__all__ = ["library", "run"]  # fixtures, used by their names


def create(run: Run, *options: str) -> object:
    return run("campaign", "create", "p", "--author", "李萌", *options)


@pytest.mark.usefixtures("library")
def test_a_campaign_is_created_with_a_floor_and_reports_by_group(run: Run) -> None:
    assert run("publish", "p", "--author", "李萌", "--reviewer", "周岚").exit_code == 0
    assert create(run, "--floor", "0.2", "--top-n", "50", "--min-z", "-1").output == "campaign 2: draft\n"  # type: ignore[attr-defined]  # click's result
    assert json.loads(run("campaign", "report", "2", "--json").output)["coverage"]["groups"] == {}


@pytest.mark.parametrize("floor", ["nan", "-0.1", "1.5"])
def test_a_floor_that_is_no_share_makes_no_campaign(run: Run, library: Path, floor: str) -> None:
    run("publish", "p", "--author", "李萌", "--reviewer", "周岚")
    refused = create(run, "--floor", floor)
    assert isinstance(refused.exception, CampaignError)  # type: ignore[attr-defined]
    assert refused.exception.code == "bad_rule"  # type: ignore[attr-defined]
    assert "There is no campaign 2." in str(run("campaign", "report", "2").exception)
