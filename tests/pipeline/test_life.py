"""A life event is answered once, by one digest of the policies that fit because of it."""

from __future__ import annotations

from pushsvc.context import Context
from pushsvc.pipeline.life import answer_life_events
from tests.registering import ask, count, issue, register

TODDLER = {"any_dependant": {"fact": "age", "lt": 3}}
NEWBORN = {"any_dependant": {"fact": "age_days", "lt": 60}}
HERE = {"fact": "region", "in_region": ["990105"]}
CONTACT = {"phone": "13800130217", "consents": "recommend:any"}


def items(ctx: Context) -> list[str]:
    query = "select p.ref from delivery_item i join policy p on p.id = i.policy_id order by i.delivery_id, i.position"
    return [ref for (ref,) in ask(ctx, query)]


def test_a_birth_brings_one_digest_of_what_newly_fits(ctx: Context) -> None:
    register(ctx, "a", region="990105", **CONTACT)
    nobody = {"fact": "age", "ge": 119}
    for ref, criteria in (("care", TODDLER), ("papers", NEWBORN), ("here", HERE), ("nobody", nobody)):
        issue(ctx, ref, criteria=criteria)
    register(ctx, "a", dependants="kid@2026-06-20@990105")
    assert answer_life_events(ctx) == 1
    assert set(items(ctx)) == {"care", "papers"}
    assert ask(ctx, "select kind, key from run") == [("life", "life:1")]
    assert ask(ctx, "select count(*), min(door) from delivery") == [(1, "recommended")]


def test_again_it_sends_nothing_more(ctx: Context) -> None:
    register(ctx, "a", **CONTACT)
    issue(ctx, "care", criteria=TODDLER)
    register(ctx, "a", dependants="kid@2026-06-20")
    assert (answer_life_events(ctx), answer_life_events(ctx)) == (1, 0)
    assert count(ctx, "delivery") == 1


def test_a_second_child_counts_although_the_first_already_fits(ctx: Context) -> None:
    register(ctx, "a", dependants="one@2025-01-01", **CONTACT)
    issue(ctx, "care", criteria=TODDLER)
    answer_life_events(ctx)
    register(ctx, "a", dependants="one@2025-01-01|two@2026-06-20")
    answer_life_events(ctx)
    assert "care" in items(ctx)


def test_a_move_brings_what_fits_only_in_the_new_place(ctx: Context) -> None:
    register(ctx, "a", region="990101", birth_date="1950-05-01", as_of="2026-01-01", **CONTACT)
    issue(ctx, "here", criteria=HERE)
    issue(ctx, "city", criteria={"fact": "region", "in_region": ["990100"]})
    register(ctx, "a", region="990105", as_of="2026-06-20")
    answer_life_events(ctx)
    assert items(ctx) == ["here"]


def test_an_event_that_nothing_fits_is_answered_by_silence(ctx: Context) -> None:
    register(ctx, "a", **CONTACT)
    register(ctx, "a", dependants="kid@2026-06-20")
    assert answer_life_events(ctx) == 1
    assert (count(ctx, "run"), ask(ctx, "select answered_at is not null from life_event")) == (0, [(True,)])


def test_without_consent_the_digest_is_refused_by_name(ctx: Context) -> None:
    register(ctx, "a", phone="13800130217")
    issue(ctx, "care", criteria=TODDLER)
    register(ctx, "a", dependants="kid@2026-06-20")
    answer_life_events(ctx)
    assert (count(ctx, "delivery"), ask(ctx, "select code from refusal")) == (0, [("no_basis",)])


def test_a_certificate_gained_brings_what_fits_only_with_it(ctx: Context) -> None:
    register(ctx, "boss", **CONTACT)
    register(ctx, "firm", kind="enterprise", members="boss:admin", region="990105")
    issue(ctx, "reward", criteria={"qualification": "national_hnte"})
    issue(ctx, "here", criteria=HERE)
    paper = "national_hnte@2026-06-01@2029-05-31"
    register(ctx, "firm", kind="enterprise", qualifications=paper, as_of="2026-06-20")
    assert ask(ctx, "select kind, key from life_event") == [("qualified", "national_hnte:2026-06-01")]
    answer_life_events(ctx)
    assert items(ctx) == ["reward"]
