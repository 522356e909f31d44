"""Of all that is missing, what is worth asking: the one answer that would settle most policies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from profiles.criteria.table import Answers


@dataclass(frozen=True)
class Question:
    """One missing fact. `settles`: unknown policies that lack it alone; `touches`: all unknown ones that lack it.

    An answer settles what lacks it alone, yes or no, unless it says too little: a district that was split, an industry
    coarser than the one asked for or without a size table, a base of zero for a share or for growth, a date after the
    day asked for, a certificate or a family member without its dates. Then the policy stays unknown, and the same fact
    or another is still to be told (an industry, for one, decides which figures make the size class).
    """

    fact: str
    settles: int
    touches: int


def settling(answers: Answers) -> list[Question]:
    """Every missing fact, by how many policies it settles, then by how many it touches, then by name."""
    missing = answers.missing[answers.state == -1]
    touches = np.count_nonzero(missing, axis=0)
    alone = np.count_nonzero(missing[np.count_nonzero(missing, axis=1) == 1], axis=0)
    found = zip(answers.facts, alone.tolist(), touches.tolist(), strict=True)
    questions = (Question(fact, settles, touched) for fact, settles, touched in found if touched)
    return sorted(questions, key=lambda one: (-one.settles, -one.touches, one.fact))
