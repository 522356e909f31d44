"""Escalation: who did not open the app's message in time is told by the second channel, and nobody is told twice."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select, update

from pushsvc.context import Context
from pushsvc.pipeline import campaigns
from pushsvc.pipeline.escalate import escalate_due, judge
from pushsvc.pipeline.feedback import open_letter
from pushsvc.store import escalation, tables
from pushsvc.store.escalation import Behind
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.pipeline.waiting import first_copies, second_steps, slices, waiting

NOW = datetime.fromisoformat("2026-06-24T09:30:00+08:00")


def read_letters(ctx: Context, *people: int) -> None:
    """Each opens the letter in their inbox, as the webview does."""
    for person in people:
        with transaction(ctx.engine) as conn:
            letter = conn.scalar(select(tables.inbox.c.id).where(tables.inbox.c.recipient_id == person))
        assert letter is not None
        assert open_letter(ctx, person, letter) is not None


@contextmanager
def dying(ctx: Context, statements: int) -> Iterator[None]:
    """The process dies before its next-but-so-many statement."""
    left = [statements]

    def count(*_: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt

    event.listen(ctx.engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(ctx.engine, "before_cursor_execute", count)


def test_nothing_happens_before_the_hours_are_over(ctx: Context, clock: Clock) -> None:
    waiting(ctx, 2)
    clock.forward(hours=23, minutes=59)
    assert escalate_due(ctx) == 0
    assert second_steps(ctx) == [("waiting", None)] * 2


def test_what_nobody_opened_in_time_is_sent_by_the_second_channel(ctx: Context, clock: Clock) -> None:
    waiting(ctx, 2)
    clock.forward(hours=24)
    assert escalate_due(ctx) == 2
    assert second_steps(ctx) == [("planned", None)] * 2
    assert [(state, n) for state, n, _ in slices(ctx)] == [("ready", 2)]
    assert escalate_due(ctx) == 0


def test_who_read_it_in_the_app_a_second_before_is_left_in_peace(ctx: Context, clock: Clock) -> None:
    sent = waiting(ctx, 2)
    clock.forward(hours=24)
    read_letters(ctx, sent.people[0])
    assert escalate_due(ctx) == 2
    assert second_steps(ctx) == [("not_needed", "opened"), ("planned", None)]


def test_a_slice_that_everybody_opened_is_done(ctx: Context, clock: Clock) -> None:
    sent = waiting(ctx, 2)
    read_letters(ctx, *sent.people)
    clock.forward(hours=24)
    assert escalate_due(ctx) == 2
    assert [(state, n) for state, n, _ in slices(ctx)] == [("done", 2)]


def test_a_letter_read_while_its_fate_is_unknown_counts_as_opened(ctx: Context, clock: Clock) -> None:
    sent = waiting(ctx, 1)
    first_copies(ctx, sent.people, state="unknown", accepted_at=None)
    read_letters(ctx, *sent.people)
    clock.forward(hours=24)
    escalate_due(ctx)
    assert second_steps(ctx) == [("not_needed", "opened")]


def test_what_is_read_between_the_decision_and_the_sending_is_found_too(ctx: Context, clock: Clock) -> None:
    sent = waiting(ctx, 3)
    clock.forward(hours=24)
    escalate_due(ctx)
    read_letters(ctx, sent.people[1])
    with transaction(ctx.engine) as conn:
        ids = list(conn.scalars(select(tables.delivery.c.id).order_by(tables.delivery.c.id)))
        assert escalation.no_longer_needed(conn, ids) == {ids[4]}
        assert escalation.no_longer_needed(conn, []) == set()


@pytest.mark.parametrize("state", ["rejected", "bounced", "refused"])
def test_a_first_copy_that_reached_nobody_is_followed_when_the_slice_is_looked_at(
    ctx: Context, clock: Clock, state: str
) -> None:
    sent = waiting(ctx, 1)
    first_copies(ctx, sent.people, state=state, accepted_at=None)
    clock.forward(hours=24)
    assert escalate_due(ctx) == 1
    assert second_steps(ctx) == [("planned", None)]


def test_behind_a_rejected_copy_the_second_step_need_not_wait(ctx: Context, clock: Clock) -> None:
    sent = waiting(ctx, 3)
    first_copies(ctx, sent.people[:1], state="rejected", accepted_at=None)
    clock.forward(minutes=1)
    with transaction(ctx.engine) as conn:
        ids = list(conn.scalars(select(tables.delivery.c.id).where(tables.delivery.c.state == "rejected")))
        assert escalation.bring_forward(conn, ids, clock()) == 1
        assert escalation.bring_forward(conn, [], clock()) == 0
    assert escalate_due(ctx) == 1
    assert second_steps(ctx) == [("planned", None), ("waiting", None), ("waiting", None)]
    assert [(state, n) for state, n, _ in slices(ctx)] == [("waiting", 2), ("ready", 1)]


def test_behind_a_copy_that_has_not_left_the_message_waits_on(ctx: Context, clock: Clock) -> None:
    sent = waiting(ctx, 2)
    first_copies(ctx, sent.people[:1], state="planned", accepted_at=None)
    clock.forward(hours=24)
    assert escalate_due(ctx) == 1
    assert second_steps(ctx) == [("waiting", None), ("planned", None)]
    later = NOW.replace(hour=10, minute=0) + timedelta(hours=48)
    assert slices(ctx)[1] == ("waiting", 1, later)


def test_the_hours_run_from_the_moment_the_first_copy_was_accepted(ctx: Context, clock: Clock) -> None:
    waiting(ctx, 1, accepted=NOW + timedelta(hours=5))
    clock.forward(hours=24)
    assert escalate_due(ctx) == 0
    assert slices(ctx) == [("done", 0, NOW + timedelta(hours=24)), ("waiting", 1, NOW + timedelta(hours=29.5))]
    clock.forward(hours=5, minutes=30)
    assert escalate_due(ctx) == 1


def test_a_campaign_may_set_the_hours_for_everybody(ctx: Context, clock: Clock) -> None:
    waiting(ctx, 1, escalate_after=48)
    clock.forward(hours=24)
    assert escalate_due(ctx) == 0
    clock.forward(hours=24, minutes=30)
    assert escalate_due(ctx) == 1


def test_a_copy_of_unknown_fate_is_followed_when_its_hours_are_over(ctx: Context, clock: Clock) -> None:
    sent = waiting(ctx, 1)
    with transaction(ctx.engine) as conn:
        slice_id = conn.scalar(select(tables.slice_.c.id).where(tables.slice_.c.step == 0))
        tried = {"slice_id": slice_id, "provider": "app", "batch_key": "k", "members": 1}
        made = tables.attempt.insert().values(**tried, started_at=clock(), expires_at=clock())
        attempt = conn.execute(made.returning(tables.attempt.c.id)).scalar_one()
    clock.forward(hours=24)
    first_copies(ctx, sent.people, state="unknown", accepted_at=None, attempt_id=attempt, updated_at=clock())
    assert escalate_due(ctx) == 1
    assert second_steps(ctx) == [("planned", None)]


def test_paused_campaigns_rest_and_go_on_when_resumed(ctx: Context, clock: Clock) -> None:
    sent = waiting(ctx, 1, state="paused")
    clock.forward(hours=24)
    assert escalate_due(ctx) == 0
    campaigns.resume(ctx, sent.campaign_id, "李萌")
    assert escalate_due(ctx) == 1


def test_a_cancelled_campaign_ends_what_waits(ctx: Context, clock: Clock) -> None:
    sent = waiting(ctx, 2)
    campaigns.cancel(ctx, sent.campaign_id, "李萌")
    clock.forward(hours=24)
    assert escalate_due(ctx) == 0
    assert second_steps(ctx) == [("cancelled", "cancelled")] * 2
    assert [state for state, _, _ in slices(ctx)] == ["done"]


def test_of_a_family_that_shares_a_phone_one_is_reminded(ctx: Context, clock: Clock) -> None:
    waiting(ctx, 3)
    with transaction(ctx.engine) as conn:
        shared = conn.scalar(select(tables.delivery.c.address_id).where(tables.delivery.c.step == 1).limit(1))
        conn.execute(update(tables.delivery).where(tables.delivery.c.step == 1).values(address_id=shared))
    clock.forward(hours=24)
    assert escalate_due(ctx) == 3
    assert second_steps(ctx) == [("planned", None)] + [("not_needed", "same_address")] * 2


def test_a_phone_that_this_run_wrote_to_before_is_not_written_to_again(ctx: Context, clock: Clock) -> None:
    sent = waiting(ctx, 2)
    with transaction(ctx.engine) as conn:
        step = tables.delivery.c.step
        phone = select(tables.delivery.c.address_id).where(step == 1, tables.delivery.c.recipient_id == sent.people[0])
        own = tables.profile_address.insert().values(profile_id=sent.people[1], address_id=conn.scalar(phone))
        conn.execute(own)
        other = (step == 0) & (tables.delivery.c.recipient_id == sent.people[1])
        conn.execute(update(tables.delivery).where(other).values(channel="sms", address_id=conn.scalar(phone)))
    clock.forward(hours=24)
    escalate_due(ctx)
    assert second_steps(ctx)[0] == ("not_needed", "same_address")


@pytest.mark.parametrize("statements", range(12))
def test_a_sweep_that_is_killed_leaves_all_or_nothing_and_the_next_goes_on(
    ctx: Context, clock: Clock, statements: int
) -> None:
    sent = waiting(ctx, 3)
    read_letters(ctx, sent.people[0])
    first_copies(ctx, sent.people[1:2], state="planned", accepted_at=None)
    clock.forward(hours=24)
    before = second_steps(ctx), slices(ctx)
    with dying(ctx, statements):
        try:
            escalate_due(ctx)
        except KeyboardInterrupt:
            pass
    after = [("not_needed", "opened"), ("waiting", None), ("planned", None)]
    assert (second_steps(ctx), slices(ctx)) == before or second_steps(ctx) == after
    escalate_due(ctx)
    assert second_steps(ctx) == after
    assert sorted(state for state, _, _ in slices(ctx)) == ["ready", "waiting"]


def test_two_sweeps_at_once_take_each_slice_once(ctx: Context, clock: Clock) -> None:
    waiting(ctx, 8)
    with transaction(ctx.engine) as conn:  # eight slices of one
        rows = conn.execute(select(tables.delivery.c.id, tables.delivery.c.slice_id).where(tables.delivery.c.step == 1))
        for number, slice_id in rows.all()[1:]:
            given = conn.execute(select(tables.slice_).where(tables.slice_.c.id == slice_id)).mappings().one()
            escalation.wait_on(conn, given, [number], given["due_at"])
    clock.forward(hours=24)
    with ThreadPoolExecutor(3) as pool:
        moved = sum(pool.map(lambda _: escalate_due(ctx), range(3))) + escalate_due(ctx)
    assert moved == 8
    assert second_steps(ctx) == [("planned", None)] * 8


def test_a_slice_that_another_sweep_holds_is_left_to_it(ctx: Context, clock: Clock) -> None:
    waiting(ctx, 1)
    clock.forward(hours=24)
    with transaction(ctx.engine) as conn:
        assert escalation.next_due(conn, clock()) is not None
        assert escalate_due(ctx) == 0
    assert escalate_due(ctx) == 1


def test_a_sweep_takes_no_more_pieces_than_it_is_told(ctx: Context, clock: Clock) -> None:
    waiting(ctx, 1)
    clock.forward(hours=24)
    assert escalate_due(ctx, pieces=0) == 0


def behind(number: int, **values: Any) -> Behind:
    """A message whose first copy was accepted a day ago."""
    same = {"address_id": number, "opened": False, "failed": False, "since": NOW, "hours": 24, "used": False}
    return Behind(number, **{**same, **values})


@pytest.mark.parametrize(("seconds", "sent"), [(-1, False), (0, True), (1, True)])
def test_the_last_second_of_the_hours_is_the_first_of_the_reminder(seconds: int, sent: bool) -> None:
    judged = judge([behind(1)], NOW + timedelta(hours=24, seconds=seconds))
    assert bool(judged.planned) is sent
    assert bool(judged.later) is not sent


_moments = st.integers(-5000, 5000).map(lambda minutes: NOW + timedelta(minutes=minutes))
_behind = st.builds(
    Behind,
    id=st.integers(0, 1000),
    address_id=st.integers(0, 3),
    opened=st.booleans(),
    failed=st.booleans(),
    since=st.none() | _moments,
    hours=st.integers(1, 168),
    used=st.booleans(),
)


@given(st.lists(_behind, max_size=8, unique_by=lambda one: one.id), _moments)
def test_each_message_has_one_fate_and_no_address_two_messages(rows: list[Behind], now: datetime) -> None:
    judged = judge(rows, now)
    groups = [judged.planned, *judged.not_needed.values(), *judged.later.values()]
    assert sorted(i for group in groups for i in group) == sorted(one.id for one in rows)
    of = {one.id: one for one in rows}
    assert len({of[i].address_id for i in judged.planned}) == len(judged.planned)
    assert not any(of[i].opened or of[i].used for i in judged.planned)
    assert all(due > now and due >= (of[i].since or now) for due, ids in judged.later.items() for i in ids)
    assert all(of[i].failed or of[i].since for i in judged.planned)


@given(st.lists(_behind, max_size=8, unique_by=lambda one: one.id), _moments, st.integers(0, 8))
def test_two_slices_one_after_the_other_decide_as_one(rows: list[Behind], now: datetime, cut: int) -> None:
    whole, first = judge(rows, now), judge(rows[:cut], now)
    used = {one.address_id for one in rows[:cut] if one.id in first.planned}
    rest = [Behind(**{**vars(one), "used": one.used or one.address_id in used}) for one in rows[cut:]]
    assert first.planned + judge(rest, now).planned == whole.planned
