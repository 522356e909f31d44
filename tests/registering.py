"""Files as an office would hand them in, and the short way to load them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import text

from pushsvc.context import Context
from pushsvc.pipeline.ingest_policies import upsert_policy
from pushsvc.pipeline.ingest_profiles import Upserted, upsert_profile
from pushsvc.pipeline.publish import publish
from pushsvc.store.session import transaction

POLICY = {
    "title": "云湾区人才安居补贴",
    "agency": "云湾区人力资源和社会保障局",
    "region": "990105",
    "body": "第一条 给予补贴。",
}
OLD_ENOUGH = {"all": [{"fact": "age", "ge": 60, "clause": "第三条"}]}


def csv_file(path: Path, rows: Iterable[Mapping[str, object]]) -> Path:
    """A CSV with the columns of all rows, in the order in which they first appear."""
    rows = list(rows)
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, names, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def json_file(path: Path, rows: Iterable[Mapping[str, object] | str]) -> Path:
    """One JSON object a line; a string stands there as it is."""
    lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def register(ctx: Context, ref: str, **values: object) -> int:
    """One profile (a citizen unless said otherwise) as the API takes it; its number."""
    found = upsert_profile(ctx, {"ref": ref, "kind": "citizen", **values})
    assert isinstance(found, Upserted), found
    return found.id


def issue(ctx: Context, ref: str, *, basis: str | None = None, **values: object) -> int:
    """A policy imported and published; the number of its draft campaign."""
    outcome = upsert_policy(ctx, {"ref": ref, **POLICY, **values})
    assert isinstance(outcome, str), outcome
    return publish(ctx, ref, author="李萌", reviewer="周岚", basis=basis)


def ask(ctx: Context, query: str, **values: Any) -> list[tuple[Any, ...]]:
    """Rows of a query."""
    with transaction(ctx.engine) as conn:
        return [tuple(row) for row in conn.execute(text(query), values)]


def count(ctx: Context, table: str) -> int:
    """How many rows a table has."""
    return int(ask(ctx, f"select count(*) from {table}")[0][0])
