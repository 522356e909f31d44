"""Policies as features: tokens of their metadata and title, and the TF-IDF matrix that training and serving share.

A policy has no column of its own here, so one published a minute ago is scored exactly as one seen in training.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recommenders import columns as c
from recommenders.errors import FeatureError
from recommenders.matrix import Csr, from_lists, unit_rows
from recommenders.vocabulary import Vocabulary, build

WORD_SHARE = 0.5  # a title has twenty character pairs and one topic: words count half as much
_RUNS = re.compile(r"[\u3400-\u9fff]+|[a-z]{2,}")


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
    """The policies' vocabulary with the weight of each token (its idf; half for words of titles)."""

    vocabulary: Vocabulary
    weight: NDArray[np.float32]


def words(title: str) -> Iterator[str]:
    """Pairs of neighbouring Chinese characters, and Latin words, of a title; digits and marks are left out."""
    for run in _RUNS.findall(unicodedata.normalize("NFKC", title).lower()):
        yield from [run] if run.isascii() else (run[i : i + 2] for i in range(max(len(run) - 1, 1)))


def policy_tokens(text: PolicyText) -> PolicyTokens:
    """All tokens of a policy, sorted and distinct; empty fields give none."""
    named = [(c.POLICY_KIND, text.kind), (c.AGENCY, text.agency), (c.TOPIC, text.topic)]
    named.append((c.POLICY_REGION, text.region[: c.REGION_DIGITS]))
    named += [(c.THEME, value) for value in text.themes]
    named += [(c.TAG, value) for value in text.tags]
    named += [(c.POLICY_INDUSTRY, code[:size]) for code in text.industries for size in (1, 3)]
    named += [(c.WORD, value) for value in words(text.title)]
    return PolicyTokens(text.id, tuple(sorted({c.token(group, value) for group, value in named if value})))


def fit_space(policies: Sequence[PolicyTokens]) -> Space:
    """Vocabulary and token weights of these policies; a word must occur in two titles to count."""
    everything = [name for policy in policies for name in policy.tokens]
    often = set(build(everything, at_least=2).levels)
    vocabulary = build(name for name in everything if name in often or c.split(name)[0] != c.WORD)
    found = vocabulary.columns(everything)
    frequency = np.bincount(found[found >= 0], minlength=len(vocabulary))
    idf = np.log((1 + len(policies)) / (1 + frequency)) + 1
    share = [WORD_SHARE if c.split(name)[0] == c.WORD else 1.0 for name in vocabulary.levels]
    return Space(vocabulary, (idf * np.array(share, dtype=np.float64)).astype(np.float32))


def knows(space: Space, tokens: Sequence[str]) -> bool:
    """Whether a policy with these tokens can be scored at all."""
    return any(name in space.vocabulary.index for name in tokens)


def policy_features(policies: Sequence[Sequence[str]], space: Space) -> Csr:
    """One row of unit length per policy (given as its tokens); tokens that the vocabulary lacks are ignored.

    Raises FeatureError `policy_without_features` when a policy has no known token, with its position.
    """
    rows = [np.unique(found[found >= 0]) for found in map(space.vocabulary.columns, policies)]
    for position, row in enumerate(rows):
        if len(row) == 0:
            sentence = "None of the policy's words and tags is known to the model, so it cannot be scored."
            raise FeatureError("policy_without_features", sentence, f"policies[{position}]")
    return unit_rows(from_lists(rows, space.weight, len(space.vocabulary)))
