"""Headers: menus as agency, sums that disagree, dates that cannot be; and broken letters or another language."""

from __future__ import annotations

from datetime import date

import pytest

from tests.texts.judging import PROSE, blocked, noted

MENUS = [
    "公安分局\n\n\n民政局\n\n\n司法局\n\n\n财政局",
    "首页 政务公开 办事服务 互动交流",
    "序号\n\n企业名称\n\n1\n\n某市华东精密有限公司\n\n2\n\n某市蓝海信息有限公司",
    "发展和改革局 教育局 科技局 民政局 司法局 财政局",
    "首页 > 政务公开 > 政策文件",
    "区政府部门|发展和改革局|商务局|教育局|科技局",
    "请选择部门 全部 发改局 经信局",
    "某市贴息名单\n\n分享：\n收藏\n打印\n关闭窗口",
    "人民路街道\n文化路街道\n新华街道\n城东镇",
    "<ul><li>民政局</li><li>财政局</li></ul>",
    "民政局/司法局/财政局/审计局/统计局",
    "本网站由某区人民政府主办。版权归主办单位所有，未经授权不得转载，违者必究。",
]
NAMES = [
    "某区人民政府",
    "某市财政局、某市科学技术局、某市人力资源和社会保障局、某市统计局",
    "国家发展改革委 财政部 商务部",
    "某市人民政府办公室",
    "某区经济和信息化局（某区新型工业化推进办公室）",
    "",
    None,
    "-",
    ["某市财政局", "某市民政局"],
    "某市财政局；某市民政局",
    "中国（浙江）自由贸易试验区管理委员会",
    "某市财政局\n某市民政局",
]
SIGNED = PROSE + "某区经济和信息化局\n2024年1月2日"


@pytest.mark.parametrize("agency", MENUS)
def test_a_menu_as_agency_blocks_where_the_text_names_none(agency: str) -> None:
    assert blocked("办法", PROSE, agency=agency) == {"menu_as_agency"}


@pytest.mark.parametrize("agency", MENUS)
def test_it_is_a_note_where_the_text_names_the_agency(agency: str) -> None:
    assert blocked("办法", SIGNED, agency=agency) == set()
    assert "menu_as_agency" in noted("办法", SIGNED, agency=agency)


@pytest.mark.parametrize("agency", NAMES)
def test_a_name_or_several_joint_names_pass(agency: object) -> None:
    assert "menu_as_agency" not in blocked("办法", PROSE, agency=agency) | noted("办法", PROSE, agency=agency)


DISAGREE = [
    ("补助20万元", 10.0, PROSE),
    ("最高补助20万元", 30.0, PROSE),
    ("最高一千万元", 100.0, PROSE),
    ("一次性奖励5000元", 5.0, PROSE),
    ("最高１０００万元", 10_000.0, PROSE),
    ("补助1亿元", 1000.0, PROSE),
    ("10万元至50万元", 100.0, PROSE),
    (None, 50.0, PROSE + "四、最高给予1000万元的支持。\n"),
    (None, 100.0, PROSE + "四、给予二十万元奖励。\n"),
    ("奖励30万元", None, PROSE + "四、给予二十万元奖励。\n"),
    ("三百万元", 3000.0, PROSE),
    ("每家2.5万元", 25.0, PROSE),
    ("50万", 20.0, PROSE + "四、奖励20万元。\n"),
]
AGREE = [
    ("补助20万元", 20.0, PROSE),
    ("补助60万元，所得税按15%征收", 60.0, PROSE),
    ("最高1000万元", 1000.0, PROSE + "四、最高给予一千万元的支持，其他最高3000万元。\n"),
    ("5000元", 0.5, PROSE),
    ("10万元至50万元", 50.0, PROSE),
    ("10-50万元", 10.0, PROSE),
    ("", 20.0, PROSE),
    (None, 1000.0, PROSE + "四、最高给予１，０００万元的支持。\n"),
    (None, None, PROSE + "四、最高给予1000万元的支持。\n"),
    ("按规定执行", 20.0, PROSE + "四、补助贰拾万元。\n"),
    ("二十万元", 20.0, PROSE + "四、补助20万元，人数不超过5万人。\n"),
    ("1.5亿元", 15_000.0, PROSE),
    ("按投资额的50%补助", 20.0, PROSE),
]


@pytest.mark.parametrize(("said", "wan", "body"), DISAGREE)
def test_sums_that_disagree_are_named(said: str | None, wan: float | None, body: str) -> None:
    assert blocked("办法", body, amount=said, amount_wan=wan) == {"amount_disagrees"}


@pytest.mark.parametrize(("said", "wan", "body"), AGREE)
def test_sums_that_agree_pass(said: str | None, wan: float | None, body: str) -> None:
    assert blocked("办法", body, amount=said, amount_wan=wan) == set()


def test_a_number_in_yuan_is_held_against_sums_in_wan() -> None:
    body = PROSE + "四、最高给予1000万元的支持。\n"
    assert blocked("办法", body, max_amount=10_000_000) == set()
    assert blocked("办法", body, max_amount=1_000_000) == {"amount_disagrees"}


def test_dates_after_today_block_and_an_impossible_order_is_a_note() -> None:
    assert blocked(date_published=date(2026, 6, 2)) == {"date_in_future"}
    assert blocked(date_published=date(2026, 6, 1), date_effective=date(2027, 1, 1)) == set()
    assert "published_before_written" in noted(date_written=date(2024, 2, 1), date_published=date(2024, 1, 1))
    assert "ends_before_start" in noted(date_effective=date(2024, 2, 1), valid_to=date(2024, 1, 1))


def test_what_was_not_recognised_is_a_note() -> None:
    assert {"unknown_agency", "unknown_region"} <= noted()


MISREAD = [
    PROSE.encode().decode("gb18030", "replace"),
    PROSE.encode().decode("latin-1"),
    PROSE.encode("gb18030").decode("latin-1"),
    PROSE.encode("gb18030").decode("utf-8", "replace"),
    PROSE.replace("企业", "锟斤拷"),
    PROSE.replace("支持", "\ufffd\ufffd"),
    "??????????????? " * 20 + PROSE[:40],
    PROSE.replace("的", "&#30340;"),
]
READ = [
    PROSE,
    PROSE + "四、生僻字地名“\ue863”按照公安机关登记的写法。",
    PROSE + "四、支持 Müller、café 等品牌（R&D ≥ 5 %）。",
    PROSE + "四、锟铻路沿线企业同样适用。",
    PROSE + "四、联通公司负责网络保障。",
    PROSE + "四、真的可以申请吗？？",
]


@pytest.mark.parametrize("body", MISREAD)
def test_broken_letters_are_named(body: str) -> None:
    assert "mojibake" in blocked("办法", body)


@pytest.mark.parametrize("body", READ)
def test_rare_letters_are_no_fault(body: str) -> None:
    assert blocked("办法", body) == set()


@pytest.mark.parametrize(
    "body",
    [
        "This notice sets out the subsidies for small enterprises in the district and how to apply for them. " * 5,
        "この要綱は、区内の中小企業の発展を支援するため、補助金の交付について必要な事項を定めるものとする。" * 5,
        "이 조례는 구내 중소기업의 발전을 지원하기 위하여 필요한 사항을 정함을 목적으로 한다. " * 5,
        "Настоящий порядок определяет условия предоставления субсидий предприятиям района. " * 5,
    ],
)
def test_another_language_is_named(body: str) -> None:
    assert "wrong_language" in blocked("Notice", body)


def test_english_terms_in_a_chinese_text_pass() -> None:
    assert blocked("办法", PROSE + "四、支持 Large Language Model、Software as a Service 等平台建设。") == set()
