"""Industries in every shape people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.standards import industries
from profiles.standards.industries import IndustryError, industry_mask, industry_states, parse_industry
from tests.profiles.making import refusal

CODES = sorted(industries.table())


@pytest.mark.parametrize(
    "text",
    [
        "I6513",
        "6513",
        "i6513",
        " 6513 ",
        "Ｉ６５１３",
        "I 6513",
        "I.6513",
        "I-6513",
        "(I6513)",
        "应用软件开发",
        "I6513 应用软件开发",
        "6513应用软件开发",
        "应用软件开发（6513）",
        "6513 软件…",
        "6513-软件和信息技术服务业",
    ],
)
def test_one_class_in_its_shapes(text: str) -> None:
    assert parse_industry(text) == "I6513"


WIDER = [
    ("I65", "I65"),
    ("65", "I65"),
    ("i", "I"),
    ("I门类", "I"),
    ("C 制造业", "C"),
    ("Ｉ　６５", "I65"),
    ("I.65", "I65"),
    ("651", "I651"),
    ("65大类", "I65"),
    ("65软件…", "I65"),
    ("I65 软件和信息技术服务业", "I65"),
    ("软件和信息技术服务业", "I65"),
    ("I、信息传输、软件和信息技术服务业", "I"),
    ("信息传输,软件和信息技术服务业", "I"),
    ("农林牧渔业", "A"),
    ("软件和信息技术服务", "I65"),
    ("软件开发业", "I651"),
    ("'65", "I65"),
    ("65.0", "I65"),
]


@pytest.mark.parametrize(("text", "code"), WIDER)
def test_wider_codes_in_their_shapes(text: str, code: str) -> None:
    assert parse_industry(text) == code


def test_a_new_class_under_a_known_group_is_accepted() -> None:
    assert "I6515" not in industries.table()
    assert parse_industry("6515") == "I6515"
    assert industries.name_of("I6515") == industries.name_of("I651")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A6513",
        "A65",
        "999",
        "658",
        "6",
        "65130",
        "U",
        "U65",
        "软件",
        "-",
        "٦٥",
        "0",
        "98",
        "65 1",
        "65餐饮业",
        "65岁以上",
        "I6513 餐饮业",
        "65" + "软" * 99,
    ],
)
def test_what_is_no_industry_is_an_error(text: str) -> None:
    with pytest.raises(IndustryError) as caught:
        parse_industry(text)
    assert caught.value.code == "unknown_industry"


def test_the_table_is_whole() -> None:
    counts = [sum(len(code) == length for code in CODES) for length in (1, 3, 4, 5)]
    assert counts == [20, 97, 473, 1381]


def test_masks_work_on_any_shape() -> None:
    assert industry_mask(["6513", "I64", "I", "?"], ["I65"]).tolist() == [True, False, False, False]
    assert industry_states(["6513", "I64", "I", "?"], ["65"]).tolist() == [1, 0, -1, -1]


@given(st.sampled_from(CODES), st.sampled_from(CODES))
def test_within_follows_the_parents(code: str, ancestor: str) -> None:
    above, at = {code}, code
    while industries.table()[at].parent:
        at = industries.table()[at].parent
        above.add(at)
    assert industries.covers(ancestor, code) == (ancestor in above)


@given(st.sampled_from(CODES))
def test_every_code_reads_back_with_and_without_its_letter(code: str) -> None:
    assert parse_industry(code) == code
    assert len(code) == 1 or parse_industry(code[1:]) == code


@given(st.text(max_size=12))
def test_no_text_crashes_it(text: str) -> None:
    error = refusal(parse_industry, text)
    assert (error is None) == (industries.canonical(text) != "")


@given(st.sampled_from(CODES), st.sampled_from(["", " ", ".", "-", "　"]), st.sampled_from(["", " ", "-"]))
def test_a_code_reads_back_with_its_name_before_or_after(code: str, dot: str, blank: str) -> None:
    name, written = industries.name_of(code), f"{code[0]}{dot}{code[1:]}" if len(code) > 1 else code
    assert parse_industry(f"{written}{blank}{name}") == code
    assert parse_industry(f"{name}（{written}）") == code


@given(st.sampled_from([code for code in CODES if len(code) == 4]), st.integers(0, 9))
def test_any_fourth_digit_is_kept_under_a_known_group(group: str, digit: int) -> None:
    assert parse_industry(f"{group[1:]}{digit}") == f"{group}{digit}"


@given(st.sampled_from([code for code in CODES if len(code) > 1]), st.sampled_from("ABCDEFGHIJKLMNOPQRST"))
def test_a_wrong_letter_is_an_error(code: str, letter: str) -> None:
    error = refusal(parse_industry, letter + code[1:])
    assert (error is None) == (letter == code[0])
