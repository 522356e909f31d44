"""The gate as a whole: on real texts beside the project, on anything at all, and on hostile sizes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushsvc.texts.files import read_texts
from pushsvc.texts.fingerprints import fingerprint
from pushsvc.texts.interpreting import interpret
from pushsvc.texts.policy import PolicyText
from pushsvc.texts.quality import findings, findings_among, is_blocked
from pushsvc.texts.raw import RawText
from tests.draws import draws
from tests.shared import shared_file
from tests.texts.fuzzing import MANY, batches
from tests.texts.judging import PROSE, TODAY, blocked, judged

# Bodies that truly break off: one chapter and no closing article, or their own article 20 cited of nine.
CUT_AT_THE_SOURCE = {"law-00208", "law-00256", "law-00317"}
REAL = ["gov_cn_2019.jsonl", "hangzhou_local_regs.jsonl", "zhejiang_provincial_regs.jsonl"]
# fmt: off
WORDS = [
    "404 Not Found", "页面不存在", "请登录", "征求意见稿", "（草案）", "公示期", "名单", "序号 企业名称 ",
    "1 某市甲乙有限公司 ", "第一条 ", "第九条 ", "第一章 总则 ", "一、", "附件：", "最高1000万元", "二十万元",
    "50%", "……", "查看全文", "《", "》", "。", "，", "首页 网站地图 ", "2024年1月2日", "某市财政局",
    "发布机构：", "锟斤拷", "为支持本区企业稳定发展，制定本办法", "a@b.cn",
    "\n", " ", "\ufffd",
]
# fmt: on


def read(name: str) -> list[tuple[PolicyText, RawText]]:
    path = shared_file(f"policies/{name}")
    return [(interpret(raw), raw) for raw in read_texts(path) if isinstance(raw, RawText)] if path else []


@pytest.mark.parametrize("name", [*REAL, "hangzhou_2021_open_government_notice.txt"])
def test_real_policies_pass_but_for_those_cut_at_the_source(name: str) -> None:
    found = {text.ref for text, raw in read(name) if is_blocked(findings(text, raw, today=TODAY))}
    assert found <= CUT_AT_THE_SOURCE


def test_of_the_noisy_rows_only_the_one_in_force_passes() -> None:
    expected = {"draft": "draft_as_policy", "error_page": "error_page", "result_list": "result_list"}
    for text, raw in read("xuhui_noisy_import.jsonl"):
        codes = {one.code for one in findings(text, raw, today=TODAY) if one.blocking}
        label = expected.get(str(raw.extra.get("label_kind")))
        assert (label in codes) if label else not codes


def test_no_real_text_is_taken_for_another() -> None:
    prints = [fingerprint(text) for name in REAL for text, _ in read(name)]
    assert findings_among(prints, []) == {}


def test_what_blocks_comes_first_and_each_finding_says_where_in_two_languages() -> None:
    found = judged("某办法（征求意见稿）", PROSE + "四、其他", agency="首页 网站地图", amount="20万元", amount_wan=10.0)
    assert [one.blocking for one in found] == sorted((one.blocking for one in found), reverse=True)
    assert all(one.code and one.place and one.zh and one.en for one in found)


def test_nothing_is_said_of_the_end_of_what_is_no_text() -> None:
    assert blocked("404", "404 Not Found", amount="20万元", amount_wan=10.0) == {"error_page"}


@MANY
@given(batches(14, bytes))
def test_any_text_is_judged(many: list[bytes]) -> None:
    for drawn in many:
        title, agency, *parts = (WORDS[place % len(WORDS)] for place in (drawn + b"\0\0")[:14])
        body = "".join(parts)
        for one in judged(title, body, agency=agency, amount=title):
            assert not one.place.startswith("body:") or 0 <= int(one.place[5:]) <= len(body)


@given(st.text(max_size=30), st.one_of(st.none(), st.integers(), st.floats(), st.text(max_size=8)))
@settings(max_examples=draws(3000), deadline=None)
def test_any_letters_and_any_header_are_judged(body: str, value: object) -> None:
    judged(body[:9], body, agency=value, articles=value, amount=value, subsidy=value)


@pytest.mark.parametrize("piece", [*WORDS, "1", "1 ", "第", "(", "一", "《》", "现将", "<", "公司", "请", "\u3000"])
def test_a_hundred_thousand_of_one_thing_take_no_time(piece: str) -> None:
    begin = time.process_time()
    judged("办法", piece * (100_000 // len(piece)), agency=piece * 1000)
    assert time.process_time() - begin < 3


def test_a_megabyte_is_judged_in_seconds(tmp_path: Path) -> None:
    for piece in ("附件：", "1"):
        begin = time.process_time()
        judged("办法", piece * (1_000_000 // len(piece)))
        assert time.process_time() - begin < 15
