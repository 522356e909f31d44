"""Keyword queries: words that must all occur, alternatives, whatever the width and case; hashing never decides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.subscriptions import PolicyTags, alternatives, spelled
from profiles.subscriptions.pairs import build_pairs
from profiles.subscriptions.terms import build_terms
from tests.profiles.subscriptions.slowly import Wanted, index

# Few letters, so that words occur, overlap and repeat: astral and wide ones, one that folds to two, one that combines.
LETTERS = "aＡ补贴房😀𠮷ßé\u0301ﬁ\0"
words = st.text(LETTERS, min_size=1, max_size=5)
texts = st.one_of(st.text(LETTERS, max_size=40), st.text(max_size=20))


def hit(text: str, keyword: str) -> bool:
    """Whether a policy of this text answers the keyword."""
    return len(index(Wanted(keyword=keyword)).matching(PolicyTags((), (), "", text))) == 1


@pytest.mark.parametrize(
    ("keyword", "text", "expected"),
    [
        ("ai", "扶持ＡＩ企业", True),
        ("ＡＩ", "Ai", True),
        ("研发", "研 发", False),
        ("租房 补贴", "补贴给在本市租房的人", True),
        ("租房　补贴", "租房", False),
        ("租房 补贴|公租房", "公租房", True),
        ("租房 补贴｜公租房", "补贴", False),
        ("公租房|租房", "租房", True),
        ("补贴 补贴", "补贴", True),
        ("AB bc", "abc", True),
        ("STRASSE", "straße", True),
        ("𠮷野家", "在𠮷野家", True),
        ("很长的词比文字还长", "很长", False),
        ("字", "", False),
    ],
)
def test_words_are_found_whatever_their_order_width_and_case(keyword: str, text: str, expected: bool) -> None:
    assert hit(text, keyword) is expected


def test_a_keyword_is_split_at_white_space_and_marks_alone() -> None:
    assert spelled("租房 补贴｜ 公租房 |") == (("租房", "补贴"), ("公租房",))
    assert alternatives("ＡＢ ab|ab") == (("ab",),)
    # What folds to a blank with a mark is still one word.
    assert alternatives("a¨b") == (("a \u0308b",),)
    assert alternatives(None) == alternatives(" | ") == ()


@given(st.lists(words, max_size=12, unique=True), texts, st.sampled_from([None, 1, 3, 2**63 + 1]))
def test_the_words_of_a_text_are_exactly_those_that_occur(known: list[str], text: str, multiplier: int | None) -> None:
    # With multiplier 1 a key is the sum of the letters: every anagram collides.
    terms, order = build_terms(known, **({} if multiplier is None else {"multiplier": multiplier}))
    found = [known[order[row]] for row in terms.within(text).tolist()]
    assert sorted(found) == sorted(word for word in known if word in text)


def test_words_whose_keys_collide_are_told_apart() -> None:
    terms, order = build_terms(["ab", "ba", "补贴", "贴补"], multiplier=1)
    assert len(set(terms.keys.tolist())) == 2
    assert {("ab", "ba", "补贴", "贴补")[order[row]] for row in terms.within("ba补贴").tolist()} == {"ba", "补贴"}
    # The stretch that was compared first is the other one.
    assert {("ab", "ba", "补贴", "贴补")[order[row]] for row in terms.within("baab").tolist()} == {"ab", "ba"}


def test_many_words_at_once_are_found_in_a_long_text() -> None:
    draw = np.random.default_rng(7)
    letters = [chr(0x4E00 + number) for number in range(40)]
    known = sorted({"".join(draw.choice(letters, size)) for size in draw.integers(1, 70, 4000)})
    text = "".join(draw.choice(letters, 3000)) + known[17] + known[-1]
    terms, order = build_terms(known)
    expected = {word for word in known if word in text}
    assert {known[order[row]] for row in terms.within(text).tolist()} == expected
    assert len(expected) > 50


@given(st.lists(texts, max_size=6), words | st.just(""), st.data())
def test_the_texts_that_hold_a_word_are_exactly_those(many: list[str], word: str, data: st.DataObject) -> None:
    assert build_pairs(many).holding(word).tolist() == [word in text for text in many]
    among = [data.draw(st.booleans()) for _ in many]
    found = build_pairs(many).holding(word, np.array(among, np.bool_))
    assert found.tolist() == [of and word in text for of, text in zip(among, many, strict=True)]


def test_a_word_whose_pairs_stand_apart_is_not_in_the_text() -> None:
    assert build_pairs(["ab bc", "abc"]).holding("abc").tolist() == [False, True]
