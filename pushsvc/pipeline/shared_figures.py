"""Figures that criteria share: loaded from a file by an operator, bound into a tree on the day it is asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from profiles.criteria import CriteriaError
from profiles.criteria.parameters import Parameters, asked_parameters, bind, read_parameters
from profiles.records import RecordsError
from pushsvc.context import Context
from pushsvc.pipeline.report import ImportReport, Progress
from pushsvc.store.parameters import load_parameters, save_parameters, stored_parameters
from pushsvc.store.policies import Policy
from pushsvc.store.session import Connection, transaction
from pushsvc.texts.encodings import file_encoding

_MOST = 2_000_000  # bytes


def import_parameters(ctx: Context, path: Path, progress: Progress = lambda n: None) -> ImportReport:
    """Load `{name: {zh, en, unit, values: [{value, from?, to?, source}]}}`; all of it or, where one is wrong, nothing.

    Raises RecordsError (with the place of what is wrong).
    """
    table = _read(path)
    with transaction(ctx.engine) as conn:
        held = stored_parameters(conn)
        changed = {name: row for name, row in table.items() if held.get(name) != row}
        save_parameters(conn, changed, ctx.clock())
    progress(len(table))
    new = len(changed.keys() - held.keys())
    return ImportReport(new=new, changed=len(changed) - new, unchanged=len(table) - len(changed))


def bound(conn: Connection, policies: Sequence[Policy], on: date) -> list[Policy]:
    """The policies with their shared figures as of the day. One whose figure has no value then is matched to nobody."""
    if not any(asked_parameters(policy.criteria) for policy in policies):
        return list(policies)
    parameters = load_parameters(conn)
    return [_bound(policy, parameters, on) for policy in policies]


def bound_tree(conn: Connection, tree: Any, on: date) -> Any:
    """A tree with its shared figures as of the day; None (matched to nobody) where one has no value then."""
    return _tree(tree, load_parameters(conn), on) if asked_parameters(tree) else tree


def _bound(policy: Policy, parameters: Parameters, on: date) -> Policy:
    if not asked_parameters(policy.criteria):
        return policy
    # Another figure is another tree: whoever keeps what was compiled keeps it by checksum.
    tree = _tree(policy.criteria, parameters, on)
    return replace(policy, criteria=tree, checksum=f"{policy.checksum}@{on}")


def _tree(tree: Any, parameters: Parameters, on: date) -> Any:
    try:
        return bind(tree, parameters, on)
    except CriteriaError:
        return None


def _read(path: Path) -> dict[str, dict[str, Any]]:
    if path.stat().st_size > _MOST:
        raise RecordsError("too_big", str(path), f"The file is larger than {_MOST:,} bytes.")
    try:
        table = json.loads(path.read_text(encoding=file_encoding(path)))
    except (ValueError, RecursionError) as exc:
        raise RecordsError("not_json", str(path), f"The file is no JSON: {str(exc)[:80]}.") from exc
    if not isinstance(table, dict) or not all(isinstance(row, dict) for row in table.values()):
        raise RecordsError("not_json", str(path), "The file is JSON, but not an object of objects.")
    try:
        read_parameters(table)
    except CriteriaError as exc:
        raise RecordsError(exc.code, exc.place, exc.sentence) from exc
    return table
