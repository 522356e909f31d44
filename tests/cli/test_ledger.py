"""`pushsvc ledger check`: a table with totals, differences by name, and an exit code that a monitor can use."""

from __future__ import annotations

from pushsvc.cli.ledger import table
from pushsvc.pipeline.ledger import Ledger
from pushsvc.store.ledger import Difference

STATES = {"app": {"accepted": 1000, "planned": 5}, "sms": {"accepted": 20, "rejected": 3}}
SUMS = {"expected": {"app": 1005, "sms": 23}, "accepted": {"app": 1000, "sms": 20}}
REST = {"listed": {"app": 0, "sms": 3}, "pending": {"app": 5, "sms": 0}}


def cells(lines: list[str], name: str) -> list[str]:
    """The columns of the line with this name."""
    (line,) = [line for line in lines if line.split()[:1] == [name]]
    return line.split()[1:]


def test_states_and_sums_stand_by_channel_with_their_totals() -> None:
    lines = table(Ledger(STATES, **SUMS, **REST))
    assert lines[0].split() == ["app", "sms", "email", "total"]
    assert cells(lines, "planned") == ["5", "0", "0", "5"]
    assert cells(lines, "rejected") == ["0", "3", "0", "3"]
    assert cells(lines, "expected") == ["1,005", "23", "0", "1,028"]
    assert lines[-1] == "no differences"


def test_every_difference_has_its_code_count_sentence_and_examples() -> None:
    found = (Difference("no_letter", 1200, "accepted app deliveries have no inbox row", ("4", "9")),)
    assert table(Ledger(STATES, **SUMS, **REST, found=found))[-1] == (
        "difference no_letter: 1,200 accepted app deliveries have no inbox row (4, 9 …)"
    )


def test_sinks_stand_beside_the_rest_where_there_are_some() -> None:
    lines = table(Ledger(STATES, **SUMS, **REST, received={"app": 999}, lost=1))
    assert "lost 1 · unexplained 0" in lines
    assert "at sink" in "\n".join(lines)
