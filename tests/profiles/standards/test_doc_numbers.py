"""Document numbers in the shapes print and web pages give them."""

from __future__ import annotations

import csv
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.standards.doc_numbers import (
    DocNumber,
    DocNumberError,
    canonical_doc_numbers,
    find_doc_numbers,
    parse_doc_number,
    read_doc_numbers,
)
from tests.shared import shared_file

OPEN, CLOSE = "〔［[【（(﹝〖〈", "〕］]】）)﹞〗〉"
LETTERS = ["杭政函", "国发", "国办发明电", "浙人社发", "工信部联企业", "和政发", "自府发", "京人社就发"]

ONE = [
    ("杭政函〔2024〕16 号", "杭政函〔2024〕16号"),
    ("杭 政 函 〔 2 0 2 4 〕 1 6 号", "杭政函〔2024〕16号"),
    ("杭政函\n〔2024〕\n16号", "杭政函〔2024〕16号"),
    ("杭政函〔２０２４〕１６号", "杭政函〔2024〕16号"),
    ("杭政函〔2024〕第016號", "杭政函〔2024〕16号"),
    ("杭政函〔2024〕16", "杭政函〔2024〕16号"),
    ("杭政函〔2024年〕16号文", "杭政函〔2024〕16号"),
    ("文号：杭政函﹝2024﹞16号", "杭政函〔2024〕16号"),
    ("（杭政函[2024]16号）", "杭政函〔2024〕16号"),
    ("\u200b杭政函\u00a0〔2024〕\ufeff16号", "杭政函〔2024〕16号"),
    ("国发〔二〇二一〕十六号", "国发〔2021〕16号"),
    ("国发〔二○二一〕一百零五号", "国发〔2021〕105号"),
    ("〔1996〕武司字第82号", "武司字〔1996〕82号"),
    ("中华人民共和国主席令第九十一号", "主席令第91号"),
    ("主席令（第一百二十号）", "主席令第120号"),
    ("中华人民共和国国务院令\n第707号", "国务院令第707号"),
    ("国令707号", "国令第707号"),
    ("浙江省人民政府第388号令", "浙江省人民政府令第388号"),
    ("省政府388号令", "省政府令第388号"),
    ("国家发展和改革委员会令 2021年 第42号", "国家发展和改革委员会令2021年第42号"),
    ("公告2020年第12号", "公告2020年第12号"),
    ("公告（二〇二〇年第十二号）", "公告2020年第12号"),
    ("国家税务总局公告2019年第 014 号", "国家税务总局公告2019年第14号"),
    ("国家税务总局2020年第12号公告", "国家税务总局公告2020年第12号"),
    ("财政部公告〔2020〕12号", "财政部公告2020年第12号"),
    ("财政部 税务总局公告2020年第12号", "财政部税务总局公告2020年第12号"),
    ("财政部、税务总局公告2020年第12号", "财政部税务总局公告2020年第12号"),
    ("浙江省第十三届人民代表大会常务委员会公告第71号", "浙江省第十三届人民代表大会常务委员会公告第71号"),
    ("国务院国发〔2019〕5号", "国发〔2019〕5号"),
    ("《国发〔2019〕5号》", "国发〔2019〕5号"),
    ("国发〔2019〕5号文件", "国发〔2019〕5号"),
    ("浙政发〔2024〕15号（ZJAA00-2024-0003）", "浙政发〔2024〕15号"),
    ("（94）财税字第001号", "财税字〔1994〕1号"),
    ("财税字[94]1号", "财税字〔1994〕1号"),
    (
        "中华人民共和国国家发展和改革委员会 中华人民共和国商务部令2021年第47号",
        "国家发展和改革委员会商务部令2021年第47号",
    ),
    (
        "工业和信息化部 国家发展改革委 财政部 自然资源部 生态环境部 商务部 应急管理部公告2023年第5号",
        "工业和信息化部国家发展改革委财政部自然资源部生态环境部商务部应急管理部公告2023年第5号",
    ),
]

SEVERAL = [
    ("国发〔2019〕5号、国办发〔2019〕6号", ["国发〔2019〕5号", "国办发〔2019〕6号"]),
    ("国发〔2019〕5号，国办发〔2019〕6号", ["国发〔2019〕5号", "国办发〔2019〕6号"]),
    ("国发〔2019〕5号和国办发〔2019〕6号", ["国发〔2019〕5号", "国办发〔2019〕6号"]),
    ("国发〔2019〕5号\n国办发〔2019〕6号", ["国发〔2019〕5号", "国办发〔2019〕6号"]),
    ("浙政发〔2024〕16、17号", ["浙政发〔2024〕16号", "浙政发〔2024〕17号"]),
    ("浙政发〔2024〕16号、17号", ["浙政发〔2024〕16号", "浙政发〔2024〕17号"]),
    ("浙政发〔2024〕16号、〔2025〕3号", ["浙政发〔2024〕16号", "浙政发〔2025〕3号"]),
    ("浙政发〔2024〕16至18号", ["浙政发〔2024〕16号", "浙政发〔2024〕17号", "浙政发〔2024〕18号"]),
    ("国发〔2019〕5号，国发〔2019〕5号", ["国发〔2019〕5号"]),
    ("浙政发〔2024〕16号至18号", ["浙政发〔2024〕16号", "浙政发〔2024〕17号", "浙政发〔2024〕18号"]),
    ("浙政发〔2024〕16号、〔2025〕3号、4号", ["浙政发〔2024〕16号", "浙政发〔2025〕3号", "浙政发〔2025〕4号"]),
    ("税务总局公告2023年第7号、2024年第2号", ["税务总局公告2023年第7号", "税务总局公告2024年第2号"]),
]

RUNNING = [
    ("按照国办发〔1993〕71号文件的规定，以及国发〔2015〕43号。", ["国办发〔1993〕71号", "国发〔2015〕43号"]),
    ("2018年12月18日中华人民共和国国务院令第707号第四次修订", ["国务院令第707号"]),
    ("根据杭政函〔2024〕16号和浙政发〔2024〕15号", ["杭政函〔2024〕16号", "浙政发〔2024〕15号"]),
    ("经浙江省人民政府令第388号公布", ["浙江省人民政府令第388号"]),
    ("同意将国发〔2020〕1号废止（和政发〔2020〕2号）", ["国发〔2020〕1号", "和政发〔2020〕2号"]),
    ("四次会议第7240号建议的答复", []),
    ("收入（2023）100万元，责令第3号楼停工，见第5号公告栏", []),
    ("（2020）浙01民终123号、（2005）杭民一初字第123号", []),
    ("参会人员（2019）5号线、（2019）第3号楼、〔2019〕、编号（2019）第3号", []),
    ("人民法院公报2020年第12号、见表（2024）12号", []),
    ("“杭政办函〔2021〕28号”、《杭政函〔2024〕16号》", ["杭政办函〔2021〕28号", "杭政函〔2024〕16号"]),
    ("我局杭市管〔2020〕12号、市政府杭政函〔2020〕3号", ["杭市管〔2020〕12号", "杭政函〔2020〕3号"]),
    ("转发国务院办公厅国办发〔2020〕12号文件", ["国办发〔2020〕12号"]),
    ("国家发展和改革委员会发改价格〔2019〕761号", ["发改价格〔2019〕761号"]),
    ("工信部联企业〔2011〕300号、人社部发〔2019〕5号", ["工信部联企业〔2011〕300号", "人社部发〔2019〕5号"]),
    ("县政府办发〔2020〕5号", ["县政府办发〔2020〕5号"]),
    ("教育部高等教育司函〔2020〕1号", ["教育部高等教育司函〔2020〕1号"]),
    ("教高司函〔2020〕1号", ["教高司函〔2020〕1号"]),
]

# A word that leads up to a number, and the same sign as the name of a place.
FIRST = [
    ("自国发〔2015〕43号施行之日起", "国发〔2015〕43号"),
    ("将浙政办发〔2019〕2号第三条修改为", "浙政办发〔2019〕2号"),
    ("原杭政办函〔2012〕12号同时废止", "杭政办函〔2012〕12号"),
    ("原国家旅游局令第41号", "国家旅游局令第41号"),
    ("自府发〔2020〕1号", "自府发〔2020〕1号"),
    ("将政办〔2020〕1号", "将政办〔2020〕1号"),
    ("和财发〔2020〕1号", "和财发〔2020〕1号"),
]


@pytest.mark.parametrize(("text", "canonical"), ONE)
def test_one_number_in_its_shapes(text: str, canonical: str) -> None:
    assert str(parse_doc_number(text)) == canonical


@pytest.mark.parametrize(("text", "canonical"), SEVERAL)
def test_a_field_may_hold_several(text: str, canonical: list[str]) -> None:
    assert [str(one) for one in read_doc_numbers(text)] == canonical
    assert canonical_doc_numbers(text) == "、".join(canonical)


@pytest.mark.parametrize(("text", "canonical"), RUNNING)
def test_numbers_are_cut_out_of_running_text(text: str, canonical: list[str]) -> None:
    found = find_doc_numbers(text)
    assert [str(one) for one in found] == canonical
    assert all("号" in text[slice(*one.span)] for one in found)


@pytest.mark.parametrize(("text", "canonical"), FIRST)
def test_a_leading_word_is_told_from_a_place(text: str, canonical: str) -> None:
    assert str(find_doc_numbers(text)[0]) == canonical


NONE = ["", "-", "—", "－", " / ", "无", "N/A", "无文号", "（无）", "暂缺", "…", "。", "不详", "*", "SDPR-2020-0010001"]


@pytest.mark.parametrize("text", [*NONE, "ZJAC00-2024-0001", "000014349/2019-00006"])
def test_a_placeholder_or_another_registers_number_is_none(text: str) -> None:
    assert parse_doc_number(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("一份通知", "no_number"),
        ("杭政函〔2024〕0号", "no_number"),
        ("杭政函〔1024〕16号", "no_number"),
        ("杭政函〔2024〕1600000号", "no_number"),
        ("浙政发〔2024〕18至16号", "no_number"),
        ("关于印发规划的通知（杭政函〔2024〕16号）", "not_only_numbers"),
        ("国发〔2019〕5号、国发〔2019〕6号", "several_numbers"),
        ("号" * 501, "too_long"),
    ],
)
def test_what_is_no_number_is_an_error(text: str, code: str) -> None:
    with pytest.raises(DocNumberError) as caught:
        parse_doc_number(text)
    assert caught.value.code == code


def test_two_letters_of_one_order_share_a_key() -> None:
    first, second = parse_doc_number("国务院令第707号"), parse_doc_number("国令第707号")
    assert first
    assert second
    assert (first.key, first != second) == (second.key, True)


def test_the_shared_cases_hold() -> None:
    if (path := shared_file("cases/doc_no_cases.csv")) is None:
        return
    for row in csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()):
        assert canonical_doc_numbers(row["input"]) == row["normalised"], row


def test_numbers_in_use_read_as_themselves() -> None:
    if (path := shared_file("policies/gov_cn_2019.jsonl")) is None:
        return
    numbers = [json.loads(line)["doc_no"] for line in path.read_text(encoding="utf-8").splitlines()]
    assert [str(parse_doc_number(number)) for number in numbers] == numbers


@given(
    st.sampled_from(LETTERS),
    st.integers(1949, 2199),
    st.integers(1, 99999),
    st.integers(0, 8),
    st.sampled_from(["", " ", "\n"]),
)
def test_a_number_reads_back_in_any_bracket_and_in_a_sentence(
    letters: str, year: int, number: int, bracket: int, blank: str
) -> None:
    told = DocNumber(letters, year, number, "bracket")
    written = f"{letters}{blank}{OPEN[bracket]}{year}{CLOSE[bracket]}{blank}{number:03d}{blank}号"
    assert parse_doc_number(written) == parse_doc_number(str(told)) == told
    assert find_doc_numbers(f"现印发（{written}），请执行。") == (told,)


@given(
    st.sampled_from(["主席令", "财政部令", "国家税务总局公告"]),
    st.none() | st.integers(1949, 2199),
    st.integers(1, 9999),
)
def test_an_order_reads_back(letters: str, year: int | None, number: int) -> None:
    told = DocNumber(letters, year, number, "order")
    assert parse_doc_number(str(told)) == told
    assert find_doc_numbers(f"《办法》（{told}）") == (told,)


@pytest.mark.parametrize(
    "piece",
    [
        "〔",
        "〔2024〕",
        "一",
        "令",
        " ",
        "〔 ",
        "中",
        "、1",
        "令第1号、",
        "0",
        "2024年 第1 ",
        "〔2024〕1、",
        "部 令第1号",
        "国发〔2024〕1-30、",
    ],
)
def test_the_time_grows_with_the_text_only(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    begun = time.process_time()
    find_doc_numbers(text)
    assert time.process_time() - begun < 5


def test_a_text_without_end_is_refused() -> None:
    with pytest.raises(DocNumberError, match="at most"):
        find_doc_numbers("号" * 2_000_001)
