"""docs/channels.md keeps up with the registry and with the contract suite."""

from __future__ import annotations

import re

from channels.registry import PROVIDERS
from tests.channels.table import SUITE
from tests.house import tree

TEXT = (tree.ROOT / "docs" / "channels.md").read_text(encoding="utf-8")
MARK = "| case |"


def test_every_adapter_has_a_row_and_says_what_it_is_held_against() -> None:
    rows = [line.split("|") for line in TEXT.partition(MARK)[0].splitlines() if line.startswith("| `")]
    named = {name: cells[-2].strip() for cells in rows for name in re.findall(r"`(\w+)`", cells[1])}
    assert named.keys() == PROVIDERS.keys()
    assert {name for name, against in named.items() if against in ("", "—")} == {"memory", "console"}


def test_the_table_has_every_adapter_and_every_case_of_the_suite() -> None:
    lines = TEXT[TEXT.index(MARK) :].partition("\n\n")[0].splitlines()
    cases = re.findall(r"^def test_(\w+)\(stage", SUITE.read_text(encoding="utf-8"), re.MULTILINE)
    assert re.findall(r"`(\w+)`", lines[0]) == sorted(PROVIDERS)
    assert [line.split("|")[1].strip() for line in lines[2:]] == [case.replace("_", " ") for case in cases]
    assert {cell.strip() for line in lines[2:] for cell in line.split("|")[2:-1]} == {"✓"}
