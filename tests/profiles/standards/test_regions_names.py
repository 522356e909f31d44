"""Places by name, alone and in running text."""

from __future__ import annotations

import time

import pytest

from profiles.standards.regions import (
    RegionError,
    lineage,
    needs_confirmation,
    places_in,
    region_of_name,
    regions_named,
    table,
)


def test_one_name_may_be_several_places() -> None:
    assert regions_named("西湖区") == ("330106", "360103")
    assert regions_named("普陀区") == ("310107", "330903")
    assert len(regions_named("城南街道")) == 4
    assert regions_named("城南街道", within="330100") == ("330122003",)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("杭州市", "330100"),
        ("杭州", "330100"),
        (" 徐汇区 ", "310104"),
        ("徐汇", "310104"),
        ("浙江", "330000"),
        ("新疆", "650000"),
        ("内蒙古", "150000"),
        ("景宁", "331127"),
        ("景宁畲族自治县", "331127"),
        ("忠县", "500233"),
        ("吉林市", "220200"),
        ("杭州西湖区", "330106"),
        ("浙江省杭州市西湖区", "330106"),
        ("浙江省杭州市西湖区转塘街道", "330106011"),
        ("南昌市西湖区", "360103"),
        ("下城区", "330105"),
        ("襄樊市", "420600"),
        ("云湾区", "990101"),
        ("宁波杭州湾新区", "330271"),
        ("杭州高新区（滨江）", "330174"),
    ],
)
def test_full_short_and_chained_names_are_found(name: str, code: str) -> None:
    assert region_of_name(name) == code


@pytest.mark.parametrize("name", ["西湖区", "城南街道", "吉林", "海南", "朝阳"])
def test_an_ambiguous_name_is_an_error_with_its_candidates(name: str) -> None:
    with pytest.raises(RegionError) as caught:
        region_of_name(name)
    assert caught.value.code == "ambiguous_region"
    assert caught.value.candidates == regions_named(name)


@pytest.mark.parametrize(("context", "code"), [("330102", "330106"), ("360000", "360103"), ("330000", "330106")])
def test_the_context_takes_the_nearest(context: str, code: str) -> None:
    assert region_of_name("西湖区", context) == code


def test_a_context_that_is_near_to_none_settles_nothing() -> None:
    with pytest.raises(RegionError, match="330106"):
        region_of_name("西湖区", "510000")


@pytest.mark.parametrize("name", ["", "   ", "高新区", "经开区", "开发区", "不存在的地方", "区", "杭" * 10_000])
def test_what_is_no_place_is_an_error(name: str) -> None:
    with pytest.raises(RegionError) as caught:
        region_of_name(name)
    assert caught.value.code == "unknown_region"


def test_a_dead_name_that_was_split_needs_confirmation() -> None:
    assert needs_confirmation(region_of_name("江干区"))
    assert needs_confirmation(region_of_name("绍兴县"))


def test_every_division_is_found_by_its_path() -> None:
    for code, row in table().items():
        if row.level in ("province", "city", "county") and not row.until:
            path = "".join(table()[one].name for one in reversed(lineage(code)[:-1]))
            assert code in regions_named(path), path


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("宁波杭州湾新区条例", [("宁波杭州湾新区", "330271", True)]),
        ("杭州湾跨海大桥收费办法", []),
        ("中国（浙江）自由贸易试验区条例", [("中国(浙江)自由贸易试验区", "330070", True)]),
        ("关于支持合肥高新区发展的意见", [("合肥高新区", "340100", True)]),
        ("上海浦东新区", [("上海", "310000", False), ("浦东新区", "310115", False)]),
        ("上海南京东路", [("上海", "310000", False)]),
        ("大运河北岸长治久安", []),
        ("杭州市支持高新区建设", [("杭州市", "330100", False)]),
        ("浙江省江干区", [("浙江省", "330000", False)]),
        ("杭州大江东产业集聚区管理条例", [("杭州大江东产业集聚区", "330172", True)]),
        ("钱江世纪城", [("钱江世纪城", "330175", True)]),
    ],
)
def test_the_longest_name_in_a_text_counts(text: str, found: list[tuple[str, str, bool]]) -> None:
    assert [(place.text, place.codes[0], place.zone) for place in places_in(text)] == found


def test_zones_are_never_divisions() -> None:
    assert all(table()[code].level == "zone" for code in regions_named("西湖风景名胜区"))
    assert not {"330106", "330171"} <= set(regions_named("西湖区"))


def test_a_long_text_is_read_in_time() -> None:
    started = time.perf_counter()
    assert len(places_in("浙江省杭州市西湖区" * 20_000)) == 60_000
    places_in("杭" * 200_000)
    assert time.perf_counter() - started < 5
