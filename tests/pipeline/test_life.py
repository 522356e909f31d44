"""A life event is answered once, by one digest of the policies that fit because of it."""

from __future__ import annotations

from pushsvc.context import Context
from pushsvc.pipeline.life import answer_life_events
from pushsvc.pipeline.wording import DIGEST_SHOWN
from pushsvc.store.life import LifeEvent, add_life_events
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.making import moment
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


def test_what_is_beyond_those_named_in_a_message_stands_on_its_page(ctx: Context) -> None:
    register(ctx, "a", **CONTACT)
    for n in range(DIGEST_SHOWN + 4):
        issue(ctx, f"care{n}", criteria=TODDLER, agency=f"局{n}")
    register(ctx, "a", dependants="kid@2026-06-20")
    answer_life_events(ctx)
    assert len(items(ctx)) == DIGEST_SHOWN + 4


def test_again_it_sends_nothing_more(ctx: Context) -> None:
    register(ctx, "a", **CONTACT)
    issue(ctx, "care", criteria=TODDLER)
    register(ctx, "a", dependants="kid@2026-06-20")
    assert (answer_life_events(ctx), answer_life_events(ctx)) == (1, 0)
    assert count(ctx, "delivery") == 1


def test_those_that_fail_wait_ever_longer_behind_the_others(ctx: Context, clock: Clock) -> None:
    number = register(ctx, "a", **CONTACT)
    issue(ctx, "care", criteria=TODDLER)
    with transaction(ctx.engine) as conn:
        bad = [LifeEvent(number, "age", f"no day {n}", ctx.clock()) for n in range(3)]
        assert add_life_events(conn, bad) == 3
    register(ctx, "a", dependants="kid@2026-06-20")
    assert [answer_life_events(ctx, batch=3) for _ in range(2)] == [0, 1]
    assert items(ctx) == ["care"]
    for minutes in (1, 4, 16):
        clock.forward(minutes=minutes, seconds=-1)
        answer_life_events(ctx)
        before = ask(ctx, "select distinct tries from life_event where answered_at is null")
        clock.forward(seconds=1)
        answer_life_events(ctx)
        after = ask(ctx, "select distinct tries from life_event where answered_at is null")
        assert after == [(before[0][0] + 1,)]


def test_a_night_may_bring_more_events_than_a_statement_has_room_for(ctx: Context) -> None:
    ask(ctx, "with new as (insert into profile (ref, kind, updated_at) select 'x' || g, 'enterprise', now() "
             "from generate_series(1, 17000) g returning id) select count(*) from new")  # fmt: skip
    found = [LifeEvent(number, "lapsing", "k", ctx.clock()) for (number,) in ask(ctx, "select id from profile")]
    with transaction(ctx.engine) as conn:
        assert [add_life_events(conn, found) for _ in range(2)] == [17_000, 0]


def test_before_eight_in_the_morning_the_day_is_the_citys(ctx: Context, clock: Clock) -> None:
    clock.now = moment("2026-06-24T23:30:00+00:00")  # 07:30 on the 25th in the city
    register(ctx, "firm", kind="enterprise", region="990101", qualifications="national_hnte@2023-10-01@2026-09-23")
    register(ctx, "firm", kind="enterprise", region="990105")
    register(ctx, "late", kind="enterprise", qualifications="national_hnte@2026-06-26")
    kinds = ask(ctx, "select kind, key from life_event order by id")
    assert kinds == [("lapsing", "national_hnte:2023-10-01"), ("move", "990105:2026-06-25"),
                     ("qualified", "national_hnte:2026-06-26")]  # fmt: skip


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
