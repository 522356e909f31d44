"""Lists that are not all of one kind: no two faces of one family, and no more than so many of one agency."""

from __future__ import annotations

import numpy as np

from profiles.ragged import Mask, Rows

# All functions take one code a policy (position), equal for equal families or agencies; many lists at once are one
# call where the codes of different lists differ. `order` holds some of the positions, each once.


def one_face(order: Rows, family: Rows) -> Rows:
    """The order with the first of each family alone."""
    _, first = np.unique(family[order], return_index=True)
    return order[np.sort(first)]


def at_most(order: Rows, agency: Rows, *, exempt: Mask, most: int) -> Rows:
    """The order with at most `most` of each agency: its first ones.

    `exempt` bool[n]: these always stay, and count: where they are `most` or more, nobody else of the agency does.
    """
    free = exempt[order]
    rows = np.lexsort((~free, agency[order]))  # of each agency the exempt ones first, else as they stand in the order
    codes = agency[order][rows]
    start = np.searchsorted(codes, codes)
    kept = np.zeros(len(order), dtype=np.bool_)
    kept[rows] = np.arange(len(rows)) - start < most
    return order[kept | free]


def spread_out(order: Rows, agency: Rows, family: Rows, exempt: Mask, most: int) -> Rows:
    """The order with one face of each family, an `exempt` one before others, and then at most `most` of each agency.

    Being exempt saves from the limit on agencies, not from being the second face of one matter.
    """
    ahead = np.concatenate([order[exempt[order]], order[~exempt[order]]])
    faces = np.zeros(len(family), dtype=np.bool_)
    faces[one_face(ahead, family)] = True
    return at_most(order[faces[order]], agency, exempt=exempt, most=most)
