"""Qualifications: names, dated definitions, terms."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.standards import qualifications
from profiles.standards.qualifications import (
    Qualification,
    QualificationError,
    default_until,
    definition,
    parse_qualification,
    register,
)
from tests.shared import shared_file

OURS = Qualification("park_tenant", "园区入驻企业", "Tenant of the park", "zone", valid_years=2, names=("园区企业",))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("national_hnte", "national_hnte"),
        ("高企", "national_hnte"),
        ("国家高新技术企业", "national_hnte"),
        ("高新技术企业(国家)", "national_hnte"),
        ("专精特新", "srdi_sme"),
        ("小巨人", "little_giant"),
        ("专精特新“小巨人”企业", "little_giant"),
        ("专精特新「小巨人」企业", "little_giant"),
        ("科技型中小企业", "tech_sme"),
        ("浙江省科技型中小企业", "prov_tech_sme"),
        ("市级高新技术企业", "city_hnte"),
        ("规上工业", "above_scale_industry"),
        ("ＮＡＴＩＯＮＡＬ＿ＨＮＴＥ ", "national_hnte"),
        ("专精特新‘小巨人’企业", "little_giant"),
        ("国家级专精特新小巨人", "little_giant"),
        ("国家级制造业单项冠军企业", "champion"),
        ("浙江省专精特新中小企业", "srdi_sme"),
        ("省级创新型中小企业", "innovative_sme"),
        ("高新技术企业证书", "national_hnte"),
        ("规上企业", "above_scale_industry"),
    ],
)
def test_a_key_a_name_or_a_short_name_is_one_key(text: str, key: str) -> None:
    assert parse_qualification(text) == key


@pytest.mark.parametrize("text", ["", "企业", "国家级专精特新中小企业", "个体企业", "high_tech", "x" * 101, "；drop"])
def test_an_unknown_one_is_an_error(text: str) -> None:
    with pytest.raises(QualificationError) as caught:
        parse_qualification(text)
    assert caught.value.code == "unknown_qualification"


def test_an_unknown_one_names_what_is_near() -> None:
    with pytest.raises(QualificationError, match="national_hnte"):
        parse_qualification("national_hnt")


def test_no_name_means_two_things_and_every_key_has_one_name() -> None:
    meant: dict[str, set[str]] = {}
    for row in qualifications.table():
        for name in (row.key, row.zh, *row.names):
            meant.setdefault(name, set()).add(row.key)
        assert row.zh
        assert row.en
        assert row.basis
        assert definition(row.key).zh == row.zh
    assert all(len(keys) == 1 for keys in meant.values())


def test_an_operator_adds_their_own() -> None:
    extra = register([OURS])
    assert parse_qualification("园区企业", extra) == "park_tenant"
    assert default_until("park_tenant", date(2026, 1, 5), extra) == date(2028, 1, 5)
    with pytest.raises(QualificationError):
        parse_qualification("园区企业")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (Qualification("Park", "园区", "Park", "zone"), "bad_key"),
        (Qualification("p", "园区", "Park", "zone"), "bad_key"),
        (Qualification("park", "高企", "Park", "zone"), "taken"),
    ],
)
def test_an_operators_row_that_is_no_use_is_an_error(row: Qualification, code: str) -> None:
    with pytest.raises(QualificationError) as caught:
        register([row])
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("on", "basis"),
    [
        (date(2022, 8, 1), "工信部企业〔2022〕63号"),
        (date(2026, 3, 31), "工信部企业〔2022〕63号"),
        (date(2026, 4, 1), "工信部企业〔2026〕2号"),
        (None, "工信部企业〔2026〕2号"),
        (date(2010, 1, 1), "工信部企业〔2026〕2号"),
    ],
)
def test_the_definition_is_the_one_of_the_day(on: date | None, basis: str) -> None:
    assert definition("srdi_sme", on).basis == basis


def test_definitions_of_one_kind_never_overlap() -> None:
    for key in qualifications.all_keys():
        rows = [row for row in qualifications.table() if row.key == key]
        for earlier, later in pairwise(rows):
            assert earlier.until
            assert later.since == earlier.until + timedelta(days=1)


@pytest.mark.parametrize(
    ("key", "begun", "last"),
    [
        ("national_hnte", date(2023, 12, 8), date(2026, 12, 8)),
        ("national_hnte", date(2024, 2, 29), date(2027, 2, 28)),
        ("tech_sme", date(2025, 6, 1), date(2026, 3, 31)),
        ("prov_tech_sme", date(2025, 6, 1), None),
        ("national_hnte", date(9998, 1, 1), None),
    ],
)
def test_a_term_ends_on_its_day(key: str, begun: date, last: date | None) -> None:
    assert default_until(key, begun) == last


@given(st.sampled_from(qualifications.all_keys()), st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 900))
def test_a_later_certificate_never_ends_earlier(key: str, begun: date, days: int) -> None:
    first, second = default_until(key, begun), default_until(key, begun + timedelta(days=days))
    assert (first is None) == (second is None)
    assert first is None or (second is not None and begun < first <= second)


def test_the_keys_of_old_programmes_are_known() -> None:
    if (path := shared_file("policies/hangzhou_tech_programmes_2019.json")) is None:
        return
    for programme in json.loads(path.read_text(encoding="utf-8"))["programmes"]:
        assert parse_qualification(programme["key"]) in qualifications.all_keys()
