"""Random crowds, published and changed since, and random models that know some of what they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from profiles.columns import Frame
from profiles.facts import KINDS, MARKET, PERSON
from profiles.lifecycle import derive
from profiles.ragged import Rows
from profiles.snapshot.segments import Segment, Snapshot
from recommenders.behaviour import Behaviour, behaviour
from recommenders.content import Space
from recommenders.features import WEIGHT, FeatureRows, profile_rows, profile_vocabulary
from recommenders.interactions import Interactions
from recommenders.matrix import Csr, from_parts, unit_rows
from recommenders.model import Model, Past, Side
from recommenders.recipe import Blend, Recipe
from recommenders.vocabulary import Vocabulary
from tests.profiles.encoding import publish
from tests.profiles.making import TODAY, frame_of

POLICY = ("theme=养老", "kind=fund")
WISHES = ("wish=养老", "wish=租房")
RECIPE = Recipe(
    Blend(lightfm=0.8, other=0.3, nearest=0.5, ridge=0.7, declared=0.4, epochs=1, k=2, penalty=1.5),
    Blend(lightfm=0.9, other=0.2, nearest=0.6, ridge=0.4, declared=0.5, epochs=1, k=1, penalty=0.5),
)
_TAGS = ["租房", "养老", "研发", "残疾人服务", "低保"]
_REGIONS = ["990101", "990102", "990102001", "990102002", "990103"]
_ANYBODY: dict[str, list[Any]] = {"region": _REGIONS, "functional_zone": ["990191"]}
_PERSON: dict[str, list[Any]] = {
    "birth_date": [date(1930, 1, 1), date(1966, 6, 24), date(1966, 6, 25), date(2008, 6, 24), date(2026, 7, 1)],
    "employment": ["employed", "unemployed", "retired"],
    "talent_class": ["A", "F"],
    "owns_home": [True, False],
}
_FIRM: dict[str, list[Any]] = {
    "industry": ["I6513", "I64", "C1311", "6513"],
    "employees": [0.0, 20.0, 5000.0],
    "revenue": [0.0, 800.0, 90_000.0],
    "founded_on": [date(2020, 1, 1), date(2026, 5, 1)],
}


def _somebody(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    facts = {**_ANYBODY, **(_PERSON if kind in PERSON else {}), **(_FIRM if kind in MARKET else {})}
    held = {name: st.sampled_from([None, *values]) for name, values in facts.items()}
    tags = st.lists(st.sampled_from(_TAGS), max_size=3)  # perhaps one named twice
    return st.fixed_dictionaries({"kind": st.just(kind), "interests": tags, **held})


somebody = st.sampled_from(KINDS).flatmap(_somebody)


@dataclass(frozen=True)
class Crowd:
    """Profiles as they are now, derived, and a snapshot that was laid over with those changed since."""

    frame: Frame
    snapshot: Snapshot

    def features(self, model: Model) -> FeatureRows:
        """Of n profiles, in the order of the frame."""
        return profile_rows(self.frame, model.profile_vocab)

    def living(self) -> Iterator[tuple[Segment, Rows]]:
        """The living rows of each segment."""
        for one in self.snapshot.segments:
            yield one, np.flatnonzero(np.ones(len(one), np.bool_) if one.dead is None else ~one.dead)


@st.composite
def crowds(draw: st.DrawFn) -> Crowd:
    """Up to a dozen profiles, some of them twice, published in any segments; some changed since."""
    distinct = draw(st.lists(somebody, min_size=1, max_size=6))
    now = distinct + draw(st.lists(st.sampled_from(distinct), max_size=6))
    changed = np.flatnonzero(draw(st.lists(st.booleans(), min_size=len(now), max_size=len(now))))
    before = [draw(_somebody(one["kind"])) if row in changed else one for row, one in enumerate(now)]
    shards, frame = draw(st.integers(1, 3)), frame_of(now)
    snapshot = publish(frame_of(before), shards=shards, batch=4)
    fresh = publish(frame.take(changed), shards=shards).segments
    return Crowd(derive(frame, TODAY), snapshot.refreshed(frame.ids[changed], fresh, 1))


@st.composite
def models(draw: st.DrawFn, crowd: Crowd) -> Model:
    """Random numbers, some of them 0, for a part of the crowd's tokens, and warm profiles, not all of whom exist."""
    held = profile_vocabulary(crowd.frame).levels
    names = (*draw(st.lists(st.sampled_from(held), unique=True)), "interest=unheard of", *WISHES)
    warm = np.array(sorted(draw(st.sets(st.integers(1, 14)))), dtype=np.int64)
    return model_of(names, warm=warm, seed=draw(st.integers(0, 99)), share=draw(st.sampled_from([0.0, 0.5, 1.0])))


def model_of(names: tuple[str, ...], *, warm: Rows, seed: int = 0, share: float = 1.0) -> Model:
    """A model of random numbers that knows these tokens; `share` of them is worth something."""
    rng = np.random.default_rng(seed)

    def numbers(*shape: int) -> Any:
        return rng.normal(size=shape).astype(np.float32)

    useful = (rng.random(len(names)) < share).astype(np.float32)
    return Model(
        policies=Space(Vocabulary(POLICY), np.ones(len(POLICY), dtype=np.float32)),
        profile_vocab=Vocabulary(names),
        audience=side(numbers, len(warm), useful, ranked_profiles=True),
        feed=side(numbers, len(warm), useful, ranked_profiles=False),
        past=Past(np.array([7, 8, 11]), unit_rows(csr(np.array([[1, 0], [1, 1], [0, 1]], dtype=np.float32)))),
        recipe=RECIPE,
        own_ids=warm,
        own_weight=0.3,
    )


def side(numbers: Callable[..., Any], warm: int, useful: NDArray[np.float32], *, ranked_profiles: bool) -> Side:
    """Random vectors; `useful` 0/1 by profile token; only the ranked side has a bias."""
    profiles = float(ranked_profiles)
    return Side(
        E_policy=numbers(len(POLICY), 3),
        E_profile=numbers(len(useful), 3) * useful[:, None],
        b_policy=numbers(len(POLICY)) * np.float32(1 - profiles),
        b_profile=numbers(len(useful)) * useful * np.float32(profiles),
        own_vectors=numbers(warm, 3),
        own_bias=numbers(warm) * np.float32(profiles),
    )


def csr(values: NDArray[np.float32]) -> Csr:
    """A small dense matrix as a sparse one."""
    rows, columns = np.nonzero(values)
    return from_parts(rows, columns, values[rows, columns], (values.shape[0], values.shape[1]))


@st.composite
def readers(draw: st.DrawFn, model: Model) -> Behaviour:
    """Some of the profiles 1..14 read some past policies, wished for some tokens, took something back."""
    who = st.integers(1, 14)
    pairs = draw(st.lists(st.tuples(who, st.sampled_from([7, 8, 11, 99])), max_size=12))
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    wishers = np.array(sorted(draw(st.sets(who, max_size=4))), dtype=np.int64)
    wishes = np.zeros((len(wishers), len(model.profile_vocab)), dtype=np.float32)
    for row in wishes:
        row[model.profile_vocab.columns(draw(st.lists(st.sampled_from(WISHES), unique=True)))] = WEIGHT
    silenced = np.array(sorted(draw(st.sets(who, max_size=3))), dtype=np.int64)
    log = Interactions(table[:, 0], table[:, 1])
    return behaviour(log, model.past.ids, silenced=silenced, wished=(wishers, csr(wishes)))


def cold(model: Model) -> Model:
    """The model without warm profiles."""
    return replace(
        model,
        own_ids=model.own_ids[:0],
        audience=replace(model.audience, own_vectors=model.audience.own_vectors[:0], own_bias=np.zeros(0, np.float32)),
        feed=replace(model.feed, own_vectors=model.feed.own_vectors[:0], own_bias=np.zeros(0, np.float32)),
    )
