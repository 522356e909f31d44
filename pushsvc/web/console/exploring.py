"""One look at "who is this for?": a policy's tree or a typed one, turned by its knobs, counted, or what is wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from profiles.criteria import Criteria, CriteriaError
from profiles.criteria.outline import outline
from profiles.facts import fact_words
from pushsvc.pipeline.counting import read_criteria
from pushsvc.pipeline.fitting import is_matched
from pushsvc.store.policies import Policy
from pushsvc.web.access import current_operator
from pushsvc.web.console.breakdown import Facet, Split, facets, percent, split, step_of, told
from pushsvc.web.console.knobs import knobs_of, turned
from pushsvc.web.console.problems import Problem, named_problem, problem
from pushsvc.web.console.tree import Row, flat, nearest, rows_of
from pushsvc.web.counts import Counted, count_for
from pushsvc.web.current import context
from pushsvc.web.i18n import locale, t
from pushsvc.web.words import number

LONGEST = 200_000  # characters of a tree
_LACKING = 8


@dataclass(frozen=True)
class Lacking:
    """A fact, how many of those who may be eligible lack it, and its bar."""

    name: str
    n: str
    width: str


@dataclass(frozen=True)
class Tally:
    """The figures of a whole tree as the page writes them, cut to multiples of `step`."""

    profiles: str
    split: Split
    ms: int
    lacking: tuple[Lacking, ...]
    facets: tuple[Facet, ...]
    step: int

    @property
    def said(self) -> str:
        """The answer in one sentence, for those who listen."""
        held = {"yes": self.split.yes, "maybe": self.split.maybe, "no": self.split.no}
        return t("{yes} 份档案初步符合，{maybe} 份可能符合，{no} 份目前不符合", **held)


@dataclass(frozen=True)
class Look:
    """What the page shows. `text`: the tree as JSON; `tally` is None where nothing was counted."""

    text: str = ""
    rows: tuple[Row, ...] = ()
    tally: Tally | None = None
    problem: Problem | None = None
    at: str | None = None  # the place of the row that the problem is shown at; None: no row holds it


@dataclass(frozen=True)
class Asked:
    """A tree to look at. `policy`: whose days it speaks of; `given`: values of knobs by place."""

    tree: Any
    policy: Policy | None = None
    given: Mapping[str, str] | None = None


def typed(text: str) -> Any:
    """The JSON somebody typed. Raises CriteriaError: not_json, too_deep, too_big, bad_text."""
    if len(text) > LONGEST:
        raise CriteriaError("too_big", "", f"The text is longer than {LONGEST:,} characters.")
    try:
        tree = json.loads(text)
        again = json.dumps(tree, ensure_ascii=False)
    except RecursionError as exc:
        raise CriteriaError("too_deep", "", "The JSON is nested too deeply.") from exc
    except ValueError as exc:
        raise CriteriaError("not_json", "", f"This is no JSON: {str(exc)[:80]}.") from exc
    if "\\u0000" in again or any("\ud800" <= char <= "\udfff" for char in again):
        raise CriteriaError("bad_text", "", "A text holds a character that cannot be stored.")
    return tree


def look(asked: Asked) -> Look:
    """Read, turn and count a tree; what cannot be counted is still shown in words as far as it can be read."""
    tree, criteria = asked.tree, None
    try:
        criteria = read_criteria(context(), tree)
        if asked.given:
            again = turned(tree, knobs_of(tree, criteria), asked.given)
            tree, criteria = again, read_criteria(context(), again)
        counted = _counted(asked.policy, tree, criteria)
    except CriteriaError as error:
        return _refused(error, tree, criteria)
    rows = rows_of(outline(criteria), counted.figures, knobs_of(tree, criteria))
    return Look(written(tree), rows, _tally(counted))


def written(tree: Any) -> str:
    """The tree as JSON that people can edit."""
    return json.dumps(tree, ensure_ascii=False, indent=1)


def unmatched(policy: Policy | None) -> bool:
    """Whether the policy is one that nobody is matched to, whatever its criteria say."""
    return policy is not None and not is_matched(policy)


def missing_policy() -> Look:
    """There is no such policy."""
    return Look(problem=named_problem("unknown_policy"))


def not_read(text: str, error: CriteriaError) -> Look:
    """What was typed is no tree at all; it stays as it was typed."""
    return Look(text, problem=problem(error))


def _counted(policy: Policy | None, tree: Any, criteria: Criteria) -> Counted:
    days = {"deadline": policy.window_closes, "published": policy.date_published} if policy else {}
    return count_for(current_operator().name, tree, criteria, **days)


def _refused(error: CriteriaError, tree: Any, criteria: Criteria | None) -> Look:
    try:
        text = written(tree)
    except RecursionError:
        text = ""
    said = problem(error, tree)
    if criteria is None:
        return Look(text, problem=said)
    rows = rows_of(outline(criteria), None, knobs_of(tree, criteria))
    places = {row.place for row in flat(rows)}
    at = nearest(error.place, places)
    return Look(text, rows, problem=replace(said, excerpt=""), at=at if error.place and at in places else None)


def _tally(counted: Counted) -> Tally:
    found = counted.figures
    top = list(found["missing"].items())[:_LACKING]
    most = max((n for _, n in top), default=0)
    lacking = (Lacking(fact_words([fact], locale()), number(n), percent(n, most)) for fact, n in top)
    step = step_of(found)
    counts = split(found["eligible"], found["unknown"], found["no"], step)
    return Tally(told(found["profiles"], step), counts, counted.ms, tuple(lacking), facets(found), step)
