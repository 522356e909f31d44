"""`python -m benchmarks.faults [--minutes M] [--seed S] [--people N] [--json]`: exit 1 where a bar is missed."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from benchmarks.faults.kinds import KINDS
from benchmarks.faults.run import Plan, run


def main() -> None:
    """Reads the arguments, runs, prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="how long faults strike (1)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed deals the same faults (1)")
    parser.add_argument("--people", type=int, default=300, help="who are written to (300)")
    parser.add_argument("--kinds", default="", help="only these kinds, comma-separated")
    parser.add_argument("--mutants", default="", help="planted defects: drop, repeat")
    parser.add_argument("--old-code", type=Path, help="a checkout of an earlier release whose workers run beside ours")
    parser.add_argument("--folder", type=Path, help="keep journals, logs and servers' files here")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    told = parser.parse_args()
    kinds = tuple(told.kinds.split(",")) if told.kinds else tuple(KINDS)
    if unknown := sorted(set(kinds) - set(KINDS)):
        parser.error(f"there is no fault {', '.join(unknown)}; there are {', '.join(KINDS)}")
    if told.minutes <= 0 or told.people < 12:
        parser.error("--minutes must be above 0 and --people at least 12")
    plan = Plan(told.minutes * 60, told.seed, told.people, kinds, mutants=told.mutants)
    plan = Plan(**{**vars(plan), "old_code": told.old_code, "folder": told.folder})
    found = run(plan)
    show(found, as_json=told.json)
    raise SystemExit(1 if found["failures"] else 0)


def show(found: dict[str, Any], *, as_json: bool) -> None:
    """One JSON object, or a line a figure; of the unknown ones only how many became what."""
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for name, value in found.items():
        if name == "unknown":
            value = [f"{one['n']} {one['channel']} {one['became']} ({one['by']})" for one in value]
        print(f"{name:>30}  {value}")


if __name__ == "__main__":
    main()
