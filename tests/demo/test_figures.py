"""The figures add up over channels and runs."""

from __future__ import annotations

from pushsvc.demo.figures import Reckoning, other_run_rows, tell
from pushsvc.pipeline.ledger import Ledger
from pushsvc.store.watching import RunCount


def _ledger(accepted: dict[str, int], *, lost: int = 0, unexplained: int = 0) -> Ledger:
    return Ledger({}, {}, accepted, {}, {}, lost=lost, unexplained=unexplained)


def test_it_is_even_when_every_sink_holds_what_its_channel_accepted():
    counts = {"app": 3, "sms": 2, "email": 1}
    assert Reckoning(_ledger(counts), counts, 0, True).even
    assert not Reckoning(_ledger(counts), counts | {"sms": 3}, 0, True).even


def test_what_arrived_without_ever_leaving_counts_as_lost():
    assert Reckoning(_ledger({}, lost=1, unexplained=2), {}, 0, True).lost == 3


def test_the_line_shows_an_uneven_ledger():
    counts = {"app": 1000, "sms": 200, "email": 0}
    assert tell(Reckoning(_ledger(counts), counts, 0, True)) == "sinks 1,200 = ledger 1,200 · lost 0 · duplicates 0"
    assert "1,201 ≠ 1,200" in tell(Reckoning(_ledger(counts), counts | {"sms": 201}, 0, True)).replace("ledger ", "")


def test_other_runs_take_the_shape_of_a_campaign():
    counts = [
        RunCount("life", "life:1", "app", "recommended", "delivered", 1, 1),
        RunCount("life", "life:2", "sms", "recommended", "refused", 1, 0),
    ]
    (row,) = other_run_rows(counts)
    assert row["policy"] == "life:*"
    assert row["selected"] == {"recommended": 2}
    assert row["deliveries"] == {"app": {"delivered": 1}, "sms": {"refused": 1}}
    assert row["accepted"]["app"] == 1
    assert row["refusals"] == {"regated": 1}
