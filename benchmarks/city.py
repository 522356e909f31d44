"""A city of invented profiles as a snapshot's encoded columns, made without a database: millions in seconds.

86 % residents, 1.5 % self-employed, 12 % enterprises, 0.5 % co-operatives. Each fact is missing for a share of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.city_draws import DRAWS, Draw, codes_by
from benchmarks.city_firms import firm_columns, objectives, papers
from benchmarks.city_people import AGE_CLASS, OF_ALL, OF_FAMILY, ON, PEOPLE, PEOPLE_BY_AGE, SETS, income
from profiles.criteria.blocks import judge_blocks
from profiles.criteria.leaves import Days
from profiles.criteria.parsing import stage_rule
from profiles.criteria.trees import Criteria
from profiles.criteria.truths import YES
from profiles.facts import MARKET, PERSON
from profiles.ragged import offsets_of, ragged_of_masks
from profiles.snapshot.encoding import Encoded, Levels
from profiles.snapshot.finishing import Finished, prefix_of
from profiles.snapshot.manifest import Edition
from profiles.snapshot.opening import open_snapshot
from profiles.snapshot.segments import Belonging, Segment, Shared, Snapshot
from profiles.snapshot.writing import draft
from profiles.stages import STAGES

Ids = NDArray[np.uint32]
SHARES = {"citizen": 0.86, "self_employed": 0.015, "enterprise": 0.12, "cooperative": 0.005}
_KINDS = codes_by(list(SHARES.values()), 0.0) - 1
_FAMILY = codes_by([0.80, 0.12, 0.06, 0.02], 0.0).astype(np.int64) - 1  # none, one, two or three of them
_TOGETHER = 0.03  # share of profiles reached at an address that another is reached at
_OFF = 0.12  # share that switched recommendations off


def city(profiles: int, *, seed: int = 1, shards: int = 4) -> Snapshot:
    """So many profiles, the same for the same arguments; ids run from 1 and are spread over kinds and shards."""
    draw = np.random.default_rng(seed)
    kinds = _KINDS[draw.integers(0, DRAWS, profiles, dtype=np.uint16)]
    place = draw.integers(0, shards, profiles, dtype=np.uint8)
    parts = [
        (kind, shard, (np.flatnonzero((kinds == number) & (place == shard)) + 1).astype(np.uint32))
        for shard in range(shards)
        for number, kind in enumerate(SHARES)
    ]
    parts = [part for part in parts if len(part[2])]
    draws = draw.spawn(len(parts))
    with ThreadPoolExecutor(2) as pool:
        segments = tuple(pool.map(lambda part, own: _segment(own, *part), parts, draws))
    return _staged(Snapshot(f"city-{profiles}-{seed}", ON, segments, shards=shards))


@contextmanager
def mapped_city(profiles: int, *, seed: int = 1, shards: int = 4) -> Iterator[Snapshot]:
    """The same city written to a temporary folder and opened from there, as every process of the service holds it."""
    with TemporaryDirectory(prefix="pushsvc-city-") as folder:
        yield open_snapshot(_written(city(profiles, seed=seed, shards=shards), Path(folder)))


def _written(snapshot: Snapshot, folder: Path) -> Path:
    levels: dict[str, Levels] = {}
    with draft(folder, Edition(snapshot.version, snapshot.on, snapshot.shards)) as writing:
        for one in snapshot.segments:
            prefix = prefix_of(one.shard, one.kind)
            for name, values in arrays_of(one):
                writing.keep(prefix + name, values)
            levels |= _levels(one)
        return writing.publish(Finished(snapshot.segments, levels), {})


def arrays_of(one: Segment) -> Iterator[tuple[str, NDArray[Any]]]:
    """Every array of a segment by its name in the folder."""
    yield from (("ids", one.ids), ("personalised", one.personalised))
    yield from ((f"columns.{name}", held.values) for name, held in one.columns.items())
    yield from ((f"sets.{name}", held.values) for name, held in one.sets.items())
    for name, held in _belongings(one):
        yield f"{name}.offsets", held.offsets
        yield from ((f"{name}.{part}", column.values) for part, column in held.columns.items())
    if one.shared is not None:
        yield from ((f"shared.{name}", values) for name, values in vars(one.shared).items())


def _levels(one: Segment) -> dict[str, Levels]:
    held = {**one.columns, **one.sets}
    held |= {f"{name}.{part}": column for name, of in _belongings(one) for part, column in of.columns.items()}
    return {name: column.levels for name, column in held.items() if column.levels is not None}


def _belongings(one: Segment) -> Iterator[tuple[str, Belonging]]:
    parts = {"dependants": one.dependants, "qualifications": one.qualifications}
    return ((name, held) for name, held in parts.items() if held is not None)


def _segment(draw: Draw, kind: str, shard: int, ids: Ids) -> Segment:
    """One segment without its stages."""
    n = len(ids)
    columns = {name: drawn.encoded(draw, n) for name, drawn in OF_ALL.items()}
    if kind in PERSON:
        columns |= _people(draw, n)
    if kind in MARKET:
        columns |= firm_columns(draw, n)
    sets = {name: drawn.encoded(draw, n) for name, drawn in SETS.items()}
    return Segment(
        kind,
        shard,
        ids,
        columns,
        sets | ({"objectives": objectives(draw, n)} if kind in MARKET else {}),
        draw.random(n, dtype=np.float32) >= _OFF,
        dependants=_family(draw, n) if kind in PERSON else None,
        qualifications=papers(draw, n) if kind in MARKET else None,
        shared=_shared(draw, n),
    )


def _people(draw: Draw, n: int) -> dict[str, Encoded]:
    columns = {name: drawn.encoded(draw, n) for name, drawn in PEOPLE.items()}
    classes = AGE_CLASS[columns["birth_date"].values]
    columns |= {name: drawn.encoded(draw, n, classes) for name, drawn in PEOPLE_BY_AGE.items()}
    return columns | {"household_income": income(draw, n)}


def _family(draw: Draw, n: int) -> Belonging:
    offsets = offsets_of(_FAMILY[draw.integers(0, DRAWS, n, dtype=np.uint16)])
    columns = {name: drawn.encoded(draw, int(offsets[-1])) for name, drawn in OF_FAMILY.items()}
    return Belonging(offsets.astype(np.uint32), columns)


def _shared(draw: Draw, n: int) -> Shared | None:
    """Some rows with one address each, most of them also another's."""
    rows = np.flatnonzero(draw.random(n, dtype=np.float32) < _TOGETHER).astype(np.uint32)
    if not len(rows):
        return None
    addresses = draw.integers(1, max(len(rows), 2), len(rows), dtype=np.uint32)
    return Shared(rows, np.arange(len(rows) + 1, dtype=np.uint32), addresses)


def _staged(snapshot: Snapshot) -> Snapshot:
    """The snapshot with everybody's stages as codes into one list of the sets that occur."""
    bits = [np.zeros(len(one), dtype=np.uint16) for one in snapshot.segments]
    for number, name in enumerate(STAGES):
        rule = Criteria(stage_rule(name), frozenset())
        for held, truth in zip(bits, judge_blocks(rule, snapshot, days=Days(ON)).truths, strict=True):
            held |= (truth == YES).astype(np.uint16) << np.uint16(number)
    met = np.zeros(DRAWS, dtype=np.bool_)
    for held in bits:
        met[held] = True
    distinct = np.flatnonzero(met)
    masks = (distinct[:, None] >> np.arange(len(STAGES)) & 1).astype(np.bool_)
    levels = Levels("set", sets=ragged_of_masks(masks, STAGES))
    codes = np.zeros(DRAWS, dtype=np.uint8 if len(distinct) < 256 else np.uint16)
    codes[distinct] = np.arange(1, len(distinct) + 1)
    made = zip(snapshot.segments, bits, strict=True)
    segments = (replace(one, sets={**one.sets, "stages": Encoded(codes[held], levels)}) for one, held in made)
    return replace(snapshot, segments=tuple(segments))
