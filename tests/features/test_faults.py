"""The real thing, broken in mid-campaign: whatever is killed or cut, nothing is lost and no SMS comes twice.

Workers, PostgreSQL, Redis and the sinks are processes of their own; the sinks count (docs/decisions/0002).
"""

from __future__ import annotations

import pytest

from benchmarks.faults.run import Plan, run

FIRST = ("kill_worker", "flush_redis", "restart_postgres")  # come whatever the seed
REPEATED = "messages are listed as unsent, and arrived"  # what is repeated blindly may be refused the second time
PATIENCE = 150.0  # seconds of the real clock; a lease is 4, a worker that Redis froze ends itself after 60


@pytest.mark.timeout(400)
def test_nothing_is_lost_and_no_sms_comes_twice_whatever_breaks() -> None:
    found = run(Plan(20.0, seed=2026, people=150, first=FIRST, patience=PATIENCE, quiet=True))
    assert found["failures"] == [], {name: value for name, value in found.items() if name != "unknown"}
    assert set(FIRST) <= found["faults"].keys()
    assert len(found["faults"]) >= 6
    assert found["in_mid_campaign"] >= 3, "the faults must come in the middle"
    assert found["received"] > found["people"]


@pytest.mark.long
@pytest.mark.timeout(400)
def test_the_harness_sees_a_planted_loss_and_a_planted_second_sms() -> None:
    kinds = ("gateway_hang_up_after", "gateway_500_after")
    found = run(Plan(10.0, 7, people=60, kinds=kinds, mutants="drop,repeat", patience=PATIENCE, quiet=True))
    assert found["lost"] > 0
    assert found["lost_keys"].keys() == {"email"}
    assert found["duplicates"]["sms"] > 0
    said = {sentence.split(maxsplit=1)[1] for sentence in found["failures"]}
    assert {"messages are lost", "SMS came twice"} <= said <= {"messages are lost", "SMS came twice", REPEATED}
