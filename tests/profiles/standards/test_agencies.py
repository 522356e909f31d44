"""Agencies: names and short names, places, days of reforms, prefixes of document numbers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from profiles.standards.agencies import AgencyError, agency_of_prefix, agency_on, parse_agencies, parse_agency
from profiles.standards.agencies_table import bodies, full_names, named, prefixes

DAY = timedelta(days=1)


def test_every_successor_and_owner_of_a_prefix_is_known() -> None:
    assert all(name in named() for agency in named().values() for name in agency.successors)
    assert all(parse_agency(name).known and parse_agency(name).name == name for name, _ in prefixes().values())
    assert all(one in bodies() for body in bodies().values() for one in body.successors)


def test_no_agency_outlives_its_end_or_takes_over_before_it_is() -> None:
    for agency in named().values():
        assert agency.since is None or agency.until is None or agency.since < agency.until
        assert bool(agency.until) == bool(agency.successors)
        for name in agency.successors:
            since = named()[name].since
            assert since is None or agency.until is None or since <= agency.until


@pytest.mark.parametrize("name", [agency.name for agency in named().values() if len(agency.successors) == 1])
def test_the_successor_does_the_work_from_its_first_day(name: str) -> None:
    old = named()[name]
    assert old.until is not None
    assert agency_on(name, old.until - DAY).name == name
    assert [agency_on(name, day).name for day in (old.until, old.until + DAY)] == [old.successors[0]] * 2


@pytest.mark.parametrize("name", sorted(full_names()))
def test_names_and_short_names_mean_one_agency(name: str) -> None:
    assert parse_agency(name).name == full_names()[name]


@pytest.mark.parametrize(
    ("text", "name", "region"),
    [
        ("杭州市发改委", "杭州市发展和改革委员会", "330100"),
        ("浙江经信厅", "浙江省经济和信息化厅", "330000"),
        ("杭州市西湖区人民政府办公室", "杭州市西湖区人民政府办公室", "330106"),
        ("徐汇区新型工业化推进办公室", "徐汇区新型工业化推进办公室", "310104"),
        ("上海市徐汇区科委", "上海市徐汇区科学技术委员会", "310104"),
        ("国家税务总局浙江省税务局", "国家税务总局浙江省税务局", "330000"),
        ("浙江省人大常委会", "浙江省人民代表大会常务委员会", "330000"),
        ("杭州高新区（滨江）管委会", "杭州高新区(滨江)管理委员会", "330174"),
        ("中华人民共和国财政部", "财政部", "000000"),
        ("杭 州 市 财 政 局", "杭州市财政局", "330100"),
        ("云湾区人民政府", "云湾区人民政府", "990101"),
    ],
)
def test_a_local_agency_is_a_place_and_a_body(text: str, name: str, region: str) -> None:
    found = parse_agency(text)
    assert (found.name, found.region, found.known) == (name, region, True)


def test_a_place_of_two_is_settled_by_the_context_alone() -> None:
    assert parse_agency("西湖区人民政府").region is None
    assert not parse_agency("西湖区人民政府").known
    assert parse_agency("西湖区人民政府", "330102").region == "330106"
    assert parse_agency("市发改委", "330106").name == "杭州市发展和改革委员会"
    assert parse_agency("省人民政府", "330106").region == "330000"
    assert not parse_agency("市发改委").known


def test_a_renamed_local_body_has_a_current_name() -> None:
    old = parse_agency("萧山区工商局")
    assert (old.name, old.current_name) == ("萧山区工商行政管理局", "萧山区市场监督管理局")
    assert agency_on("杭州市环保局", date(2019, 3, 31)).name == "杭州市环境保护局"
    assert agency_on("杭州市环保局", date(2019, 4, 1)).name == "杭州市生态环境局"


def test_several_agencies_in_one_field_are_told_apart() -> None:
    for field in ("国务院办公厅、中央军委办公厅", "国务院办公厅 中央军委办公厅", "国务院办公厅，\n中央军委办公厅"):
        assert [found.name for found in parse_agencies(field)] == ["国务院办公厅", "中央军委办公厅"]
    with pytest.raises(AgencyError) as caught:
        parse_agency("国务院、中央军委")
    assert caught.value.code == "several_agencies"


def test_menu_text_is_no_known_agency() -> None:
    found = parse_agencies("徐汇区公安分局\n\n\n民政局\n\n司法局")
    assert [(one.name, one.region) for one in found] == [
        ("徐汇区公安分局", "310104"),
        ("民政局", None),
        ("司法局", None),
    ]
    assert not parse_agency("网站导航").known


def test_the_work_of_one_day_may_be_split_or_unknown() -> None:
    for name, day, code in (
        ("国家新闻出版广电总局", date(2020, 1, 1), "ambiguous_agency"),
        ("工业和信息化部", date(2005, 1, 1), "ambiguous_agency"),
        ("国家数据局", date(2020, 1, 1), "no_agency_on_day"),
        ("杭州市国土资源局", date(2024, 1, 1), "no_agency_on_day"),
    ):
        with pytest.raises(AgencyError) as caught:
            agency_on(name, day)
        assert caught.value.code == code


def test_who_came_before_is_found_over_several_reforms() -> None:
    assert agency_on("生态环境部", date(2018, 3, 16)).name == "环境保护部"
    assert agency_on("生态环境部", date(2008, 3, 14)).name == "国家环境保护总局"
    assert agency_on("卫生部", date(2024, 1, 1)).name == "国家卫生健康委员会"


@pytest.mark.parametrize(
    ("prefix", "name"),
    [
        ("国发", "国务院"),
        ("国办发", "国务院办公厅"),
        ("国函", "国务院"),
        ("国办函", "国务院办公厅"),
        ("国办发明电", "国务院办公厅"),
        ("浙政发", "浙江省人民政府"),
        ("浙政办发", "浙江省人民政府办公厅"),
        ("浙政函", "浙江省人民政府"),
        ("杭政", "杭州市人民政府"),
        ("杭政函", "杭州市人民政府"),
        ("杭政办", "杭州市人民政府办公厅"),
        ("杭政办函", "杭州市人民政府办公厅"),
        ("苏政办发", "江苏省人民政府办公厅"),
        ("沪府规", "上海市人民政府"),
        ("浙财企", "浙江省财政厅"),
        (" 国科发火 ", "科学技术部"),
    ],
)
def test_a_prefix_of_a_document_number_names_its_agency(prefix: str, name: str) -> None:
    found = agency_of_prefix(prefix)
    assert found is not None
    assert (found.name, found.known) == (name, True)


@pytest.mark.parametrize("prefix", ["", "西政发", "府", "某某发", "国", "x" * 10_000])
def test_an_unknown_prefix_names_nobody(prefix: str) -> None:
    assert agency_of_prefix(prefix) is None


@pytest.mark.parametrize(("text", "code"), [("", "no_agency"), (" 、 ", "no_agency"), ("局" * 61, "too_long")])
def test_a_field_without_an_agency_is_an_error(text: str, code: str) -> None:
    with pytest.raises(AgencyError) as caught:
        parse_agencies(text)
    assert caught.value.code == code


def test_a_field_too_long_is_an_error() -> None:
    with pytest.raises(AgencyError, match="20000"):
        parse_agencies("财政部、" * 10_000)
