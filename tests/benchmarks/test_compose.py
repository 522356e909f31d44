"""The benchmark of composing: its mails are the standard library's, and its object has what others rely on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from benchmarks.compose import compare, composed, measure, planned, sheets_of, written
from benchmarks.email_people import fill_readers, planned_campaign
from pushsvc.context import Context


def test_the_object_has_what_is_promised(ctx: Context) -> None:
    found = measure(ctx, 30, 1)
    promised = {"name", "n", "unit", "ours", "baseline", "limit", "to_baseline", "to_limit", "spread", "seconds"}
    assert promised | {"peak_mb", "equal", "bytes"} <= set(found)
    assert (found["name"], found["n"], found["equal"]) == ("compose", 30, 30)
    assert found["bytes"] > 3_000


def test_a_mail_that_differs_is_noticed(ctx: Context) -> None:
    fill_readers(ctx, 12)
    slices = planned(ctx, planned_campaign(ctx, "x"))
    made = composed(ctx, slices)
    sheets, writers = sheets_of(ctx, slices[0], made)
    theirs = written(writers, sheets)
    assert compare(made, theirs) == 12
    assert {locale for locale, _ in sheets} == {"zh", "en"}
    for change in ({"to": "other@city.example"}, {"check": "000000"}, {"unsubscribe_url": "https://x.example/u/1"}):
        other = [(locale, replace(one, **change)) for locale, one in sheets]  # type: ignore[arg-type]  # texts all
        with pytest.raises(ValueError, match="is not what the standard library writes"):
            compare(made, written(writers, other))


def test_the_readers_have_addresses_that_decrypt_and_everybody_is_planned_to(ctx: Context) -> None:
    fill_readers(ctx, 20)
    run_id = planned_campaign(ctx, "y")
    with ctx.engine.connect() as conn:
        rows = conn.execute(text("select state, channel, door from delivery where run_id = :run"), {"run": run_id})
        assert [tuple(row) for row in rows] == [("planned", "email", "entitled")] * 20
    assert sorted(m.to for m in composed(ctx, planned(ctx, run_id))) == sorted(
        f"reader{n}@city.example" for n in range(1, 21)
    )
