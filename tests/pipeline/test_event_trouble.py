"""An event that cannot be answered is tried after growing pauses, then left to people, with its error."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.context import Context
from pushsvc.pipeline.event_trouble import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    MOST_TRIES,
    SENTENCE,
    EventError,
    pause,
    said,
    troubled,
)
from pushsvc.pipeline.events import pass_events, retry
from pushsvc.pipeline.standing import RuleError
from pushsvc.store.event_answers import count_troubled
from pushsvc.store.policy_events import NewEvent, record
from pushsvc.store.session import transaction
from tests.clock import Clock
from tests.registering import ask, issue

BAD = {"kind": "deadline", "who": "deadline", "closes": "some day", "days": 3}  # a day that nobody can read
OPEN = "select key, tries from policy_event where handled_at is null order by id"


def broken(ctx: Context, *keys: str) -> list[int]:
    """Events of one policy that no pass can answer; the policy's own is answered."""
    issue(ctx, "a")
    pass_events(ctx)
    ((policy,),) = ask(ctx, "select id from policy")
    with transaction(ctx.engine) as conn:
        record(conn, [NewEvent(policy, "deadline", key, BAD) for key in keys], ctx.clock())
    return [row[0] for row in ask(ctx, "select id from policy_event where handled_at is null order by id")]


def mend(ctx: Context, event_id: int, closes: str = "2026-07-01") -> None:
    """Give it a day that can be read."""
    day = "jsonb_build_object('closes', cast(:day as text))"
    good = f"update policy_event set detail = detail || {day} where id = :id returning 1"
    ask(ctx, f"with done as ({good}) select * from done", id=event_id, day=closes)


def test_pauses_grow_and_end_within_two_days() -> None:
    waits = [pause(tries) for tries in range(1, MOST_TRIES)]
    assert waits[0] == FIRST_PAUSE
    assert waits == sorted(waits, key=lambda wait: wait or timedelta.max)
    assert max(wait for wait in waits if wait) == LONGEST_PAUSE
    assert timedelta(days=1) < sum((wait for wait in waits if wait), timedelta()) < timedelta(days=2)
    assert pause(MOST_TRIES) is None


@given(st.integers(0, 32_767))
def test_after_any_number_of_tries_there_is_a_pause_or_an_end(tries: int) -> None:
    wait = pause(tries)
    assert (wait is None) == (tries >= MOST_TRIES)
    assert wait is None or FIRST_PAUSE <= wait <= LONGEST_PAUSE


def test_what_always_fails_is_given_up_and_stays_listed_with_its_error(ctx: Context, clock: Clock) -> None:
    (number,) = broken(ctx, "x")
    for tries in range(1, MOST_TRIES + 1):
        assert pass_events(ctx) == 0
        assert ask(ctx, OPEN) == [("x", tries)]
        clock.forward(seconds=59)
        assert pass_events(ctx) == 0
        assert ask(ctx, OPEN) == [("x", tries)]
        clock.forward(hours=6)
    clock.forward(days=30)
    pass_events(ctx)
    (found,) = troubled(ctx)
    assert (found["id"], found["tries"], found["again_at"], found["policy"]) == (number, MOST_TRIES, None, "a")
    assert (found["code"], "some day" in found["error"]) == ("unforeseen", True)
    with transaction(ctx.engine) as conn:
        assert count_troubled(conn) == (0, 1)


def test_the_next_try_is_no_sooner_than_its_pause(ctx: Context, clock: Clock) -> None:
    (number,) = broken(ctx, "x")
    pass_events(ctx)
    mend(ctx, number)
    clock.forward(seconds=59)
    assert pass_events(ctx) == 0
    clock.forward(seconds=1)
    assert pass_events(ctx) == 1
    assert troubled(ctx) == []
    assert ask(ctx, "select tries, again_at, error_code, error from policy_event where key = 'x'") == [
        (1, None, None, None)
    ]


def test_what_went_wrong_lets_the_others_go_first(ctx: Context, clock: Clock) -> None:
    one, two, three = broken(ctx, "x", "y", "z")
    mend(ctx, three)
    assert pass_events(ctx, batch=2) == 0
    clock.forward(hours=1)
    assert pass_events(ctx, batch=2) == 1
    assert ask(ctx, OPEN) == [("x", 2), ("y", 1)]
    for number in (one, two):
        mend(ctx, number)
    clock.forward(hours=1)
    assert pass_events(ctx) == 2


def test_the_campaign_of_a_late_answer_says_nothing_of_the_trouble(ctx: Context, clock: Clock) -> None:
    (number,) = broken(ctx, "x")
    pass_events(ctx)
    mend(ctx, number)
    assert retry(ctx, number, by="周岚")
    ((detail,),) = ask(ctx, "select detail from campaign where detail->>'kind' = 'deadline'")
    assert detail == BAD | {"closes": "2026-07-01", "event_id": number}


def test_a_person_tries_again_what_was_given_up(ctx: Context, clock: Clock) -> None:
    (number,) = broken(ctx, "x")
    for _ in range(MOST_TRIES):
        pass_events(ctx)
        clock.forward(hours=6)
    assert not retry(ctx, number, by="周岚")  # it still fails, and has all its tries anew
    assert [(one["tries"], one["again_at"] - clock()) for one in troubled(ctx)] == [(1, FIRST_PAUSE)]
    mend(ctx, number)
    assert retry(ctx, number, by="吴越")
    assert troubled(ctx) == []
    said_ = "select actor, detail->'tries' from audit where action = 'event.retry' and object = :o order by id"
    assert ask(ctx, said_, o=f"event:{number}") == [("周岚", MOST_TRIES), ("吴越", 1)]


def test_what_was_given_up_comes_first_in_the_list(ctx: Context, clock: Clock) -> None:
    broken(ctx, "x")
    for _ in range(MOST_TRIES):
        pass_events(ctx)
        clock.forward(hours=6)
    ((policy,),) = ask(ctx, "select id from policy")
    with transaction(ctx.engine) as conn:
        ask(ctx, "with d as (update policy_event set id = id + 100 where key = 'x' returning 1) select * from d")
        record(conn, [NewEvent(policy, "deadline", "y", BAD)], clock())
    pass_events(ctx)
    assert [one["key"] for one in troubled(ctx)] == ["x", "y"]


@pytest.mark.parametrize(
    ("event", "by", "code"), [(None, "周岚", "answered"), (99, "周岚", "unknown_event"), (None, " ", "no_name")]
)
def test_what_cannot_be_tried_again_is_said(ctx: Context, event: int | None, by: str, code: str) -> None:
    issue(ctx, "a")
    pass_events(ctx)
    ((answered,),) = ask(ctx, "select id from policy_event")
    with pytest.raises(EventError) as caught:
        retry(ctx, event or answered, by=by)
    assert caught.value.code == code
    assert ask(ctx, "select count(*) from audit where action = 'event.retry'") == [(0,)]


def test_an_error_is_kept_as_its_code_and_sentence() -> None:
    assert said(RuleError("state", "A rule that is ended cannot do this.")) == (
        "state",
        "A rule that is ended cannot do this.",
    )
    assert said(KeyError()) == ("unforeseen", "Nobody foresaw this (KeyError); the log says more.")
    assert (
        said(ValueError("first\nDETAIL: a value"))[1] == "Nobody foresaw this (ValueError: first); the log says more."
    )


@given(st.text(max_size=600))
def test_any_error_is_one_line_that_a_database_can_hold(words: str) -> None:
    code, sentence = said(ValueError(words))
    assert code == "unforeseen"
    assert len(sentence) <= SENTENCE
    assert "\n" not in sentence
    assert "\0" not in sentence
    sentence.encode()
