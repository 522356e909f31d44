"""The stages of life of everybody in a snapshot as of a day, as one set column a segment."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from profiles.criteria.blocks import BLOCK
from profiles.criteria.leaves import YES, Days
from profiles.criteria.parsing import stage_rule
from profiles.criteria.steps import Judging, judge_view
from profiles.ragged import ragged_of_masks
from profiles.snapshot.encoding import Codes, Encoded, Levels, smallest_codes
from profiles.snapshot.segments import Segment, Snapshot
from profiles.snapshot.views import View
from profiles.stages import STAGES

Bits = NDArray[np.uint16]  # bit i: in stage i


def with_stages(snapshot: Snapshot, on: date, *, threads: int = 2) -> Snapshot:
    """The snapshot with its set column "stages" as of `on`: the same as `lifecycle.stages` of the decoded frames."""
    segments = snapshot.segments
    levels, codes = stages_of(segments, on, threads=threads)
    columns = [
        replace(one, sets={**one.sets, "stages": Encoded(held, levels)})
        for one, held in zip(segments, codes, strict=True)
    ]
    return replace(snapshot, segments=tuple(columns), on=on)


def stages_of(segments: Sequence[Segment], on: date, *, threads: int = 2) -> tuple[Levels, list[Codes]]:
    """The sets of stages that occur as of a day, and each segment's codes into them; 0 for none."""
    with ThreadPoolExecutor(threads) as pool:
        return stage_codes(list(pool.map(lambda one: stage_bits(one, on), segments)))


def stage_bits(segment: Segment, on: date) -> Bits:
    """uint16[n]: bit i is set where the profile is surely in STAGES[i]."""
    result = np.zeros(len(segment), dtype=np.uint16)
    rules = [Judging(stage_rule(name), Days(on)) for name in STAGES]
    for start in range(0, len(segment), BLOCK):
        view = View(segment, slice(start, min(start + BLOCK, len(segment))))
        for bit, judging in enumerate(rules):
            sure = judge_view(judging, judging.root, view).truth == YES
            result[view.rows] |= sure.astype(np.uint16) << np.uint16(bit)
    return result


def stage_codes(bits: Sequence[Bits]) -> tuple[Levels, list[Codes]]:
    """The sets that occur as levels, and each segment's codes into them; 0 for no stage at all."""
    found = np.unique(np.concatenate([np.zeros(1, np.uint16), *(np.unique(one) for one in bits)]))
    marks = (found[1:, None] >> np.arange(len(STAGES), dtype=np.uint16)) & 1
    levels = Levels("set", sets=ragged_of_masks(marks.astype(np.bool_), STAGES))
    code_of = np.zeros(1 << len(STAGES), dtype=np.int64)
    code_of[found] = np.arange(len(found))
    return levels, [smallest_codes(code_of[one], len(levels)) for one in bits]
