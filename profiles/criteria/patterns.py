"""How each clause stands for many profiles at once: the states of `prove`, without its words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from profiles.columns import Frame
from profiles.criteria.deciding import judge
from profiles.criteria.leaves import Days
from profiles.criteria.missing import Judged
from profiles.criteria.trees import Criteria, Group, Negation

States = NDArray[np.int8]


def clause_states(criteria: Criteria | None, frame: Frame, days: Days) -> States:
    """int8[n, c]: 1 yes, 0 no, -1 unknown of each of the c clauses that `prove` names, in its order."""
    if criteria is None:
        return np.zeros((len(frame), 0), dtype=np.int8)
    found = list(_states(judge(criteria.root, frame, days), negated=False))
    return np.array(found, dtype=np.int8).reshape(len(found), len(frame)).T


def _states(judged: Judged, *, negated: bool) -> Iterator[States]:
    node = judged.node
    if isinstance(node, Negation):
        yield from _states(judged.children[0], negated=not negated)
    elif isinstance(node, Group) and node.every != negated:
        for child in judged.children:
            yield from _states(child, negated=negated)
    elif isinstance(node, Group) and len(judged.children) == 1:
        yield from _states(judged.children[0], negated=negated)
    else:
        state = judged.state
        yield np.where(state < 0, state, 1 - state).astype(np.int8) if negated else state
