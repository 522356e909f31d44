"""Who a policy is for, in words: the conditions all of which must hold, each with its clause."""

from __future__ import annotations

from dataclasses import dataclass

from profiles.building import build_frame
from profiles.criteria import CriteriaError, parse, prove
from pushsvc.web.i18n import locale
from pushsvc.web.words import today, wide


@dataclass(frozen=True)
class Requirement:
    """One condition: where it stands in the policy, and what it asks."""

    clause: str
    asked: str


def requirements(criteria: object) -> list[Requirement] | None:
    """The conditions in the reader's language; [] means everybody, None that nobody is matched by rules."""
    if criteria is None:
        return None
    try:
        tree = parse(criteria)
    except CriteriaError:
        return None
    nobody = build_frame([0], {})
    clauses = prove(tree, nobody, 0, on=today())
    zh = locale() == "zh"
    return [Requirement(one.clause, wide(one.asked_zh) if zh else one.asked_en) for one in clauses]
