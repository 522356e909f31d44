"""Titles cut into words."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommenders.words import FORMAL, words

TITLES = ("2026年 SME 研发补助(试行)", "关于印发科技型中小企业研发费用补助办法的通知", "5G产业用地,一件事")
titles = st.text(st.sampled_from("关于印发中小企业研发补助办法的通知(试行)第2批ａＢ5g、 \n"), max_size=40)


def test_titles_are_cut_into_words_of_either_script() -> None:
    assert list(words(TITLES[0])) == ["sme", "研发", "补助"]
    assert list(words(TITLES[2])) == ["5g", "产业", "用地", "一件"]


def test_a_long_word_comes_with_the_words_inside_it() -> None:
    assert {"中小企业", "企业", "研发", "费用"} <= set(words(TITLES[1]))


def test_what_every_official_title_says_is_left_out() -> None:
    assert list(words("关于印发若干规定的通知(2026年修订)")) == []


@given(titles)
def test_words_are_two_characters_or_more_and_none_is_formal_or_a_number(title: str) -> None:
    found = list(words(title))
    assert all(len(word) > 1 and not word.isdigit() for word in found)
    assert not FORMAL.intersection(found)


@given(titles)
def test_width_and_case_do_not_matter(title: str) -> None:
    wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in title.upper())
    assert list(words(wide)) == list(words(title))


@given(st.text(max_size=60))
def test_any_text_can_be_cut(text: str) -> None:
    assert all(words(text))


def test_threads_cut_as_one_does() -> None:
    asked = TITLES * 50
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda title: list(words(title)), asked)) == [list(words(title)) for title in asked]


_FORKED = """
import os, sys
from recommenders.words import words
assert "rjieba" not in sys.modules, "loaded before it was needed"
before = list(words(sys.argv[1]))
child = os.fork()
if not child:
    os._exit(list(words(sys.argv[1])) != before)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.parametrize("title", TITLES[1:2])
def test_a_forked_child_cuts_as_its_parent_does(title: str) -> None:
    subprocess.run([sys.executable, "-c", _FORKED, title], check=True, timeout=60)
