"""Subscriptions as features: what a profile asked to hear of, as tokens beside its facts.

The theme that somebody subscribed to says what they care about, whether or not they ever read anything.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from profiles.subscriptions import alternatives
from recommenders import columns as c
from recommenders.errors import FeatureError
from recommenders.features import WEIGHT
from recommenders.interactions import Ids
from recommenders.matrix import Csr, from_parts
from recommenders.vocabulary import Vocabulary

Values = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Wishes:
    """m live subscriptions as columns: whose (int64[m]), and what each names; a profile may have several.

    `themes` are themes, tags or topics; `industries` codes like `I6513`; `keywords` as the person wrote them.
    Raises FeatureError `lengths_differ` when the columns are not equally long.
    """

    profile_ids: Ids
    themes: Sequence[Values]
    industries: Sequence[Values]
    keywords: Sequence[str | None]

    def __post_init__(self) -> None:
        if len({len(self.profile_ids), len(self.themes), len(self.industries), len(self.keywords)}) > 1:
            raise FeatureError("lengths_differ", "The columns of the subscriptions are not equally long.")

    def __len__(self) -> int:
        return len(self.profile_ids)


@lru_cache(maxsize=4096)
def wish_tokens(themes: Values, industries: Values, keyword: str | None) -> Values:
    """The tokens of one wish, sorted and distinct: its themes, the words of its keyword, its industries' sections.

    Words that name a sensitive fact give none, as with interests.
    """
    values = {*themes, *(word for words in alternatives(keyword) for word in words)}
    found = {c.token(c.WISH, value) for value in values if value and not c.is_sensitive(value)}
    sections = {code[:1] for code in industries if code[:1].isalpha()}
    return tuple(sorted(found | {c.token(c.WISH_SECTION, section) for section in sections}))


def wish_counts(wishes: Wishes) -> dict[str, int]:
    """How many profiles have each token, for `profile_vocabulary(more=…)`."""
    return dict(Counter(name for _, name in _held(wishes)))


def wish_features(wishes: Wishes, vocabulary: Vocabulary) -> tuple[Ids, Csr]:
    """Ids (rising) of the k profiles with a token that has a column, and their rows: k × Fu, to be added to the facts'.

    A token weighs WEIGHT, however many wishes name it; tokens without any column are ignored.
    """
    held = sorted(_held(wishes))
    ids = np.array([number for number, _ in held], dtype=np.int64)
    columns = vocabulary.columns(name for _, name in held)
    who, rows = np.unique(ids[columns >= 0], return_inverse=True)
    return who, from_parts(rows, columns[columns >= 0], _weights(len(rows)), (len(who), len(vocabulary)))


def _held(wishes: Wishes) -> set[tuple[int, str]]:
    columns = zip(wishes.profile_ids.tolist(), wishes.themes, wishes.industries, wishes.keywords, strict=True)
    return {
        (number, name)
        for number, themes, industries, keyword in columns
        for name in wish_tokens(tuple(themes), tuple(industries), keyword)
    }


def _weights(count: int) -> NDArray[np.float32]:
    return np.full(count, WEIGHT, dtype=np.float32)
