"""Which word is believed: by rank and day, until it lapses, whatever the order the words came in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.conflicts import ALWAYS, Words, believed, lapsed, why_not
from profiles.sources import built_in, source_of
from tests.draws import draws


class Word(NamedTuple):
    rank: int
    holds: int
    day: int


REGISTER, OFFICE, FILE = (80, 400), (60, 180), (50, 180)


def words(*given: Word, about: int = 0) -> Words:
    rank, holds, day = (np.array([word[part] for word in given], dtype=np.int64) for part in range(3))
    return Words(np.full(len(given), about, dtype=np.int64), rank, holds, day, np.arange(len(given), dtype=np.int64))


def best(*given: Word) -> int:
    (found,) = np.flatnonzero(believed(words(*given)))
    return int(found)


def by_hand(given: list[Word]) -> Word:
    newest = max(word.day for word in given)
    alive = [word for word in given if newest - word.day <= word.holds]
    return max(alive, key=lambda word: (word.rank, word.day))


@pytest.mark.parametrize(
    ("held", "said", "wins"),
    [
        (Word(*FILE, 0), Word(*FILE, 1), 1),  # newer of one rank
        (Word(*FILE, 1), Word(*FILE, 0), 0),
        (Word(*FILE, 5), Word(*FILE, 5), 1),  # one day: the one said last
        (Word(*REGISTER, 0), Word(*FILE, 400), 0),  # the last day on which the register's word stands
        (Word(*REGISTER, 0), Word(*FILE, 401), 1),
        (Word(*FILE, 400), Word(*REGISTER, 0), 1),  # the same, met in the other order
        (Word(*FILE, 401), Word(*REGISTER, 0), 0),
        (Word(*OFFICE, 3), Word(*REGISTER, 3), 1),
        (Word(80, ALWAYS, 0), Word(*FILE, 100_000), 0),
    ],
)
def test_two_words(held: Word, said: Word, wins: int) -> None:
    assert best(held, said) == wins


def test_a_word_that_lost_is_believed_again_when_the_one_above_it_lapses() -> None:
    assert best(Word(80, 10, 0), Word(60, 365, 8), Word(50, 365, 12)) == 1


@settings(max_examples=draws(500), deadline=None)
@given(st.data())
def test_any_order_of_words_of_different_days_gives_the_same(data: st.DataObject) -> None:
    days = data.draw(st.lists(st.integers(0, 900), min_size=1, max_size=8, unique=True))
    kinds = st.sampled_from([(100, 365), (80, 400), (60, 180), (50, 180), (40, 90), (70, ALWAYS)])
    given_words = [Word(*data.draw(kinds), day) for day in days]
    shuffled = data.draw(st.permutations(given_words))
    assert shuffled[best(*shuffled)] == given_words[best(*given_words)] == by_hand(given_words)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([40, 50, 80]), st.integers(0, 300)), max_size=30))
def test_many_facts_are_settled_together_as_each_alone(rows: list[tuple[int, int, int]]) -> None:
    about, rank, day = (np.array([row[part] for row in rows], dtype=np.int64) for part in range(3))
    turn, holds = np.arange(len(rows), dtype=np.int64), np.full(len(rows), 90, dtype=np.int64)
    together = believed(Words(about, rank, holds, day, turn))
    for fact in set(about.tolist()):
        mine = np.flatnonzero(about == fact)
        alone = believed(Words(about[mine], rank[mine], holds[mine], day[mine], turn[mine]))
        assert (together[mine] == alone).all()
        assert together[mine].sum() == 1


def test_a_loser_knows_why() -> None:
    found = words(Word(*REGISTER, 5), Word(*FILE, 6), Word(*REGISTER, 4))
    assert why_not(found, believed(found)).tolist()[1:] == ["lower_rank", "older"]
    assert lapsed(words()).tolist() == []


def test_a_source_nobody_registered_is_believed_like_a_file() -> None:
    stranger = source_of("some office", built_in())
    assert (stranger.rank, stranger.holds_days) == (built_in()["import"].rank, built_in()["import"].holds_days)
    assert (stranger.purpose, stranger.basis) == ("", "")


def test_every_source_says_what_it_is_for() -> None:
    assert all(one.zh and one.en and one.purpose and one.basis and one.holds_days for one in built_in().values())
    assert {"correction", "market_register", "tax", "operator", "import", "api", "self"} <= set(built_in())
    assert max(built_in().values(), key=lambda one: one.rank).name == "correction"
