"""The derived columns and the stages of life of every profile, as of a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from profiles.columns import Frame
from profiles.criteria.deciding import judge
from profiles.criteria.leaves import YES, Days
from profiles.criteria.parsing import stage_rule
from profiles.derived import fact_column
from profiles.ragged import Ragged, ragged_of_masks
from profiles.stages import STAGES

COMPUTED = ("age", "age_months", "size", "rd_ratio", "rd_ratio_3y", "years_since_founded")


def derive(frame: Frame, on: date) -> Frame:
    """The frame with its derived columns and stages as of `on`. Safe to call again for another day."""
    stored = replace(frame, columns={k: v for k, v in frame.columns.items() if k not in COMPUTED}, derived_on=None)
    fresh = {name: fact_column(stored, name, on) for name in COMPUTED}
    full = replace(stored.with_columns(fresh), derived_on=on)
    return replace(full, stages=stages(full, on))


def stages(frame: Frame, on: date) -> Ragged:
    """The stages each profile is surely in, over all of STAGES, in their order."""
    days = Days(on)
    masks = [judge(stage_rule(name), frame, days).truth == YES for name in STAGES]
    return ragged_of_masks(np.stack(masks, axis=1), STAGES)
