"""Check codes: found by the index, on the right day, for what left and for nothing else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text, update

from pushsvc.context import Context
from pushsvc.pipeline.checking import LOOK_BACK, Told, check, read_code
from pushsvc.pipeline.compose import check_code
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import plan
from pushsvc.store import tables
from pushsvc.store.check_codes import quoted
from pushsvc.store.session import rows_cursor, transaction
from tests.clock import Clock
from tests.making import send_code, send_to

TODAY = date(2026, 6, 24)


@pytest.fixture
def code(ctx: Context, sender: Sender) -> str:
    """The code of one SMS that left."""
    plan(ctx, send_to(ctx, 1).campaign_id)
    deliver_next(ctx, sender, "normal")
    return of(ctx)


def of(ctx: Context) -> str:
    """The code of the only delivery, as wire keys begin."""
    with transaction(ctx.engine) as conn:
        return check_code(conn.execute(text("select wire_key from delivery")).scalar_one()).lower()


def test_what_left_is_told_with_its_day_and_policy_and_nobodys_name(ctx: Context, code: str) -> None:
    title, agency = "云湾区人才安居补贴（第三批）", "云湾区人力资源和社会保障局"
    assert check(ctx, code) == [Told(TODAY, "sms", 1, title, agency, False)]


def test_a_day_is_the_citys_and_the_evening_before_counts(ctx: Context, code: str) -> None:
    left = "2026-06-23T16:30:00+00:00"  # half past midnight in Shanghai
    with transaction(ctx.engine) as conn:
        conn.execute(text("update delivery set accepted_at = :at"), {"at": left})
    found = {day: bool(check(ctx, code, day)) for day in (TODAY + timedelta(days=n) for n in (-1, 0, 1, 2))}
    assert list(found.values()) == [False, True, True, False]


def test_without_a_day_the_last_week_is_looked_through(ctx: Context, code: str, clock: Clock) -> None:
    clock.forward(days=LOOK_BACK)
    assert check(ctx, code)
    clock.forward(days=1)
    assert check(ctx, code) == []


@pytest.mark.parametrize(
    ("state", "told"),
    [("planned", False), ("refused", False), ("rejected", False), ("unknown", True), ("delivered", True)],
)
def test_only_what_left_or_may_have_left_is_ours(ctx: Context, code: str, state: str, told: bool) -> None:
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.delivery).values(state=state))
    assert bool(check(ctx, code)) is told


def test_a_sensitive_policy_and_a_digest_are_not_named(ctx: Context, code: str) -> None:
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.policy).values(sensitive=True))
    assert check(ctx, code) == [Told(TODAY, "sms", None, None, None, True)]
    with transaction(ctx.engine) as conn:
        conn.execute(update(tables.delivery).values(policy_id=None))
    assert check(ctx, code) == [Told(TODAY, "sms", None, None, None, False)]


def test_a_sign_in_code_quotes_nothing_and_is_nothing(ctx: Context, sender: Sender) -> None:
    send_to(ctx, 1)
    send_code(ctx, recipient_id=1, address_id=1, channel="sms", code="123456")
    deliver_next(ctx, sender, "urgent")
    assert check(ctx, of(ctx)) == []


@pytest.mark.parametrize("prefix", ["000000", "0000ff", "00ffff", "ffffff", "9fffff", "abcdef"])
def test_every_prefix_has_its_own(ctx: Context, code: str, prefix: str) -> None:
    for key, theirs in {prefix + "f" * 26: True, prefix + "0" * 26: True}.items():
        with transaction(ctx.engine) as conn:
            conn.execute(update(tables.delivery).values(wire_key=key))
        assert bool(check(ctx, prefix)) is theirs
        other = f"{(int(prefix, 16) + 1) % 16**6:06x}", f"{(int(prefix, 16) - 1) % 16**6:06x}"
        assert not any(check(ctx, one) for one in other)


def test_it_is_found_by_the_index_of_wire_keys(ctx: Context, code: str) -> None:
    from pushsvc.store.check_codes import _QUERY

    now = ctx.clock()
    values = {"first": code, "after": code + "g", "states": ["accepted"], "since": now, "until": now, "limit": 1}
    with transaction(ctx.engine) as conn:
        conn.execute(text("set local enable_seqscan = off"))
        lines = [next(iter(row.values())) for row in rows_cursor(conn).execute("explain " + _QUERY, values).fetchall()]
        assert quoted(conn, code, now, now, limit=1) == []
    assert any("wire_key" in line and "Index Cond" in line for line in lines)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("7A2B5C", "7a2b5c"), (" 7a2b 5c ", "7a2b5c"), ("７Ａ２Ｂ５Ｃ", "7a2b5c"), ("7A2-B5C", "7a2b5c"),
        ("OIl111", "011111"), ("7A2B5", None), ("7A2B5C7", None), ("7A2B5G", None), ("", None), ("%_____", None),
        ("7a2b5'", None), ("7A\u00002B5C", None), ("\ud800A2B5C", None), ("١٢٣٤٥٦", None), ("7A2B5C" * 1000, None),
    ],
)  # fmt: skip
def test_a_code_is_read_as_people_write_it(typed: str, code: str | None) -> None:
    assert read_code(typed) == code


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_code_or_none(typed: str) -> None:
    found = read_code(typed)
    assert found is None or (len(found) == 6 and int(found, 16) >= 0)
