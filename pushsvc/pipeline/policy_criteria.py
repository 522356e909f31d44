"""Criteria are looked at before anything runs: what nobody can meet is refused, what changes nothing is noted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from profiles.criteria import Criteria, CriteriaError, parse
from profiles.criteria.leaves import Days
from profiles.criteria.linting import Flaw, lint
from profiles.criteria.parameters import asked_parameters, bind, stand_ins
from pushsvc.pipeline.report import RowError
from pushsvc.store.findings import NewFinding
from pushsvc.store.parameters import load_parameters
from pushsvc.store.session import Connection


def parse_unbound(tree: Any) -> Criteria:
    """The tree with any figure in place of the shared ones: whether all else is right. Raises CriteriaError."""
    return parse(tree, parameters=_stand_ins(tree), on=date.min)


def flaws(
    conn: Connection, line: int, content: Mapping[str, Any], today: date
) -> tuple[list[RowError], list[NewFinding]]:
    """What is wrong with the criteria of a policy about to be stored: why it is refused, and what is only noted."""
    tree = content["criteria"]
    if tree is None:
        return [], []
    try:
        bound = bind(tree, load_parameters(conn), today) if asked_parameters(tree) else tree
    except CriteriaError as exc:
        return [RowError(line, f"criteria.{exc.place}", exc.code, exc.sentence)], []
    found = lint(bound, days=Days(today, content["window_closes"], content["date_published"]))
    errors = [RowError(line, _place(flaw), flaw.code, flaw.en) for flaw in found if flaw.harmful]
    return errors, [_noted(flaw) for flaw in found if not flaw.harmful]


def _noted(flaw: Flaw) -> NewFinding:
    return NewFinding(f"criteria_{flaw.code}", _place(flaw), flaw.zh, flaw.en, blocking=False)


def _place(flaw: Flaw) -> str:
    return f"criteria.{flaw.place}" if flaw.place else "criteria"


def _stand_ins(tree: Any) -> Any:
    try:
        return stand_ins(tree)
    except RecursionError as exc:
        raise CriteriaError("too_deep", "", "The tree is nested too deeply.") from exc
