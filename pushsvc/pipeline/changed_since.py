"""Changed since: what the gates' own columns do not show just before an attempt. No plan asks for it, for at that time
the wish and the number were just read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from pushsvc.store.changed_since import used_addresses, wishes_over

Row = Mapping[Any, Any]


def refused_since(
    conn: Connection, campaign: Mapping[str, Any] | None, rows: Sequence[Row], passing: Mapping[int, int]
) -> dict[int, str]:
    """Place in `rows` → code, of those that must not go though the gates let them. `passing`: place → address.

    `no_basis`: the subscriptions they were chosen for have all ended. `same_address`: the number is another than was
    planned, and one that the campaign's run writes to already. (Items of digests, where `campaign` is None, name their
    own campaign, and share the number of their digest.)
    """
    wished = {k: rows[k] for k in passing if rows[k]["door"] == "subscribed"}
    chosen = {k: _chosen(campaign, row) for k, row in wished.items()}
    over = wishes_over(conn, list(chosen.values())) if chosen else set()
    refused = {k: "no_basis" for k, one in chosen.items() if one in over} if over else {}
    if campaign is None:
        return refused
    moved = {k: at for k, at in passing.items() if at != rows[k]["address_id"] and k not in refused}
    if moved:
        used = used_addresses(conn, rows[0]["run_id"], list(moved.values()), but=[row["id"] for row in rows])
        refused |= {k: "same_address" for k, at in moved.items() if at in used}
    return refused


def _chosen(campaign: Mapping[str, Any] | None, row: Row) -> tuple[int, int]:
    """(campaign, profile) of the choice behind a row; 0 where no campaign chose it."""
    return (row.get("campaign_id") if campaign is None else campaign["id"]) or 0, row["profile_id"]
