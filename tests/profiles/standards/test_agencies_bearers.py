"""An ended agency leads to who does its work on the day asked, in a chain, or to several where it was split."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from profiles.standards.agencies_bearers import bearers, renamed
from profiles.standards.agencies_table import named

TODAY = date(2026, 6, 24)


@pytest.mark.parametrize(
    ("name", "on", "found"),
    [
        ("国务院办公厅", TODAY, ("国务院办公厅",)),
        ("农业部", date(2018, 3, 16), ("农业部",)),
        ("农业部", date(2018, 3, 17), ("农业农村部",)),
        ("中国银行业监督管理委员会", date(2019, 1, 1), ("中国银行保险监督管理委员会",)),
        ("中国银行业监督管理委员会", TODAY, ("国家金融监督管理总局",)),
        ("铁道部", TODAY, ("交通运输部", "国家铁路局")),
        ("卫生部", TODAY, ("国家卫生健康委员会",)),
    ],
)
def test_who_does_its_work_on_a_day(name: str, on: date, found: tuple[str, ...]) -> None:
    assert bearers(name, on) == found


def test_every_chain_ends_and_never_goes_back() -> None:
    for agency in named().values():
        if agency.until is None or not agency.successors:
            continue
        assert agency.name not in bearers(agency.name, TODAY)
        assert bearers(agency.name, agency.until - timedelta(days=1)) == (agency.name,)


def test_only_names_no_longer_borne_are_listed() -> None:
    assert renamed(("国务院办公厅", "农业部"), TODAY) == {"农业部": ("农业农村部",)}
