"""Approval: what it binds, as a hash, and who may not give it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from pushsvc.store.audit import actors

Campaign = RowMapping | Mapping[str, Any]  # as stored, or a copy
BOUND = ("policy_id", "family", "event", "title", "doors", "lane", "basis", "audience", "content")
# Bound where they say something: an approval from before there were these stays what it is.
SAID: Mapping[str, Any] = {
    "emergency": False, "rate_per_second": None, "escalate_after": None, "detail": {}, "sms_template": "policy",
    "sms_words": {},
}  # fmt: skip


def content_hash(row: Mapping[str, Any]) -> str:
    """SHA-256 of what an approval binds: policy content, words, audience rule, timing, lane, pace and basis.

    Whether it is an emergency is bound too: nobody lets a routine notice through the night after its approval.
    """
    return hashlib.sha256(json.dumps(bound_values(row), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def bound_values(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the hash is of, by name, as JSON values."""
    bound = {name: row[name] for name in BOUND}
    bound |= {name: row[name] for name, silent in SAID.items() if row[name] != silent}
    bound |= {
        "policy": row["policy_checksum"],
        "criteria": row["policy_criteria"],
        "mandatory": row["policy_mandatory"],
    }
    return bound | {name: _moment(row[name]) for name in ("starts_at", "expires_at")}


def writers(conn: Connection, row: Campaign) -> list[str]:
    """Who may not approve the campaign: its author, and everybody who drafted or ever edited it."""
    wrote = actors(conn, object=f"campaign:{row['id']}", actions=("campaign.create", "campaign.edit"))
    return sorted({row["author"], *wrote})


def was_edited(conn: Connection, campaign_id: int) -> bool:
    """Whether anybody changed it since it was drafted."""
    return bool(actors(conn, object=f"campaign:{campaign_id}", actions=("campaign.edit",)))


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
