"""An invented letter, read whole; what its own words say goes before the header."""

from __future__ import annotations

from datetime import date

import pytest

from pushsvc.texts.interpreting import interpret
from pushsvc.texts.policy import Link
from pushsvc.texts.raw import RawText
from tests.texts.making import LETTER, TITLE, raw


def test_a_letter_without_a_header_tells_all_of_itself() -> None:
    text = interpret(raw())
    assert (text.title, text.doc_no) == (TITLE, "云政办发〔2021〕8号")
    assert (text.agency, text.date_written) == ("云州市人民政府办公厅", date(2021, 6, 17))
    assert text.family == "云州市小微企业融资服务办法"
    assert text.links == (
        Link("based_on", "国发〔2015〕43号", "国务院关于促进融资服务的意见"),
        Link("based_on", None, "中华人民共和国中小企业促进法"),
    )
    assert text.notes == ()


def test_the_text_outranks_a_wrong_header() -> None:
    text = interpret(raw(title=TITLE, doc_no="云政办发〔2021〕80号", agency="云州市财政局"))
    assert (text.doc_no, text.agency) == ("云政办发〔2021〕8号", "云州市人民政府办公厅")
    assert [note.code for note in text.notes] == ["number_corrected", "agency_corrected"]


def test_a_dash_is_no_number_and_a_menu_no_agency() -> None:
    menu = "\n\n".join(["民政局", "司法局", "财政局", "审计局", "统计局"])
    text = interpret(raw("正文一段，说明事项。", title="云州区关于支持商业的意见", doc_no="-", agency=menu))
    assert (text.doc_no, text.agency) == (None, None)
    assert [note.code for note in text.notes] == ["agency_corrected"]


def test_one_line_of_a_page_is_read_for_its_labels() -> None:
    line = (
        f"{TITLE} 首页 | 无障碍 首页/政务公开 索引号 : Y1 主题分类 : 政策法规 发布机构 : 云州市发展和改革委员会 "
        "发文字号 : - 公开属性 : 主动公开 发布时间： 2024-11-21 点击数： 15 状态查询（撤销） 流水号： 查询 "
        "云州市商业办法 （征求意见稿） "
        + "为促进商业发展，制定本办法。" * 20
        + " 友情链接 财政局 民政局 网站地图 政府网站标识码：31"
    )
    text = interpret(raw(line, title="云州市商业办法", agency="民政局\n财政局\n司法局\n审计局"))
    assert (text.agency, text.index_no, text.doc_no) == ("云州市发展和改革委员会", "Y1", None)
    assert (text.kind, text.version, text.date_published) == ("consultation", "征求意见稿", date(2024, 11, 21))
    assert text.body.startswith("云州市商业办法")
    assert text.body.endswith("制定本办法。")


def test_a_joint_letter_names_all_its_agencies() -> None:
    both = "云州市财政局 云州市科学技术局"
    body = f"{both}\n关于奖励研发的通知\n云财发〔2020〕1号\n各区：\n请执行。\n{both}\n二〇二〇年一月三日"
    text = interpret(raw(body))
    assert text.agencies == ("云州市财政局", "云州市科学技术局")
    assert text.date_written == date(2020, 1, 3)


def test_an_order_bears_its_number_above_its_text() -> None:
    body = (
        "中华人民共和国国务院令\n第900号\n现公布修订后的《某某管理条例》，自2030年3月1日起施行。\n"
        "总理 某某某\n2029年12月18日\n某某管理条例\n第一条 略。"
    )
    text = interpret(raw(body))
    assert (text.title, text.doc_no, text.agency) == ("某某管理条例", "国令第900号", "国务院")
    assert (text.date_written, text.date_effective) == (date(2029, 12, 18), date(2030, 3, 1))


def test_numbers_of_other_registers_are_fields_of_their_own() -> None:
    text = interpret(raw(LETTER, index_no="000014349/2019-00006", doc_no="ZJAC00-2024-0001"))
    assert (text.doc_no, text.normative_no) == ("云政办发〔2021〕8号", "ZJAC00-2024-0001")
    assert text.index_no == "000014349/2019-00006"


@pytest.mark.parametrize(
    ("themes", "found"),
    [
        ("财政、金融、审计\\银行", ("财政、金融、审计", "银行")),
        ("甲|乙", ("甲", "乙")),
        (["甲", "甲", 3], ("甲",)),
        ("-", ()),
    ],
)
def test_themes_are_split_on_the_backslash(themes: object, found: tuple[str, ...]) -> None:
    assert interpret(raw(themes=themes)).themes == found


def test_amounts_are_read_in_ten_thousands() -> None:
    text = interpret(raw(amount="最高补助1.5亿元"))
    assert (text.amount, text.amount_wan) == ("最高补助1.5亿元", 15_000)
    assert interpret(raw(amount="补助20万元", amount_wan=10)).amount_wan == 10


def test_traditional_and_full_width_letters_become_plain() -> None:
    body = (
        "雲州市人民政府關於發展經濟的通知\n雲政發〔２０２１〕８號\n各區、縣：\n"
        "為貫徹“數智雲州”，現將有關事項通知如下。\n雲州市人民政府\n２０２１年６月１日"
    )
    text = interpret(raw(body))
    assert text.traditional
    assert (text.title, text.doc_no) == ("云州市人民政府关于发展经济的通知", "云政发〔2021〕8号")
    assert "“数智云州”，" in text.body
    assert text.date_written == date(2021, 6, 1)


@pytest.mark.parametrize(
    ("told", "themes"),
    [
        ("1084", ("工业、交通",)),
        ("财政、金融、审计\\银行", ("财政、金融、审计", "银行")),
        ("自定主题/二", ("自定主题", "二")),
    ],
)
def test_a_theme_is_read_by_number_or_name_and_any_other_as_printed(told: str, themes: tuple[str, ...]) -> None:
    assert interpret(RawText(1, {"themes": told, "title": "甲"}, {}, "正文。", "plain", "x", "0" * 64)).themes == themes
