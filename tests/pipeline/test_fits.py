"""Everything in force for one profile: counted, listed, and what is worth asking."""

from __future__ import annotations

from datetime import date

import pytest

from profiles.criteria.settling import Question
from pushsvc.context import Context
from pushsvc.pipeline.fits import FitsError, Fitting, as_json, fits_of
from pushsvc.pipeline.preferences import give_consent, switch_personalised
from pushsvc.pipeline.rights import erase
from tests.registering import OLD_ENOUGH, issue, register

HOMELESS = {"fact": "owns_home", "eq": False}
POOR = {"all": [HOMELESS, {"fact": "hardship", "eq": True}]}


def test_it_says_what_fits_what_might_and_what_to_ask(ctx: Context) -> None:
    register(ctx, "a", birth_date="1950-05-01")
    issue(ctx, "fits", criteria=OLD_ENOUGH, window_closes="2026-07-01", title="津贴")
    issue(ctx, "m1", criteria=HOMELESS, title="住房")
    issue(ctx, "m2", criteria={"all": [HOMELESS, {"fact": "employment", "eq": "retired"}]}, title="退休")
    issue(ctx, "no", criteria={"fact": "age", "lt": 18})
    issue(ctx, "plan", kind="plan")
    found = fits_of(ctx, "a")
    assert found.counts == {"fits": 1, "might": 2, "no": 1, "unmatched": 1, "total": 5}
    assert found.fits == (Fitting("fits", "津贴", date(2026, 7, 1)),)
    assert found.might == (
        Fitting("m2", "退休", None, ("employment", "owns_home")),
        Fitting("m1", "住房", None, ("owns_home",)),
    )
    assert found.questions == (Question("owns_home", 1, 2), Question("employment", 0, 1))


def test_sensitive_facts_are_neither_looked_at_nor_asked_for(ctx: Context) -> None:
    person = register(ctx, "a", hardship="yes")
    give_consent(ctx, person, "sensitive")
    issue(ctx, "p", criteria=POOR)
    issue(ctx, "q", criteria={"fact": "hardship", "eq": True})
    found = fits_of(ctx, "a")
    assert found.might[1].missing == ("hardship", "owns_home")
    assert found.questions == (Question("owns_home", 0, 1),)


def test_it_is_an_answer_to_an_operator_whatever_the_person_wants_recommended(ctx: Context) -> None:
    person = register(ctx, "a", birth_date="1950-05-01")
    switch_personalised(ctx, person, False)
    issue(ctx, "fits", criteria=OLD_ENOUGH)
    assert fits_of(ctx, "a").counts["fits"] == 1


def test_lists_are_cut_in_json_and_counts_are_not(ctx: Context) -> None:
    register(ctx, "a")
    for ref in ("p", "q"):
        issue(ctx, ref, criteria=HOMELESS)
    plain = as_json(fits_of(ctx, "a"), "en", limit=1)
    assert plain["counts"]["might"] == 2
    assert plain["might"] == [
        {
            "ref": "q",
            "title": "云湾区人才安居补贴",
            "until": None,
            "missing": ["owns_home"],
            "missing_words": "home ownership",
        }
    ]
    assert plain["questions"] == [{"fact": "owns_home", "words": "home ownership", "settles": 2, "touches": 2}]


def test_nobody_has_no_answer(ctx: Context) -> None:
    erase(ctx, register(ctx, "gone"), actor="test")
    for ref in ("gone", "nobody"):
        with pytest.raises(FitsError) as raised:
            fits_of(ctx, ref)
        assert raised.value.code == "unknown_profile"
