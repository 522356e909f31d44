"""Which delivery a receipt is about: by wire key, by attempt and address, or by a vendor's id and the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from pushsvc.store.bulk import bytes_literal, numbers_literal, words_literal

Told = Sequence[RowMapping]

# The members of the few attempts are read once, through their slice; the addresses are found by their hash.
_BY_BATCH = text("""
    with told as materialized (
        select v.id, v.lookup, a.id as attempt_id, a.slice_id, s.channel
        from unnest(cast(:ids as bigint[]), cast(:keys as text[]), cast(:lookups as bytea[])) as v (id, key, lookup)
        join attempt a on a.batch_key = v.key join slice s on s.id = a.slice_id
    ), placed as materialized (
        select t.id, t.attempt_id, x.id as address_id from told t
        join address x on x.channel = t.channel and x.lookup = t.lookup
    ), member as materialized (
        select d.id, d.attempt_id, d.address_id from (select distinct attempt_id, slice_id from told) t
        join delivery d on d.slice_id = t.slice_id and d.attempt_id = t.attempt_id
    )
    select p.id, min(m.id) from placed p
    join member m on m.attempt_id = p.attempt_id and m.address_id = p.address_id group by p.id
""")
# A vendor's own id has no index: whoever has the number, or the device, has few messages.
_BY_VENDOR = text("""
    with told as materialized (
        select v.id, v.word, pa.profile_id, x.id as address_id
        from unnest(cast(:ids as bigint[]), cast(:words as text[]), cast(:lookups as bytea[])) as v (id, word, lookup)
        join address x on x.channel = any(array['app', 'sms', 'email']) and x.lookup = v.lookup
        join profile_address pa on pa.address_id = x.id
        union all
        select v.id, v.word, x.recipient_id, null
        from unnest(cast(:ids as bigint[]), cast(:words as text[]), cast(:lookups as bytea[])) as v (id, word, lookup)
        join device x on x.platform = any(array['jpush', 'wechat', 'webhook', 'web', 'gateway']) and x.lookup = v.lookup
    )
    select t.id, min(d.id) from told t
    join delivery d on d.recipient_id = t.profile_id
        and (d.address_id = t.address_id or t.address_id is null and d.channel = 'app') and d.provider_id = t.word
    group by t.id
""")
_LOCKED = text("""
    select d.id, d.wire_key, d.state, d.address_id, d.run_id, d.channel, d.doubtful, d.provider_id, a.route, a.batch_key
    from delivery d left join attempt a on a.id = d.attempt_id
    where d.id = any(cast(:ids as bigint[])) or d.wire_key = any(cast(:keys as text[]))
    order by d.id for update of d
""")
_RAN = text("""
    select v.id from unnest(cast(:ids as bigint[]), cast(:runs as bigint[]), cast(:channels as text[]),
        cast(:routes as text[])) as v (id, run_id, channel, route)
    where exists (
        select from slice s join attempt a on a.slice_id = s.id
        where s.run_id = v.run_id and s.channel = v.channel and a.route = v.route)
""")


def owners(conn: Connection, rows: Told) -> dict[int, RowMapping]:
    """Receipt id → the delivery it is about, locked: nobody has it sent again meanwhile.

    A receipt that came by a route's hook is only about what that route sent: the delivery's last attempt was its, or
    one before it may have been (the delivery is doubtful, and the route had a part of the run).
    """
    named = _by_batch(conn, rows) | _by_vendor(conn, rows)
    keys = [row["wire_key"] for row in rows if row["wire_key"]]
    values = {"ids": numbers_literal(sorted(set(named.values()))), "keys": words_literal(keys)}
    found = list(conn.execute(_LOCKED, values).mappings())
    by_id, by_key = {one["id"]: one for one in found}, {one["wire_key"]: one for one in found}
    pairs = [(row, by_key.get(row["wire_key"]) or by_id.get(named.get(row["id"], 0))) for row in rows]
    mine = {row["id"]: one for row, one in pairs if one is not None and _names(row, one) and _sent(row, one)}
    unsure = [(row, one) for row, one in pairs if one is not None and one["doubtful"] and not _sent(row, one)]
    return mine | _had_a_part(conn, [(row, one) for row, one in unsure if _names(row, one)])


def _by_batch(conn: Connection, rows: Told) -> dict[int, int]:
    some = [row for row in rows if not row["wire_key"] and row["batch_key"] and row["lookup"]]
    return _found(conn, _BY_BATCH, some, {"keys": words_literal([row["batch_key"] for row in some])})


def _by_vendor(conn: Connection, rows: Told) -> dict[int, int]:
    some = [row for row in rows if not row["wire_key"] and row["provider_id"] and not row["batch_key"]]
    some = [row for row in some if row["lookup"]]
    return _found(conn, _BY_VENDOR, some, {"words": words_literal([row["provider_id"] for row in some])})


def _found(conn: Connection, query: Any, some: Told, words: Mapping[str, str]) -> dict[int, int]:
    if not some:
        return {}
    values = {**words, "ids": numbers_literal([row["id"] for row in some])}
    values["lookups"] = bytes_literal([bytes(row["lookup"]) for row in some])
    return {int(number): int(owner) for number, owner in conn.execute(query, values)}


def _names(row: RowMapping, one: RowMapping) -> bool:
    """Whether the delivery is still what the receipt names, now that it is locked."""
    if row["wire_key"]:
        return bool(row["wire_key"] == one["wire_key"])
    if row["batch_key"]:
        return bool(row["batch_key"] == one["batch_key"])
    return bool(row["provider_id"] == one["provider_id"])


def _sent(row: RowMapping, one: RowMapping) -> bool:
    """Whether the receipt came by the route of the last attempt. Rows from before routes were kept name none."""
    return row["route"] is None or one["route"] in ("", row["route"])


def _had_a_part(conn: Connection, pairs: Sequence[tuple[RowMapping, RowMapping]]) -> dict[int, RowMapping]:
    if not pairs:
        return {}
    values = {
        "ids": numbers_literal([row["id"] for row, _ in pairs]),
        "runs": numbers_literal([one["run_id"] for _, one in pairs]),
        "channels": words_literal([one["channel"] for _, one in pairs]),
        "routes": words_literal([row["route"] for row, _ in pairs]),
    }
    had = set(conn.scalars(_RAN, values))
    return {row["id"]: one for row, one in pairs if row["id"] in had}
