"""Policies as features: tokens of their metadata and title, and the TF-IDF matrix that training and serving share.

A policy has no column of its own here, so one published a minute ago is scored exactly as one seen in training.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from profiles.preference import TOPICS
from recommenders import columns as c
from recommenders.errors import FeatureError
from recommenders.matrix import Csr, from_lists, unit_rows
from recommenders.vocabulary import Vocabulary, with_room
from recommenders.words import words

WORD_SHARE = 0.5  # a policy has a dozen words and one topic: words count half as much


@dataclass(frozen=True)
class PolicyText:
    """What of a policy its features are made from. `industries` are codes like `I6513`."""

    id: int
    kind: str
    title: str
    agency: str = ""
    topic: str = ""
    region: str = ""
    themes: Sequence[str] = field(default=())
    tags: Sequence[str] = field(default=())
    industries: Sequence[str] = field(default=())


@dataclass(frozen=True)
class PolicyTokens:
    """A policy's id and its distinct tokens."""

    id: int
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class Space:
    """The policies' vocabulary with the weight of each token (its idf; half for words)."""

    vocabulary: Vocabulary
    weight: NDArray[np.float32]


def policy_tokens(text: PolicyText) -> PolicyTokens:
    """All tokens of a policy, sorted and distinct; empty fields give none."""
    named = [(c.POLICY_KIND, text.kind), (c.AGENCY, text.agency), (c.TOPIC, text.topic)]
    named.append((c.POLICY_REGION, text.region[: c.REGION_DIGITS]))
    named += [(c.THEME, value) for value in text.themes]
    named += [(c.TAG, value) for value in text.tags]
    named += [(c.POLICY_INDUSTRY, code[:size]) for code in text.industries for size in (1, 3)]
    said = (text.title, *text.themes, *text.tags)  # a tag is found by its words too: 租房补贴 by 租房
    named += [(c.WORD, value) for one in said for value in words(one)]
    return PolicyTokens(text.id, tuple(sorted({c.token(group, value) for group, value in named if value})))


def fit_space(policies: Sequence[PolicyTokens], *, room: bool = False) -> Space:
    """Vocabulary and token weights of these policies; a word must occur in two policies to count.

    With `room`, groups of open values get buckets for values that come later. A tag that only one policy has keeps its
    own column: the next policy with that tag is to find it. Buckets weigh what a usual token of their group weighs.
    """
    counts = Counter(name for policy in policies for name in policy.tokens)
    often = {name: count for name, count in counts.items() if count > 1 or c.split(name)[0] != c.WORD}
    vocabulary = with_room(often, groups=c.POLICY_OPEN if room else ())
    frequency = np.array([often.get(name, 0) for name in vocabulary.levels], dtype=np.int64)
    idf = vocabulary.filled(np.log((1 + len(policies)) / (1 + frequency)) + 1, frequency)
    share = [WORD_SHARE if c.split(name)[0] == c.WORD else 1.0 for name in vocabulary.levels]
    return Space(vocabulary, (idf * np.array(share, dtype=np.float64)).astype(np.float32))


def knows(space: Space, tokens: Sequence[str]) -> bool:
    """Whether a policy with these tokens can be scored at all: a value that is only in a bucket tells too little."""
    return bool(space.vocabulary.known(tokens).any())


def policy_features(policies: Sequence[Sequence[str]], space: Space) -> Csr:
    """One row of unit length per policy (given as its tokens); tokens without any column are ignored.

    Raises FeatureError `policy_without_features` when a policy has no known token, with its position.
    """
    rows = [np.unique(found[found >= 0]) for found in map(space.vocabulary.columns, policies)]
    for position, tokens in enumerate(policies):
        if not knows(space, tokens):
            sentence = "None of the policy's words and tags is known to the model, so it cannot be scored."
            raise FeatureError("policy_without_features", sentence, f"policies[{position}]")
    return unit_rows(from_lists(rows, space.weight, len(space.vocabulary)))


def document(token: str) -> tuple[str, ...]:
    """The policy tokens that a profile's token speaks of, sorted; () where it speaks of none.

    An interest, a subscription and a stage are looked for as a theme, a tag, a topic and words of titles; a region and
    an industry are themselves. Nothing else is taken for a wish: an age or a size is no interest in anything.
    """
    group, value = c.split(token)
    if not value or c.is_bucket(token):
        return ()
    if group in (c.SECTION, c.WISH_SECTION):
        return (c.token(c.POLICY_INDUSTRY, value),)
    if group == c.DIVISION:
        return tuple(c.token(c.POLICY_INDUSTRY, code) for code in (value[:1], value))
    if group in (c.CODE_GROUPS["region"], c.CODE_GROUPS["functional_zone"]):
        return (c.token(c.POLICY_REGION, value[: c.REGION_DIGITS]),)
    if group not in (c.INTEREST, c.WISH, c.STAGE):
        return ()
    terms = c.STAGE_TERMS.get(value, (value,)) if group == c.STAGE else (value,)
    return tuple(sorted({name for term in terms for name in _meant(term)}))


def _meant(term: str) -> Iterator[str]:
    """A term as tokens; the name of a topic, or a word of the name, means the topic."""
    topic = term if term in TOPICS else _topics().get(term)
    if topic is not None:
        yield c.token(c.TOPIC, topic)
    if term in TOPICS:
        term = TOPICS[term][0]
    else:
        yield from (c.token(c.THEME, term), c.token(c.TAG, term))
    yield from (c.token(c.WORD, word) for word in words(term))


@cache
def _topics() -> Mapping[str, str]:
    """Each topic by its names and by the words of its Chinese one, which no two topics share."""
    names = ((code, (*both, *words(both[0]))) for code, both in TOPICS.items())
    return {name: code for code, said in names for name in said}
