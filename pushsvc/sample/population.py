"""All drawn profiles in one frame (the truth), and what the registers lack of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from profiles.columns import Column, Frame, Listing, Nested, missing_column
from profiles.facts import FACTS, KINDS, STORED, Fact
from profiles.ragged import Ragged, no_sets, ragged
from pushsvc.sample.citizens import draw_citizens
from pushsvc.sample.data_files import load
from pushsvc.sample.draw import Floats, Ints, Mask, flip
from pushsvc.sample.entities import draw_entities, draw_kinds

TOPICS = ("enterprise", "talent", "family", "elder", "city", "safety")
CITIZEN, SELF, FIRM = (KINDS.index(kind) for kind in ("citizen", "self_employed", "enterprise"))
_PREFIX = {"citizen": "c", "self_employed": "s", "enterprise": "e", "cooperative": "o", "other": "x"}


@dataclass(frozen=True)
class Population:
    """The drawn profiles.

    `hidden`: by fact, where no register holds it. `guardians`: (row of a minor, row of its guardian). `tastes`
    float64[n, topic] is the latent interest that behaviour follows; `interests` are the tags people told us.
    """

    refs: tuple[str, ...]
    frame: Frame
    kinds: Ints
    ages: Floats
    hidden: dict[str, Mask]
    sensitive: dict[str, Mask]
    guardians: tuple[tuple[int, int], ...]
    tastes: Floats
    interests: Ragged

    def __len__(self) -> int:
        return len(self.refs)


def draw_population(rng: np.random.Generator, *, citizens: int, entities: int, on: date) -> Population:
    """Citizens first, then entities, as they are on `on`."""
    people = draw_citizens(rng, citizens, on)
    kinds = np.concatenate((np.full(citizens, CITIZEN), draw_kinds(entities)))
    firms = draw_entities(rng, kinds[citizens:], on)
    held = people.columns.keys() | firms.columns.keys()
    names = [name for name in (*STORED, *sorted(held - set(STORED))) if name in held]
    columns = {n: _join(n, people.columns.get(n), firms.columns.get(n), citizens, entities) for n in names}
    columns["kind"] = Column("code", kinds.astype(np.int32), KINDS)
    n = citizens + entities
    offsets = np.concatenate((people.dependants.offsets, np.full(entities, people.dependants.offsets[-1])))
    family = Nested(offsets, people.dependants.columns)
    lists = {name: _listing([[]] * citizens + words) for name, words in firms.lists.items()}
    papers = _after(citizens, firms.certificates)
    frame = Frame(np.arange(n), columns, no_sets(n), no_sets(n), family, lists, papers)
    ages = np.concatenate((people.ages, np.full(entities, np.nan)))
    tastes = _tastes(rng, frame, kinds, ages)
    none = np.zeros(entities, dtype=np.bool_)
    return Population(
        refs=tuple(f"{_PREFIX[KINDS[kind]]}-{row + 1:05d}" for row, kind in enumerate(kinds)),
        frame=frame,
        kinds=kinds,
        ages=ages,
        hidden=_hidden(rng, kinds),
        sensitive={name: np.concatenate((held, none)) for name, held in people.sensitive.items()},
        guardians=tuple((citizens - len(people.guardians) + i, int(g)) for i, g in enumerate(people.guardians)),
        tastes=tastes,
        interests=_interests(rng, tastes, kinds),
    )


def _listing(words: list[list[str]]) -> Listing:
    """Where a list is empty, nobody told."""
    return Listing(ragged(words), np.array([bool(row) for row in words], dtype=np.bool_))


def _after(n: int, nested: Nested) -> Nested:
    """The same rows with n profiles before them that have none."""
    return Nested(np.concatenate((np.zeros(n, dtype=np.int64), nested.offsets)), nested.columns)


def _join(name: str, first: Column | None, second: Column | None, n: int, m: int) -> Column:
    """One column of n + m values; a side without the fact is missing."""
    a, b = first or missing_column(_fact(name), n), second or missing_column(_fact(name), m)
    levels = tuple(dict.fromkeys((*a.levels, *b.levels)))
    if a.kind != "code":
        return Column(a.kind, np.concatenate((a.values, b.values)))
    return Column("code", np.concatenate((_recoded(a, levels), _recoded(b, levels))), levels)


def _fact(name: str) -> Fact:
    return FACTS[name.partition("@")[0]]


def _recoded(column: Column, levels: tuple[str, ...]) -> Ints:
    table = np.array([*(levels.index(level) for level in column.levels), -1], dtype=np.int32)
    return np.asarray(table[column.values])


def _hidden(rng: np.random.Generator, kinds: Ints) -> dict[str, Mask]:
    """45 % of citizens lack housing or insurance facts; some firms lack figures."""
    n = len(kinds)
    citizen, draw = kinds == CITIZEN, rng.random(n)
    return {
        "owns_home": citizen & (draw < 0.25),
        "insurance_months": citizen & (draw > 0.17) & (draw < 0.45),
        "employment": citizen & flip(rng, 0.05, n),
        "household_region": citizen & flip(rng, 0.06, n),
        "revenue": ~citizen & flip(rng, 0.09, n),
        "rd_spend": ~citizen & flip(rng, 0.12, n),
        "layoff_rate": ~citizen & flip(rng, 0.10, n),
        "employees": ~citizen & flip(rng, 0.05, n),
    }


def _tastes(rng: np.random.Generator, frame: Frame, kinds: Ints, ages: Floats) -> Floats:
    """Latent interest by topic, 0 to about 1: age, family and kind set it, chance bends it."""
    citizen = kinds == CITIZEN
    parent = frame.dependants.offsets[1:] > frame.dependants.offsets[:-1]
    jobless = frame.column("employment").values == 1
    base = np.column_stack(
        (
            np.where(citizen, 0.05, np.where(kinds == FIRM, 0.75, 0.6)),
            np.where(citizen, np.where(jobless, 0.8, np.clip(0.8 - np.abs(ages - 31) * 0.025, 0.05, 0.8)), 0.3),
            np.where(citizen, np.where(parent, 0.8, np.clip(0.35 - np.abs(ages - 32) * 0.02, 0.03, 0.35)), 0.02),
            np.where(citizen, np.clip((ages - 50) * 0.045, 0.05, 0.9), 0.02),
            np.where(citizen, 0.3, 0.15),
            np.where(citizen, 0.25, 0.25),
        )
    )
    return np.asarray(np.clip(base + rng.normal(0, 0.12, base.shape), 0, 1.2))


def _interests(rng: np.random.Generator, tastes: Floats, kinds: Ints) -> Ragged:
    """The tags some people told us: of the topics they care for, one to three each."""
    tags = tags_by_topic()
    tells = flip(rng, 0.28, len(kinds))
    rows: list[list[str]] = []
    for row in range(len(kinds)):
        liked = [TOPICS[topic] for topic in np.flatnonzero(tastes[row] > 0.5)] if tells[row] else []
        rows.append(list(dict.fromkeys(str(rng.choice(tags[topic])) for topic in liked)))
    return ragged(rows)


def tags_by_topic() -> Mapping[str, list[str]]:
    """The tags of the sample's policies by topic; what says something sensitive is in none of them."""
    found: dict[str, dict[str, None]] = {topic: {} for topic in TOPICS}
    for name in ("base_enterprise", "base_people", "forms_enterprise", "forms_people"):
        for spec in load(name):
            if not spec.get("sensitive"):
                found[spec["topic"]] |= dict.fromkeys(spec["tags"])
    return {topic: list(tags) for topic, tags in found.items()}
