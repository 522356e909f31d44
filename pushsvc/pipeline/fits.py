"""Everything in force against one profile: what fits, what might and lacks what, and the answers that would tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from profiles.criteria.settling import Question, settling
from profiles.criteria.table import Answers
from profiles.facts import SENSITIVE, fact_words
from profiles.lifecycle import derive
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.errors import PipelineError
from pushsvc.pipeline.in_force import InForce, in_force
from pushsvc.store.frames import load_frame
from pushsvc.store.people import profile_by_ref
from pushsvc.store.session import transaction


class FitsError(PipelineError):
    """There is nobody to look at: `code` is unknown_profile."""


@dataclass(frozen=True)
class Fitting:
    """One policy. `until`: the end of its window, None where it has none; `missing`: facts as stored."""

    ref: str
    title: str
    until: date | None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fits:
    """`fits` and `might` newest first. `counts`: fits, might, no, unmatched (for subscribers only), total.

    `questions`: what is missing, the answer that settles most first. Sensitive facts are not looked at for a list, so
    they may well be held: they are never asked for, and what lacks one is not said to be settled without it.
    """

    profile: str
    on: date
    counts: dict[str, int]
    fits: tuple[Fitting, ...]
    might: tuple[Fitting, ...]
    questions: tuple[Question, ...]


def fits_of(ctx: Context, ref: str) -> Fits:
    """Every policy in force for the profile with this outside reference, today in the city. Raises FitsError."""
    on = city_day(ctx)
    with transaction(ctx.engine) as conn:
        profile = profile_by_ref(conn, ref)
        if profile is None or profile.erased:
            raise FitsError("unknown_profile", f"There is no profile {ref!r}.")
        frame = derive(load_frame(conn, profile_ids=np.array([profile.id], dtype=np.int64)), on)
        policies = in_force(conn, ctx, on)
    answers = policies.answer(frame)
    return Fits(
        profile=ref,
        on=on,
        counts=_counts(policies, answers),
        fits=_lines(policies, answers, 1),
        might=_lines(policies, answers, -1),
        questions=tuple(one for one in settling(answers) if one.fact not in SENSITIVE),
    )


def as_json(found: Fits, locale: str, limit: int | None = None) -> dict[str, Any]:
    """The whole as JSON values, at most `limit` of each list; `counts` are always of all."""
    return {
        "profile": found.profile,
        "on": found.on.isoformat(),
        "counts": found.counts,
        "fits": [_plain(one) for one in found.fits[:limit]],
        "might": [
            _plain(one) | {"missing": list(one.missing), "missing_words": fact_words(one.missing, locale)}
            for one in found.might[:limit]
        ],
        "questions": [
            {"fact": one.fact, "words": fact_words([one.fact], locale), "settles": one.settles, "touches": one.touches}
            for one in found.questions[:limit]
        ],
    }


def _plain(one: Fitting) -> dict[str, Any]:
    return {"ref": one.ref, "title": one.title, "until": None if one.until is None else one.until.isoformat()}


def _counts(policies: InForce, answers: Answers) -> dict[str, int]:
    fits, might, matched = (
        int(np.count_nonzero(mask)) for mask in (answers.state == 1, answers.state == -1, policies.matched)
    )
    total = len(policies)
    return {"fits": fits, "might": might, "no": matched - fits - might, "unmatched": total - matched, "total": total}


def _lines(policies: InForce, answers: Answers, state: int) -> tuple[Fitting, ...]:
    positions: Sequence[int] = np.flatnonzero(answers.state == state).tolist()
    return tuple(_line(policies, answers, position) for position in positions)


def _line(policies: InForce, answers: Answers, position: int) -> Fitting:
    policy = policies.policies[position]
    return Fitting(policy.ref, policy.title, policy.window_closes, answers.missing_of(position))
