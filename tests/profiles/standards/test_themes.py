"""Themes of policies and of services."""

from __future__ import annotations

import json

import pytest

from profiles.standards import themes
from profiles.standards.themes import ThemeError, parse_service_theme, parse_theme
from tests.shared import shared_file


def test_the_tables_are_whole() -> None:
    assert (len(themes.first_levels()), len(themes.pairs())) == (22, 32)
    subjects = [theme.subject for theme in themes.service_themes()]
    assert (subjects.count("legal_person"), subjects.count("natural_person")) == (35, 32)
    assert {first for first, _ in themes.pairs()} <= set(themes.first_levels())


@pytest.mark.parametrize(
    ("text", "first", "second", "met"),
    [
        ("财政、金融、审计\\银行", "财政、金融、审计", "银行", True),
        ("财政、金融、审计 ＼ 银行", "财政、金融、审计", "银行", True),
        ("财政，金融，审计", "财政、金融、审计", "", True),
        ("1081", "财政、金融、审计", "", True),
        ("１０８１", "财政、金融、审计", "", True),
        ("科技、教育\\", "科技、教育", "", True),
        ("科技、教育\\\\教育", "科技、教育", "教育", True),
        ("农业、林业、水利\\农业、畜牧业、渔业", "农业、林业、水利", "农业、畜牧业、渔业", True),
        ("财政、金融、审计\\证券", "财政、金融、审计", "证券", False),
    ],
)
def test_only_the_backslash_parts_the_levels(text: str, first: str, second: str, met: bool) -> None:
    found = parse_theme(text)
    assert (found.first, found.second, found.met) == (first, second, met)
    assert parse_theme(str(found)) == found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "unknown_theme"),
        ("财政", "unknown_theme"),
        ("1095", "unknown_theme"),
        ("银行", "unknown_theme"),
        ("科技、教育\\教育\\小学", "bad_theme"),
        ("科技、教育\\<b>", "bad_theme"),
        ("科" * 101, "bad_theme"),
    ],
)
def test_what_is_no_theme_is_an_error(text: str, code: str) -> None:
    with pytest.raises(ThemeError) as caught:
        parse_theme(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("subject", "text", "code"),
    [
        ("legal_person", "005", "005"),
        ("natural_person", "５", "005"),
        ("legal_person", "科技创新", "115"),
        ("natural_person", "社会保障(社会保险,社会救助)", "085"),
    ],
)
def test_a_service_theme_by_code_or_name(subject: str, text: str, code: str) -> None:
    assert parse_service_theme(subject, text).code == code


@pytest.mark.parametrize(
    ("subject", "text"), [("legal_person", "生育收养"), ("natural_person", "010x"), ("firm", "005")]
)
def test_a_service_theme_of_the_other_list_is_an_error(subject: str, text: str) -> None:
    with pytest.raises(ThemeError):
        parse_service_theme(subject, text)


def test_themes_in_use_are_known() -> None:
    if (path := shared_file("policies/gov_cn_2019.jsonl")) is None:
        return
    for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        found = parse_theme("\\".join(filter(None, (row["theme_l1"], row["theme_l2"]))))
        assert (found.first, found.second, found.met) == (row["theme_l1"], row["theme_l2"] or "", True)
