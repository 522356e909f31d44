"""Explain: why this profile was, or was not, chosen for this policy, from the columns that decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import RowMapping

from pushsvc.context import Context
from pushsvc.pipeline import why
from pushsvc.pipeline.audience import dry_rule, rule_of
from pushsvc.pipeline.choosing import Doors, Rule, choose, doors_of, judge
from pushsvc.pipeline.errors import PipelineError
from pushsvc.pipeline.feed import feed, policy_for
from pushsvc.pipeline.fitting import Fit, fit
from pushsvc.pipeline.proofs import states_of
from pushsvc.pipeline.scoring import serving_one
from pushsvc.pipeline.shared_figures import bound
from pushsvc.pipeline.why_not import shortfall
from pushsvc.pipeline.wishes import matching
from pushsvc.store.audience import Selected, campaign_about, fates, is_personalised, reached_otherwise, selection_of
from pushsvc.store.campaigns import get_campaign
from pushsvc.store.people import Profile, profile_by_ref
from pushsvc.store.policies import Policy, policy_by_ref
from pushsvc.store.session import Connection, transaction
from pushsvc.store.subscriptions import live_subscriptions

__all__ = ["ExplainError", "Explanation", "explain", "feed", "policy_for"]


class ExplainError(PipelineError):
    """There is nothing to explain: `code` is unknown_policy or unknown_profile."""


@dataclass(frozen=True)
class Explanation:
    """The answer. `door` is None where the profile was not chosen, and `code` then says why (a key of NOT_CHOSEN).

    `done`: the campaign has chosen its people; otherwise this is what it would do now. `proof`: how each clause stood
    when they were chosen, where that has changed; `fit`: how it stands now. `reasons`: the terms that spoke most for,
    or against.
    """

    policy: str
    profile: str
    fit: Fit
    door: str | None
    code: str | None
    done: bool
    wishes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    fates: tuple[str, ...] = ()
    proof: tuple[str, ...] = ()

    def lines(self, locale: str) -> list[str]:
        """The explanation as sentences, the most decisive first."""
        words = why.DOORS[self.door] if self.door else why.NOT_CHOSEN[self.code or "no"]
        clauses = [f"  {why.MARKS[said.state]} {said.sentence}" for said in self.fit.clauses]
        head = [why.pick(words, locale), *self.proof, self.fit.summary, *clauses]
        return [*head, *self.wishes, *self.reasons, *self.fates]


@dataclass(frozen=True)
class _Outcome:
    """What the campaign did, or would do now: the selection, and the funnel it is of."""

    selected: Selected | None
    funnel: Mapping[str, Any]
    done: bool
    merged: Collection[int] = ()  # profiles left out for another that is reached at the same address

    @property
    def figures(self) -> Mapping[str, Any]:
        """The figures of the recommended door."""
        found: Mapping[str, Any] = self.funnel.get("recommended", {})
        return found

    def states(self, policy: Policy) -> list[int] | None:
        """How the clauses stood when the person was chosen; None where the policy's words are others by now."""
        if self.selected is None or self.funnel.get("checksum") != policy.checksum:
            return None
        return states_of((self.selected.why or {}).get("proof"))


def explain(ctx: Context, policy_ref: str, profile_ref: str, locale: str = "zh") -> Explanation:
    """Why or why not. Raises ExplainError."""
    with transaction(ctx.engine) as conn:
        policy, person = _found(conn, policy_ref, profile_ref)
        number = campaign_about(conn, policy.id, person.id)
        row = get_campaign(conn, number) if number is not None else None
        rule = dry_rule(conn, policy) if row is None else rule_of(conn, row)
        judged = judge(conn, ctx, policy, np.array([person.id], dtype=np.int64))
        if not len(judged.frame):
            return Explanation(policy_ref, profile_ref, Fit(0, ""), None, "erased", done=False)
        mine = matching(live_subscriptions(conn, [person.id]), policy)
        outcome = _outcome(conn, ctx, rule, person.id, row)
        doors = doors_of(rule, np.array([person.id]), judged.state == 1, np.array([bool(mine)]))
        off = not is_personalised(conn, person.id)
        merged = outcome.done and number is not None and reached_otherwise(conn, number, person.id)
        told = fates(conn, number, person.id) if number is not None else []
        (policy,) = bound(conn, [policy], judged.on)
        using = serving_one(conn, person.id) if not off else None
    answer, chosen = fit(policy, judged.frame, judged.on, locale), outcome.selected
    merged = merged or person.id in outcome.merged
    code = None if chosen else _code(answer, doors, outcome, off=off, merged=merged)
    lacks: tuple[str, ...] = ()
    if code == "below" and using:
        short = shortfall(using, policy, judged.frame, figures=outcome.figures, limits=rule.limits)
        lacks = tuple(why.shortfall_words(short, locale)) if short else ()
    return Explanation(
        policy=policy_ref,
        profile=profile_ref,
        fit=answer,
        door=chosen.door if chosen else None,
        code=code,
        done=outcome.done,
        wishes=tuple(why.wish_words(one.wish, locale) for one in mine),
        reasons=tuple(why.chosen_words(chosen.why or {}, locale)) if chosen else lacks,
        fates=tuple(why.fate_words(one, locale) for one in told),
        proof=tuple(why.proof_words(outcome.states(policy), answer.clauses, outcome.funnel.get("on"), locale)),
    )


def _found(conn: Connection, policy_ref: str, profile_ref: str) -> tuple[Policy, Profile]:
    policy, person = policy_by_ref(conn, policy_ref), profile_by_ref(conn, profile_ref)
    if policy is None:
        raise ExplainError("unknown_policy", f"There is no policy {policy_ref!r}.")
    if person is None:
        raise ExplainError("unknown_profile", f"There is no profile {profile_ref!r}.")
    return policy, person


def _outcome(conn: Connection, ctx: Context, rule: Rule, profile_id: int, row: RowMapping | None) -> _Outcome:
    """From the stored selections where the campaign has them, else from choosing now without writing."""
    if row is not None and row["selected_at"] is not None:
        return _Outcome(selection_of(conn, row["id"], profile_id), row["funnel"], True)
    choice = choose(conn, ctx, rule)
    merged = frozenset(choice.recommended.merged.tolist())
    return _Outcome(choice.selected.of(profile_id), choice.funnel, False, merged)


def _code(answer: Fit, doors: Doors, outcome: _Outcome, *, off: bool, merged: bool) -> str:
    """The name of the reason why nobody chose this profile, a key of why.NOT_CHOSEN."""
    if doors.entitled[0] or doors.subscribed[0]:
        return "later"
    if answer.state != 1:
        return {None: "not_matched", 0: "no", -1: "unknown"}[answer.state]
    if not doors.candidates[0]:
        return "door_closed"
    if off:
        return "personalised_off"
    if not outcome.figures.get("model"):
        return "no_model"
    return "merged" if merged else "below"
