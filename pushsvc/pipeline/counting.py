"""How many profiles some criteria fit, now: for an operator who drags a slider, or a draft that is not stored yet."""

from __future__ import annotations

from datetime import date
from typing import Any

from profiles.criteria import Criteria, CriteriaError, parse
from profiles.criteria.blocks import judge_blocks
from profiles.criteria.leaves import Days, facts_of
from profiles.criteria.outline import Line, outline
from profiles.criteria.schema import check_shape
from profiles.criteria.trees import AnyDependant, CountDependants, Group, Leaf, Measured, Negation, Node, Stage, Tiers
from profiles.facts import SENSITIVE
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.fitting import is_matched
from pushsvc.pipeline.published import published
from pushsvc.pipeline.ranking import figures
from pushsvc.pipeline.shared_figures import bound_tree
from pushsvc.store.policies import Policy, policy_by_ref
from pushsvc.store.session import transaction


def count(
    ctx: Context, tree: Any, *, deadline: date | None = None, published_on: date | None = None
) -> dict[str, object]:
    """The figures of a criteria tree over everybody; writes nothing.

    `profiles`, `eligible`, `unknown` (with `missing` facts), `no`, `nodes` by place, `eligible_by` facet and value.
    Raises CriteriaError with its place, and `sensitive_fact`: those are counted for a stored policy's campaign alone.
    """
    return count_criteria(ctx, read_criteria(ctx, tree), deadline=deadline, published_on=published_on)


def read_criteria(ctx: Context, tree: Any, *, on: date | None = None) -> Criteria:
    """Any JSON as criteria, shared figures as they are today in the city (or `on` another day).

    Raises CriteriaError with its place; `no_value` where a shared figure has none that day.
    """
    check_shape(tree)
    today = on or city_day(ctx)
    with transaction(ctx.engine) as conn:
        bound = bound_tree(conn, tree, today)
    if bound is None:
        raise CriteriaError("no_value", "", "A shared figure that it asks for has no value today.")
    return parse(bound)


def count_criteria(
    ctx: Context, criteria: Criteria, *, deadline: date | None = None, published_on: date | None = None
) -> dict[str, object]:
    """The figures of `count` for criteria that were read. Raises CriteriaError: sensitive_fact."""
    today = city_day(ctx)
    if asked := criteria.facts.intersection(SENSITIVE):
        place = _place_of(criteria.root, asked) or ""
        sentence = "Sensitive facts are counted for a stored policy's own campaign only, not on trial."
        raise CriteriaError("sensitive_fact", place, sentence)
    snapshot = published(ctx).snapshot
    decided = judge_blocks(criteria, snapshot, days=Days(today, deadline, published_on), nodes=True)
    return figures(snapshot, decided, today)


def criteria_lines(ctx: Context, policy: Policy, on: date | None = None) -> tuple[Line, ...]:
    """A policy's criteria in words, a line a node, as they are decided today (or `on` that day).

    Of what is matched to nobody, one line that says so; nothing where the criteria cannot be read.
    """
    if not is_matched(policy):
        return outline(None)
    try:
        return outline(read_criteria(ctx, policy.criteria, on=on))
    except CriteriaError:
        return ()


def lines_of_ref(ctx: Context, ref: str) -> tuple[Line, ...]:
    """The same of the policy with this reference; nothing where there is none."""
    with transaction(ctx.engine) as conn:
        policy = policy_by_ref(conn, ref)
    return () if policy is None else criteria_lines(ctx, policy)


def _place_of(node: Node, facts: frozenset[str]) -> str | None:
    """Where the tree first asks for one of these facts."""
    match node:
        case Group():
            found = (_place_of(child, facts) for child in node.children)
            return next((place for place in found if place is not None), None)
        case Negation() | AnyDependant() | CountDependants():
            return _place_of(node.child, facts)
        case Stage():
            return None if _place_of(node.rule, facts) is None else node.place
        case Leaf() | Measured() | Tiers():
            return None if facts.isdisjoint(facts_of(node)) else node.place
        case _:
            return None
