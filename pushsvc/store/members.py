"""The members of a leased slice on their way: read under the lease, marked as being sent, and what became of them.

These are the statements that every message passes, so they are written out: building them anew would cost as much as
running them. Each is prepared by the driver after a few uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pushsvc.store.attempts import ENDED, Result, mark_doubtful, mark_unsettled
from pushsvc.store.bulk import numbers_literal, words_literal
from pushsvc.store.campaigns import read_campaign
from pushsvc.store.session import Connection, bare_cursor, rows_cursor
from pushsvc.store.states import ACCEPTED

Member = Mapping[str, Any]  # id, run_id, profile_id, recipient_id, address_id, policy_id, channel, door, wire_key, ...


@dataclass(frozen=True)
class Run:
    """What composing and gating need of a run; `content` is the ciphertext of a system message's own words, `due_at`
    the end of its use where it has one of its own."""

    id: int
    kind: str
    content: bytes | None
    created_at: datetime
    campaign: Mapping[str, Any] | None  # with its policy's fields, see `get_campaign`
    due_at: datetime | None = None


_RUN = "select kind, content, created_at, campaign_id, due_at from run where id = %s"


def run_of(conn: Connection, run_id: int) -> Run:
    """The run with its campaign as they are now. Raises LookupError where there is none."""
    row = rows_cursor(conn).execute(_RUN, (run_id,))
    if (found := row.fetchone()) is None:
        raise LookupError(f"There is no run {run_id}.")
    content = None if found["content"] is None else bytes(found["content"])
    campaign = None if found["campaign_id"] is None else read_campaign(conn, found["campaign_id"])
    return Run(run_id, found["kind"], content, found["created_at"], campaign, found["due_at"])


_READ = "id, run_id, profile_id, recipient_id, address_id, policy_id, channel, door, wire_key, attempts, step"
_HELD = f"""
    with held as (
        update slice set lease_until = clock_timestamp() + %(seconds)s * interval '1 second'
        where id = %(slice)s and lease_token = %(token)s and state = 'leased' and lease_until > clock_timestamp()
        returning id
    )
    select {", ".join("d." + name for name in _READ.split(", "))} from held join delivery d on d.slice_id = held.id
    where d.state = 'planned' order by d.id limit %(limit)s for update of d
"""


def held_members(conn: Connection, slice_id: int, token: UUID, *, seconds: float, limit: int) -> list[Member]:
    """Planned members of a slice whose lease is ours, by id, locked, the lease made longer; none where it is lost."""
    values = {"slice": slice_id, "token": token, "seconds": seconds, "limit": limit}
    return list(rows_cursor(conn).execute(_HELD, values).fetchall())


def planned_members(conn: Connection, slice_id: int) -> list[Member]:
    """Planned members of a slice by id, without any claim to them."""
    query = f"select {_READ} from delivery where slice_id = %s and state = 'planned' order by id"
    return list(rows_cursor(conn).execute(query, (slice_id,)).fetchall())


_BEGIN = """
    with new as (
        insert into attempt (slice_id, provider, route, batch_key, members, started_at, expires_at)
        values (%(slice_id)s, %(provider)s, %(route)s, %(batch_key)s, %(members)s, %(started_at)s, %(expires_at)s)
        returning id
    ), sent as (
        update delivery d set state = 'sending', attempt_id = new.id, address_id = v.address, code = null,
            attempts = d.attempts + 1, updated_at = %(started_at)s
        from new, unnest(%(ids)s::bigint[], %(addresses)s::bigint[]) as v(id, address)
        where d.id = v.id and d.state = 'planned'
    )
    select id from new
"""


def begin(conn: Connection, values: Mapping[str, Any], members: Sequence[Member]) -> int:
    """A new attempt: `slice_id`, `provider`, `route`, `batch_key`, `started_at`, `expires_at`; and its members, planned
    deliveries, marked as being sent, each to its `address_id`. Returns its id."""
    row = rows_cursor(conn).execute(_BEGIN, _about(values, members)).fetchone()
    assert row is not None
    return int(row["id"])


_ACCEPT = """
    with new as (
        insert into attempt
            (slice_id, provider, route, batch_key, members, accepted, started_at, expires_at, finished_at)
        values (%(slice_id)s, %(provider)s, %(route)s, %(batch_key)s, %(members)s, %(members)s,
            %(started_at)s, %(expires_at)s, %(now)s)
        returning id
    )
    update delivery d set state = 'accepted', attempt_id = new.id, address_id = v.address, code = %(code)s,
        provider_id = d.wire_key, attempts = d.attempts + 1, accepted_at = coalesce(d.accepted_at, %(now)s),
        updated_at = %(now)s
    from new, unnest(%(ids)s::bigint[], %(addresses)s::bigint[]) as v(id, address)
    where d.id = v.id and d.state = 'planned'
"""


def accept(conn: Connection, values: Mapping[str, Any], members: Sequence[Member], code: str, now: datetime) -> None:
    """A new attempt as of `begin` whose members, locked, are accepted with it: nobody outside was called."""
    rows_cursor(conn).execute(_ACCEPT, {**_about(values, members), "code": code, "now": now})


def _about(values: Mapping[str, Any], members: Sequence[Member]) -> dict[str, Any]:
    ids = numbers_literal([row["id"] for row in members])
    addresses = numbers_literal([row["address_id"] for row in members])
    return {**values, "ids": ids, "addresses": addresses, "members": len(members)}


_FINISHED = """
    update attempt set finished_at = %(finished_at)s, accepted = accepted + %(accepted)s,
        rejected = rejected + %(rejected)s, deferred = deferred + %(deferred)s, unknown = unknown + %(unknown)s,
        troubled = troubled + %(troubled)s
    where id = %(attempt)s returning slice_id
"""
# Locked in the one order that all keep to, so that two who change the same never wait crosswise.
_LOCK = "select id from delivery where id = any(%s::bigint[]) order by id for update"
# What may have arrived before is never called rejected: it stays unknown, and nobody repeats it.
_RECORD = f"""
    update delivery d set state = case when d.doubtful and v.state = 'rejected' then 'unknown' else v.state end,
        code = case when d.doubtful and v.state = 'rejected' then '{ENDED}' else nullif(v.code, '') end,
        attempts = d.attempts - v.untried,
        provider_id = coalesce(nullif(v.provider_id, ''), d.provider_id),
        accepted_at = case when v.state = any(array{list(ACCEPTED)}) then coalesce(d.accepted_at, %(now)s)
                           else d.accepted_at end,
        slice_id = case when v.state = 'planned' then null else d.slice_id end, updated_at = %(now)s
    from unnest(%(ids)s::bigint[], %(states)s::text[], %(codes)s::text[], %(provider_ids)s::text[],
                %(untried)s::smallint[]) as v(id, state, code, provider_id, untried)
    where d.id = v.id and d.attempt_id = %(attempt)s and d.state in ('sending', 'unknown')
    returning d.id
"""


def record(
    conn: Connection, attempt_id: int, results: Sequence[Result], counts: Mapping[str, Any], now: datetime
) -> list[int]:
    """Write outcomes of an attempt, and add how many there were of each kind (`counts`, with `finished_at`, None while
    other members are still to be sent); only members that still belong to it and wait are touched. Returns which."""
    cursor = rows_cursor(conn)
    done = cursor.execute(_FINISHED, {"finished_at": now, **counts, "attempt": attempt_id}).fetchone()
    if counts["unknown"] and done is not None:
        mark_unsettled(conn, [done["slice_id"]])
    mark_doubtful(conn, [result.delivery_id for result in results if result.state == "rejected"])
    ids = numbers_literal([result.delivery_id for result in results])
    cursor.execute(_LOCK, (ids,))
    values = {
        "ids": ids,
        "states": words_literal([result.state for result in results]),
        "codes": words_literal([result.code for result in results]),
        "provider_ids": words_literal([result.provider_id for result in results]),
        "untried": numbers_literal([int(not result.tried) for result in results]),
    }
    written = bare_cursor(conn).execute(_RECORD, {**values, "attempt": attempt_id, "now": now})
    return [number for (number,) in written.fetchall()]
