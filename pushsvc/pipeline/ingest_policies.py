"""Ingest policies: JSON lines become drafts; good rows load, bad ones are reported, what is published stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pushsvc.context import Context
from pushsvc.pipeline.lines import json_lines
from pushsvc.pipeline.policy_fields import FIELDS
from pushsvc.pipeline.policy_rows import content_checksum, finished, read_fields, read_policy
from pushsvc.pipeline.report import ImportReport, Progress, RowError
from pushsvc.store.policies import add_policy, change_policy, policy_by_ref
from pushsvc.store.session import Connection, transaction

Content = dict[str, object]
Reader = Callable[[Connection, int, Mapping[str, Any]], Content | list[RowError]]
Outcome = str | list[RowError]  # new, changed, unchanged, or why not


def import_policies(ctx: Context, path: Path, progress: Progress = lambda n: None) -> ImportReport:
    """Load a file of policies, one JSON object a line. Raises RecordsError: unreadable, encoding."""
    return _import(ctx, path, _whole, progress)


def import_criteria(ctx: Context, path: Path, progress: Progress = lambda n: None) -> ImportReport:
    """Load what drafts are given later: lines of {ref, criteria, family?, event?, kind?, topic?, …}."""
    return _import(ctx, path, _revised, progress)


def upsert_policy(ctx: Context, given: Mapping[str, Any]) -> Outcome:
    """One policy, for the API: `new`, `changed`, `unchanged`, or its errors."""
    with transaction(ctx.engine) as conn:
        return _load(conn, ctx, 1, _whole(conn, 1, given))


def set_criteria(ctx: Context, ref: str, criteria: object, **more: object) -> Outcome:
    """Give a draft its criteria (and other fields): `changed`, `unchanged`, or the errors."""
    with transaction(ctx.engine) as conn:
        return _load(conn, ctx, 1, _revised(conn, 1, {"ref": ref, "criteria": criteria, **more}))


def _import(ctx: Context, path: Path, read: Reader, progress: Progress) -> ImportReport:
    counts = {"new": 0, "changed": 0, "unchanged": 0}
    errors: list[RowError] = []
    seen: dict[object, int] = {}
    with transaction(ctx.engine) as conn:
        for line, given in json_lines(path):
            found = [given] if isinstance(given, RowError) else _once(seen, line, read(conn, line, given))
            outcome = _load(conn, ctx, line, found)
            if isinstance(outcome, str):
                counts[outcome] += 1
            else:
                errors += outcome
            progress(1)
    return ImportReport(**counts, errors=tuple(errors))


def _whole(conn: Connection, line: int, given: Mapping[str, Any]) -> Content | list[RowError]:
    return read_policy(line, given)


def _revised(conn: Connection, line: int, given: Mapping[str, Any]) -> Content | list[RowError]:
    """The stored content with the given fields in place of its own; null clears the criteria and nothing else."""
    values, errors = read_fields(line, given)
    ref = values.get("ref")
    stored = policy_by_ref(conn, ref) if isinstance(ref, str) else None
    if stored is None and not errors:
        errors = [RowError(line, "ref", "unknown_policy", f"There is no policy {str(ref)[:60]!r}.")]
    if errors or stored is None:
        return errors
    held = {name: getattr(stored, name) for name in FIELDS}
    held |= {name: list(value) for name, value in held.items() if isinstance(value, tuple)}
    given_now = {name: value for name, value in values.items() if value is not None or name == "criteria"}
    return finished(line, held | given_now)


def _once(seen: dict[object, int], line: int, found: Content | list[RowError]) -> Content | list[RowError]:
    if isinstance(found, list):
        return found
    first = seen.setdefault(found["ref"], line)
    if first == line:
        return found
    return [RowError(line, "ref", "repeated", f"This policy already stands in line {first}.")]


def _load(conn: Connection, ctx: Context, line: int, content: Content | list[RowError]) -> Outcome:
    if isinstance(content, list):
        return content
    ref, checksum = str(content["ref"]), content_checksum(content)
    stored = policy_by_ref(conn, ref, lock=True)
    if stored is None:
        add_policy(conn, content, checksum=checksum, at=ctx.clock())
        return "new"
    if stored.checksum == checksum:
        return "unchanged"
    if stored.state != "draft":
        sentence = "The policy is published: a change needs a reference of its own, with this family and a new event."
        return [RowError(line, "ref", "published", sentence)]
    change_policy(conn, ref, content, checksum=checksum, at=ctx.clock())
    return "changed"
