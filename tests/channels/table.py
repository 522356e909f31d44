"""The contract table: adapter × case, from a run of the contract suite: `python -m tests.channels.table`.

Prints Markdown, as it stands in docs/channels.md; ends with 1 unless every cell is a pass.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

SUITE = Path(__file__).with_name("test_contract.py")
CASE = re.compile(r"::test_(\w+)\[(\w+)\]$")
MARKS = {"passed": "✓", "failed": "✗", "skipped": "–"}


class Seen:
    """What became of each case, by (case, provider), in the order of the suite."""

    def __init__(self) -> None:
        self.cells: dict[tuple[str, str], str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keeps the worst of set-up, call and teardown."""
        found = CASE.search(report.nodeid)
        if found and (report.when == "call" or report.outcome != "passed"):
            self.cells[found[1], found[2]] = MARKS[report.outcome]


def run() -> Seen:
    """The suite, in this process."""
    seen = Seen()
    pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(SUITE)], plugins=[seen])
    return seen


def table(seen: Seen) -> str:
    """A row a case, a column an adapter."""
    providers = sorted({provider for _, provider in seen.cells})
    lines = ["| case | " + " | ".join(f"`{name}`" for name in providers) + " |"]
    lines.append("|---|" + "---|" * len(providers))
    for case in dict.fromkeys(case for case, _ in seen.cells):
        cells = " | ".join(seen.cells.get((case, name), "") for name in providers)
        lines.append(f"| {case.replace('_', ' ')} | {cells} |")
    return "\n".join(lines)


if __name__ == "__main__":
    found = run()
    print(table(found))
    sys.exit(0 if found.cells and set(found.cells.values()) == {"✓"} else 1)
