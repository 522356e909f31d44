"""Which policies in force exclude each other: by a text that says so, by criteria, or as papers on one matter."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from pushsvc.pipeline.in_force import InForce
from pushsvc.store.checkup import exclusive_families
from pushsvc.store.in_force import LightPolicy, criteria_by_id
from pushsvc.store.session import Connection


def among(conn: Connection, policies: InForce, places: Sequence[int]) -> dict[int, frozenset[int]]:
    """Policy → those of the policies at these places that nobody gets beside it, both ways.

    Of one family only one is in force; texts that pass on, explain or repeat each other pay once too.
    """
    mine = {at: policies.policies[at] for at in places}
    found: defaultdict[int, set[int]] = defaultdict(set)
    for one, other in (*_of_one_matter(policies, mine), *_said(conn, policies, mine), *_asked(conn, mine)):
        if one != other:
            found[one].add(other)
            found[other].add(one)
    return {number: frozenset(others) for number, others in found.items()}


def _of_one_matter(policies: InForce, mine: Mapping[int, LightPolicy]) -> Iterator[tuple[int, int]]:
    faces: defaultdict[int, list[int]] = defaultdict(list)
    for at, policy in mine.items():
        faces[int(policies.faces[at])].append(policy.id)
    for alike in faces.values():
        yield from combinations(alike, 2)


def _said(conn: Connection, policies: InForce, mine: Mapping[int, LightPolicy]) -> Iterator[tuple[int, int]]:
    of_family = {policy.family: policy.id for policy in mine.values()}
    for family, other in exclusive_families(conn, list(of_family), policies.on):
        yield of_family[family], of_family[other]


def _asked(conn: Connection, mine: Mapping[int, LightPolicy]) -> Iterator[tuple[int, int]]:
    """Criteria that exclude who receives a benefit: it is a policy where it bears its reference, family or title."""
    named: dict[str, int] = {}
    for policy in mine.values():
        named |= {_folded(name): policy.id for name in (policy.title, policy.family, policy.ref)}
    for number, tree in criteria_by_id(conn, [policy.id for policy in mine.values()]).items():
        for word in _excluded(tree):
            if _folded(word) in named:
                yield number, named[_folded(word)]


def _excluded(tree: Any) -> Iterator[str]:
    """The benefits that a stored tree excludes, wherever they stand but under a "not"."""
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            if key == "excludes" and isinstance(value, list):
                yield from (word for word in value if isinstance(word, str))
            elif key in ("all", "any"):
                yield from _excluded(value)
    elif isinstance(tree, list):
        for child in tree:
            yield from _excluded(child)


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()
