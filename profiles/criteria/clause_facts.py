"""The clauses of criteria without anybody's facts: which part of the policy's text each is, and what it asks of."""

from __future__ import annotations

from collections.abc import Iterator

from profiles.criteria.leaves import facts_of
from profiles.criteria.trees import (
    AnyDependant,
    CountDependants,
    Criteria,
    Group,
    HasQualification,
    Leaf,
    Measured,
    Negation,
    Node,
    Receives,
    Stage,
    Tiers,
)


def clause_facts(criteria: Criteria) -> list[tuple[str, str]]:
    """(clause, fact) of each clause, in the order of `clause_states`; "" where there is none to name."""
    return list(_clauses(criteria.root, negated=False))


def _clauses(node: Node, *, negated: bool) -> Iterator[tuple[str, str]]:
    if isinstance(node, Negation):
        yield from _clauses(node.child, negated=not negated)
    elif isinstance(node, Group) and node.every != negated:
        for child in node.children:
            yield from _clauses(child, negated=negated)
    elif isinstance(node, Group) and len(node.children) == 1:
        yield from _clauses(node.children[0], negated=negated)
    else:
        yield getattr(node, "clause", ""), _fact(node)


def _fact(node: Node) -> str:
    match node:
        case Leaf() | Measured():
            return facts_of(node)[0]
        case Tiers():
            return facts_of(node)[-1]
        case HasQualification():
            return "qualifications"
        case Receives():
            return "benefits"
        case Stage():
            return "stage"
        case AnyDependant() | CountDependants():
            return "dependants"
    return ""
