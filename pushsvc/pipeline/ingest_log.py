"""Ingest what people did and what they asked for: interactions (CSV or JSON lines) and subscriptions (CSV)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from profiles.records import RowError, SubscriptionRecord, read_subscriptions
from profiles.tables import Row, read_table
from pushsvc.context import Context
from pushsvc.pipeline.days import CITY_ZONE
from pushsvc.pipeline.report import ImportReport, Progress
from pushsvc.store.interactions import KINDS, NewInteraction, add_interactions
from pushsvc.store.people import profile_ids
from pushsvc.store.policies import policy_ids
from pushsvc.store.session import Connection, transaction
from pushsvc.store.subscriptions import Wish, save_wishes
from pushsvc.texts.jsonrows import json_lines
from pushsvc.texts.lines import text_lines

COLUMNS = ("profile", "policy", "kind", "at")
_CHUNK = 5000


@dataclass(frozen=True)
class Said:
    """One interaction as its row says it, with outside references."""

    line: int
    profile: str
    policy: str
    kind: str
    at: datetime


def import_interactions(ctx: Context, path: Path, progress: Progress = lambda n: None) -> ImportReport:
    """Load interactions, all in one transaction; those already there count as unchanged. Raises RecordsError.

    A time without a zone is the city's.
    """
    new, good = 0, 0
    errors: list[RowError] = []
    with transaction(ctx.engine) as conn:
        source = _interactions(path)
        while chunk := list(islice(source, _CHUNK)):
            errors += [row for row in chunk if isinstance(row, RowError)]
            rows = _resolved(conn, [row for row in chunk if isinstance(row, Said)], errors)
            new += add_interactions(conn, rows)
            good += len(rows)
            progress(len(chunk))
    return ImportReport(new=new, changed=0, unchanged=good - new, errors=tuple(errors))


def import_subscriptions(ctx: Context, path: Path, progress: Progress = lambda n: None) -> ImportReport:
    """Load wishes by (profile, ref), in one transaction; one that its owner ended stays ended. Raises RecordsError."""
    new = changed = good = 0
    errors: list[RowError] = []
    with transaction(ctx.engine) as conn:
        for chunk in read_subscriptions(path):
            errors += chunk.errors
            wishes = _wishes(conn, chunk.records, errors)
            counts = save_wishes(conn, wishes, ctx.clock())
            new, changed, good = new + counts[0], changed + counts[1], good + len(wishes)
            progress(len(chunk.records) + len(chunk.errors))
    errors.sort(key=lambda error: error.line)
    return ImportReport(new=new, changed=changed, unchanged=good - new - changed, errors=tuple(errors))


def _interactions(path: Path) -> Iterator[Said | RowError]:
    for line, row in _rows(path):
        yield row if isinstance(row, RowError) else _said(line, row)


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any] | RowError]]:
    yield from json_lines(text_lines(path)) if path.suffix in (".jsonl", ".json") else _csv(path)


def _csv(path: Path) -> Iterator[tuple[int, Mapping[str, Any] | RowError]]:
    for chunk in read_table(path, COLUMNS, required=COLUMNS, chunk_rows=_CHUNK, progress=None):
        for row in chunk:
            yield row.line, row.cells if isinstance(row, Row) else row


def _said(line: int, row: Mapping[str, Any]) -> Said | RowError:
    for name in COLUMNS:
        if not isinstance(row.get(name), str) or not row[name]:
            return RowError(line, name, "missing", f"{name} must be given, as text.")
    if row["kind"] not in KINDS:
        return RowError(line, "kind", "unknown_value", f"{row['kind'][:40]!r} is none of {', '.join(KINDS)}.")
    try:
        at = datetime.fromisoformat(row["at"])
    except ValueError:
        return RowError(line, "at", "bad_time", f"{row['at'][:40]!r} is no time like 2026-06-24T09:30:00+08:00.")
    at = at if at.tzinfo else at.replace(tzinfo=CITY_ZONE)
    return Said(line, row["profile"], row["policy"], row["kind"], at)


def _resolved(conn: Connection, rows: Sequence[Said], errors: list[RowError]) -> list[NewInteraction]:
    people = profile_ids(conn, sorted({row.profile for row in rows}))
    policies = policy_ids(conn, sorted({row.policy for row in rows}))
    found = []
    for row in rows:
        if row.profile not in people:
            errors.append(_unknown(row.line, "profile", row.profile))
        elif row.policy not in policies:
            errors.append(_unknown(row.line, "policy", row.policy))
        else:
            found.append(NewInteraction(people[row.profile], policies[row.policy], row.kind, row.at))
    return found


def _wishes(conn: Connection, rows: Sequence[SubscriptionRecord], errors: list[RowError]) -> list[Wish]:
    people = profile_ids(conn, sorted({row.profile for row in rows}))
    errors += [_unknown(row.line, "profile", row.profile) for row in rows if row.profile not in people]
    return [
        Wish(
            people[row.profile],
            row.ref,
            themes=row.themes,
            industries=row.industries,
            regions=row.regions,
            agencies=row.agencies,
            keyword=row.keyword,
            cadence=row.cadence,
            all_of=row.all_of,
        )
        for row in rows
        if row.profile in people
    ]


def _unknown(line: int, column: str, ref: str) -> RowError:
    return RowError(line, column, f"unknown_{column}", f"There is no {column} {ref[:60]!r}.")
