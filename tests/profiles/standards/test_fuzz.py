"""Noise for every parser of codes: an answer that reads back as itself, or an error with a code."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.address import parse_address
from profiles.standards.doc_numbers import find_doc_numbers, read_doc_numbers
from profiles.standards.identifiers import parse_credit_code
from profiles.standards.industries import parse_industry
from profiles.standards.numerals import chinese_number
from profiles.standards.qualifications import parse_qualification
from profiles.standards.register_numbers import parse_index_number, parse_normative_number
from profiles.standards.themes import parse_service_theme, parse_theme
from tests.draws import DRAWS
from tests.profiles.making import refusal
from tests.texts.fuzzing import MANY, batches

Parser = Callable[[str], Any]

# Each parser, how its answer is written, and the signs that lead far into it.
PARSERS: dict[str, tuple[Parser, Callable[[Any], str], str]] = {
    "doc_number": (
        read_doc_numbers,
        lambda found: "、".join(map(str, found)),
        "〔〕[]（）【第号令公告年国发和、,-至0123456789０一二十百千〇零 \n\t字通浙财部局",
    ),
    "normative": (parse_normative_number, str, "ZJAC019２/-—  \n0a号\0"),
    "index": (parse_index_number, str, "00001920２/-—  \na号\0"),
    "theme": (parse_theme, str, "财政金融审计科技教育其他\\＼、，,109８5 \n\0"),
    "service": (
        lambda text: parse_service_theme("legal_person", text),
        lambda found: found.code,
        "015９ 税收财务其他\0",
    ),
    "industry": (parse_industry, str, "IACT6513７90 .-（）、软件业制造农林…类餐饮\n\0"),
    "credit_code": (parse_credit_code, lambda found: found.value, "0123456789ANXY９ -\0"),
    "qualification": (parse_qualification, str, "高企专精特新小巨人科技型中业国省市_hnte“”() \0"),
    "sms": (lambda text: parse_address("sms", text), lambda found: found.value, "01358６+- ()转;ext=86\n\0"),
    "email": (lambda text: parse_address("email", text), lambda found: found.value, 'ab@＠.。-例中国xn"<> ,\n\0'),
    "app": (lambda text: parse_address("app", text), lambda found: found.value, "aZ09_-Ａ 令\n\0"),
}


# Several parsers in one run: drawing the noise costs most.
RUNS = [("doc_number", "normative", "index", "theme", "service"), ("industry", "qualification")]


@pytest.mark.parametrize("names", [*RUNS, ("sms", "email", "credit_code", "app")])
@settings(max_examples=DRAWS, deadline=None)
@given(st.binary(max_size=30))
def test_noise_is_read_back_or_refused(names: tuple[str, ...], noise: bytes) -> None:
    for name in names:
        parse, written, signs = PARSERS[name]
        text = "".join(signs[byte % len(signs)] for byte in noise)
        error = refusal(parse, text)
        if error is None:
            value = written(parse(text))
            assert written(parse(value)) == value, name
        else:
            assert error.code
            assert error.sentence
    chinese_number(text)


@settings(max_examples=2_000, deadline=None)
@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    for parse, _, _ in PARSERS.values():
        refusal(parse, text)
    for one in find_doc_numbers(text):
        assert 0 <= one.span[0] < one.span[1] <= len(text)


@MANY
@given(batches(60, bytes))
def test_what_is_found_in_a_text_reads_back_alone(noises: list[bytes]) -> None:
    signs = PARSERS["doc_number"][2]
    for noise in noises:
        text = "".join(signs[byte % len(signs)] for byte in noise)
        for one in find_doc_numbers(text):
            assert 0 <= one.span[0] < one.span[1] <= len(text)
            assert read_doc_numbers(str(one)) == (one,)


@pytest.mark.parametrize("name", PARSERS)
@pytest.mark.parametrize("piece", ["1", "中", " ", "〔2024〕1、", "@", "\\", "ﷺ"])
def test_what_is_far_too_long_is_refused_at_once(name: str, piece: str) -> None:
    text = piece * (2_000_000 // len(piece))
    begun = time.process_time()
    error = refusal(PARSERS[name][0], text)
    assert error is not None
    assert error.code
    assert time.process_time() - begun < 0.5
