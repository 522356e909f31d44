"""Ingest policies: files become drafts; good rows load, bad ones are reported, what is published stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from profiles.records import RecordsError
from pushsvc.context import Context
from pushsvc.pipeline.policy_fields import FIELDS
from pushsvc.pipeline.policy_files import SUFFIXES, Ours, policy_files, policy_items, raw_of
from pushsvc.pipeline.policy_loading import Loaded, Prepared, load, prepared, prepared_text
from pushsvc.pipeline.policy_rows import finished, read_fields, read_policy
from pushsvc.pipeline.policy_ties import tie
from pushsvc.pipeline.report import Funnel, ImportReport, Progress, RowError
from pushsvc.store.findings import open_blocks
from pushsvc.store.policies import policy_by_ref
from pushsvc.store.session import Connection, transaction
from pushsvc.texts.jsonrows import json_lines
from pushsvc.texts.lines import text_lines

Found = Prepared | list[RowError]
Outcome = str | list[RowError]  # new, changed, unchanged, or why not


def import_policies(ctx: Context, path: Path, progress: Progress = lambda n: None) -> ImportReport:
    """Load a file of policies: JSON lines, a JSON array, CSV, one plain text or one page.

    Raises RecordsError, with nothing changed, where the file cannot be read.
    """
    with transaction(ctx.engine) as conn:
        return _import(conn, ctx, map(_prepared(path.name), policy_items(path)), progress)


def import_folder(ctx: Context, folder: Path, progress: Progress = lambda n: None) -> Funnel:
    """Load every file below a folder, each on its own: one that cannot be read costs the others nothing."""
    found: list[tuple[str, ImportReport]] = []
    for path in policy_files(folder):
        name = path.relative_to(folder).as_posix()
        try:
            if path.suffix.lower() not in SUFFIXES:
                raise RecordsError("unknown_kind", name, f"A file of policies is one of {', '.join(SUFFIXES)}.")
            with transaction(ctx.engine) as conn:
                found.append((name, _import(conn, ctx, map(_prepared(name), policy_items(path)), progress)))
        except RecordsError as exc:
            found.append((name, ImportReport(0, 0, 0, (RowError(0, exc.place, exc.code, exc.sentence),))))
    return Funnel(tuple(found))


def import_criteria(ctx: Context, path: Path, progress: Progress = lambda n: None) -> ImportReport:
    """Load what drafts are given later: lines of {ref, criteria, family?, event?, kind?, topic?, …}."""
    with transaction(ctx.engine) as conn:
        rows = (
            (line, [given] if isinstance(given, RowError) else _revised(conn, line, given, path.name))
            for line, given in json_lines(text_lines(path))
        )
        return _import(conn, ctx, rows, progress)


def upsert_policy(ctx: Context, given: Mapping[str, Any], *, origin: str = "api") -> Outcome:
    """One policy in our format, for the API: `new`, `changed`, `unchanged`, or its errors."""
    with transaction(ctx.engine) as conn:
        return _one(conn, ctx, _whole(Ours(1, given, origin)))


def set_criteria(ctx: Context, ref: str, criteria: object, **more: object) -> Outcome:
    """Give a draft its criteria (and other fields): `changed`, `unchanged`, or the errors."""
    with transaction(ctx.engine) as conn:
        return _one(conn, ctx, _revised(conn, 1, {"ref": ref, "criteria": criteria, **more}, "criteria"))


def held_codes(ctx: Context, ref: str) -> list[str]:
    """The codes that keep a draft from being published, in the order found."""
    with transaction(ctx.engine) as conn:
        stored = policy_by_ref(conn, ref)
        if stored is None or stored.state != "draft":
            return []
        return [one.code for one in open_blocks(conn, [stored.id]).get(stored.id, [])]


def _import(conn: Connection, ctx: Context, rows: Iterator[tuple[int, Found]], progress: Progress) -> ImportReport:
    counts, held = {"new": 0, "changed": 0, "unchanged": 0}, dict[str, int]()
    errors: list[RowError] = []
    loaded: list[Loaded] = []
    seen: dict[object, int] = {}
    for line, found in rows:
        outcome = load(conn, ctx, line, _once(seen, line, found))
        if isinstance(outcome, Loaded):
            counts[outcome.outcome] += 1
            loaded.append(outcome)
        else:
            errors += outcome
        progress(1)
    tie(conn, ctx, [one.policy_id for one in loaded if one.outcome != "unchanged"])
    blocks = open_blocks(conn, [one.policy_id for one in loaded if one.draft])
    for codes in blocks.values():
        held[codes[0].code] = held.get(codes[0].code, 0) + 1
    return ImportReport(**counts, errors=tuple(errors), held=held)


def _one(conn: Connection, ctx: Context, found: Found) -> Outcome:
    outcome = load(conn, ctx, 1, found)
    if not isinstance(outcome, Loaded):
        return outcome
    if outcome.outcome != "unchanged":
        tie(conn, ctx, [outcome.policy_id])
    return outcome.outcome


def _prepared(origin: str) -> Callable[[Ours | object], tuple[int, Found]]:
    """What makes a file's items ready to be loaded; `origin` is the file's name below the folder."""

    def prepare(item: Any) -> tuple[int, Found]:
        if isinstance(item, RowError):
            return item.line, [item]
        if isinstance(item, Ours):
            return item.line, _whole(Ours(item.line, item.given, origin))
        return item.line, prepared_text(item, origin)

    return prepare


def _whole(row: Ours) -> Found:
    content = read_policy(row.line, row.given)
    if isinstance(content, list):
        return content
    return prepared(content, raw_of(content, row.given, line=row.line, origin=row.origin), row.origin)


def _revised(conn: Connection, line: int, given: Mapping[str, Any], origin: str) -> Found:
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
    content = finished(line, held | given_now, required=("ref", "title"))
    if isinstance(content, list):
        return content
    return replace(prepared(content, raw_of(content, given, line=line, origin=origin), origin), partial=True)


def _once(seen: dict[object, int], line: int, found: Found) -> Found:
    if isinstance(found, list):
        return found
    first = seen.setdefault(found.content["ref"], line)
    if first == line:
        return found
    return [RowError(line, "ref", "repeated", f"This policy already stands in line {first}.")]
