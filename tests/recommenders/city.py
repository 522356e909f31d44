"""A small made-up city with a log whose rule is known: people take up what concerns their district and interest."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import date
from functools import cache

import numpy as np

from profiles.building import build_frame
from profiles.columns import Frame
from profiles.lifecycle import derive
from recommenders.content import PolicyText, PolicyTokens, fit_space, policy_features, policy_tokens
from recommenders.features import profile_vocabulary
from recommenders.interactions import Interactions
from recommenders.learning import learn
from recommenders.model import Model, Past, Side
from recommenders.recipe import Blend, Recipe
from recommenders.training import Config, available

TODAY = date(2026, 6, 24)
DISTRICTS = tuple(str(code) for code in range(990101, 990107))
THEMES = ("租房", "研发", "养老", "入学")
QUICK = Config(seed=7, epochs=15, dim=16)
LEARNT = Recipe(Blend(lightfm=1.0, epochs=15), Blend(lightfm=1.0, epochs=15))
RECIPE = Recipe(
    Blend(lightfm=0.8, other=0.3, nearest=0.5, ridge=0.7, declared=0.4, epochs=1, k=4, penalty=1.5),
    Blend(lightfm=0.9, other=0.2, nearest=0.6, ridge=0.4, declared=0.5, epochs=1, k=3, penalty=0.5),
)


def frame(count: int = 240, seed: int = 3) -> Frame:
    """Citizens with a district, an age and one interest each; ids 1..count."""
    draw = np.random.default_rng(seed)
    raw = {
        "kind": ["citizen"] * count,
        "region": draw.choice(DISTRICTS, count).tolist(),
        "birth_date": [date(int(year), 5, 1) for year in draw.integers(1940, 2005, count)],
    }
    interests = [(str(word),) for word in draw.choice(THEMES, count)]
    return derive(build_frame(np.arange(1, count + 1), raw, interests=interests), TODAY)


def policy(number: int, district: str, theme: str) -> PolicyTokens:
    """A fund of a district on a theme."""
    title = f"{theme}补贴办法"
    return policy_tokens(PolicyText(number, "fund", title, region=district, themes=(theme,), agency="市民政局"))


def policies(count: int = 48) -> list[PolicyTokens]:
    """Policies 1..count, districts and themes in turn."""
    return [policy(n, DISTRICTS[n % 6], THEMES[n // 6 % 4]) for n in range(1, count + 1)]


def log(people: Frame, offered: Sequence[PolicyTokens], seed: int = 5) -> Interactions:
    """Who took up what: activity differs a lot between people, fit decides what they take."""
    draw = np.random.default_rng(seed)
    region, tags = people.columns["region"], people.tags
    eager = np.minimum(draw.pareto(1.2, len(people)) * 0.25, 1.0)
    pairs = []
    for one in offered:
        district = np.array([f"region={level}" in one.tokens for level in region.levels])[region.values]
        theme = tags.any_of(np.array([f"theme={level}" in one.tokens for level in tags.levels]))
        chance = eager * np.where(district & theme, 1.0, np.where(district | theme, 0.5, 0.05))
        pairs += [(int(who), one.id) for who in people.ids[draw.random(len(people)) < chance]]
    table = np.array(pairs, dtype=np.int64)
    return Interactions(table[:, 0], table[:, 1])


@cache
def city() -> tuple[Frame, list[PolicyTokens], Interactions]:
    """The city, made once."""
    people, offered = frame(), policies()
    return people, offered, log(people, offered)


@cache
def trained() -> Model:
    """A model of the city, really trained, once a process. Only where `can_train()`."""
    people, offered, pairs = city()
    return learn(people, offered, pairs, recipe=LEARNT, config=QUICK)


def can_train() -> bool:
    """Whether LightFM is here; if not, says so in the test's report."""
    if not available():
        warnings.warn("LightFM is not installed: nothing was trained.", stacklevel=2)
    return available()


def made_up(people: Frame, offered: Sequence[PolicyTokens], *, dim: int = 4, seed: int = 0) -> Model:
    """A model of random numbers with the city's vocabularies, for what needs no training. Profiles 1..3 are warm."""
    draw = np.random.default_rng(seed)
    space, vocabulary = fit_space(offered), profile_vocabulary(people)

    def numbers(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return draw.normal(size=shape).astype(np.float32)

    def side(*, ranked_profiles: bool) -> Side:
        policy, profile, own = len(space.vocabulary), len(vocabulary), 3
        ranked, anchor = np.float32(ranked_profiles), np.float32(not ranked_profiles)
        vectors = numbers(policy, dim), numbers(profile, dim)
        return Side(
            *vectors, numbers(policy) * anchor, numbers(profile) * ranked, numbers(own, dim), numbers(own) * ranked
        )

    read = sorted(offered[::3], key=lambda one: one.id)
    ids = np.array([one.id for one in read], dtype=np.int64)
    return Model(
        policies=space,
        profile_vocab=vocabulary,
        audience=side(ranked_profiles=True),
        feed=side(ranked_profiles=False),
        past=Past(ids, policy_features([one.tokens for one in read], space)),
        recipe=RECIPE,
        own_ids=np.array([1, 2, 3]),
        own_weight=0.3,
        card={"seed": seed},
    )
