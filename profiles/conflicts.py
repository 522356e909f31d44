"""Which of several words on one fact is believed. One rule, over columns, whatever the order they came in.

A word lapses its source's `holds_days` after its day, counted to the day of the newest word on that fact. Of the
words that have not lapsed the one of the highest rank is believed; of one rank the newest; of one day the one said
last. So a register's word stands against newer hearsay, but not for ever.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ALWAYS = 2**30  # days a word holds that never lapses

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Words:
    """n words, each on one fact. `about` int64[n]: words with one number are on the same fact of the same profile.

    `rank` and `holds` of each word's source (holds: days, ALWAYS where it never lapses), `day` since 1970-01-01;
    `turn`: of two words of one day and rank, the higher was said last.
    """

    about: Ints
    rank: Ints
    holds: Ints
    day: Ints
    turn: Ints

    def __len__(self) -> int:
        return len(self.about)


def believed(words: Words) -> Mask:
    """bool[n]: the one word of each fact that is held."""
    best = np.zeros(len(words), dtype=np.bool_)
    if not len(words):
        return best
    order = np.lexsort((words.turn, words.day, words.rank, ~lapsed(words), words.about))
    about = words.about[order]
    best[order[np.append(about[1:] != about[:-1], True)]] = True
    return best


def lapsed(words: Words) -> Mask:
    """bool[n]: the words that no longer stand on the day of the newest word on their fact."""
    numbers, place = np.unique(words.about, return_inverse=True)
    newest = np.full(len(numbers), np.iinfo(np.int64).min)
    np.maximum.at(newest, place, words.day)
    return np.asarray(newest[place] - words.day > words.holds)


def why_not(words: Words, held: Mask) -> NDArray[np.str_]:
    """str[n]: of a word that is not held, `lower_rank` where the held one ranks higher, else `older`."""
    numbers, place = np.unique(words.about, return_inverse=True)
    rank = np.zeros(len(numbers), dtype=np.int64)
    rank[place[held]] = words.rank[held]
    return np.where(rank[place] > words.rank, "lower_rank", "older")
