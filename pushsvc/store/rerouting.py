"""Planned deliveries that change their channel before anybody has tried them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pushsvc.store.bulk import numbers_literal, words_literal
from pushsvc.store.session import Connection, rows_cursor

_UNTRIED = """
    select d.id from delivery d
    where d.id = any(%s::bigint[]) and d.state = 'planned' and d.attempt_id is null and not d.doubtful
        and not exists (
            select from delivery o where o.run_id = d.run_id and o.recipient_id = d.recipient_id and o.id <> d.id)
"""
_MOVE = """
    update delivery d set channel = %(channel)s, address_id = v.address, wire_key = v.wire_key,
        slice_id = %(slice_id)s, updated_at = %(now)s
    from unnest(%(ids)s::bigint[], %(addresses)s::bigint[], %(keys)s::text[]) as v(id, address, wire_key)
    where d.id = v.id and d.run_id = %(run_id)s and d.state = 'planned' and d.attempt_id is null
"""


def untried(conn: Connection, ids: Sequence[int]) -> set[int]:
    """Those of these planned deliveries that no attempt has ever held, and that are their person's only one of the run:
    nothing was sent under their key, and nothing waits behind them."""
    if not ids:
        return set()
    return {row["id"] for row in rows_cursor(conn).execute(_UNTRIED, (numbers_literal(ids),))}


def move(conn: Connection, moved: Sequence[tuple[int, int, str]], where: Mapping[str, Any]) -> None:
    """Give untried deliveries another channel: (id, address, wire key) of each; `where`: `run_id`, `channel`, the new
    `slice_id`, and `now`."""
    ids, addresses, keys = zip(*moved, strict=True)
    columns = {"ids": numbers_literal(ids), "addresses": numbers_literal(addresses), "keys": words_literal(keys)}
    rows_cursor(conn).execute(_MOVE, {**where, **columns})
