"""The region a document holds in."""

from __future__ import annotations

import pytest

from pushsvc.texts.scope import code_of, region_of


@pytest.mark.parametrize(
    ("told", "code"),
    [("330100", "330100"), (330106, "330106"), ("33", "330000"), ("徐汇区", "310104"), ("浙江省杭州市西湖区", "330106"),
     ("国", None), ("999999", None), ("", None), (None, None), (True, None)],
)  # fmt: skip
def test_a_header_tells_a_code_or_a_name(told: object, code: str | None) -> None:
    assert code_of(told) == code


@pytest.mark.parametrize(
    ("told", "title", "agencies", "code"),
    [
        ("330100", "宁波杭州湾新区条例", (), "330200"),
        ("330100", "杭州大江东产业集聚区管理条例", (), "330100"),
        ("330000", "中国（浙江）自由贸易试验区条例", (), "330000"),
        ("330000", "浙江省景宁畲族自治县自治条例", (), "331127"),
        ("330106", "杭州市人民政府关于发展商业的意见", ("杭州市人民政府",), "330106"),
        (None, "杭州市人民政府关于发展商业的意见", (), "330100"),
        (None, "关于发展商业的意见", ("徐汇区财政局",), "310104"),
        (None, "国务院关于河北雄安新区总体规划的批复", ("国务院",), "000000"),
        ("000000", "浙江省海洋经济发展示范区规划的批复", ("国务院",), "000000"),
        (None, "关于发展商业的意见", (), None),
    ],
)
def test_the_title_names_its_place_first(told: str | None, title: str, agencies: tuple[str, ...], code: str) -> None:
    assert region_of(told, title, agencies)[0] == code


def test_a_header_that_says_another_place_is_corrected_with_a_note() -> None:
    (note,) = region_of("330100", "宁波杭州湾新区条例", ())[1]
    assert (note.code, note.place) == ("region_corrected", "region")
