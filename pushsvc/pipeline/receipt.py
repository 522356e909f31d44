"""Receipt: what a provider says later. Kept raw, then matched; the table of states ignores repeats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping

from channels.base import Channel, Receipt
from channels.reasons import reason
from channels.receipts import CODE_LIMIT, KEY_LIMIT, STATUSES
from channels.said import sound, storable, word
from pushsvc.context import Context
from pushsvc.pipeline import soft_bounces
from pushsvc.store import attempts, campaigns, escalation, receipts
from pushsvc.store.receipt_owners import owners
from pushsvc.store.session import transaction

GIVE_UP = timedelta(days=7)  # a receipt for a key we never had is kept, but looked at no longer
ADDRESS_LIMIT = 320
Given = tuple[RowMapping, RowMapping]  # a receipt and its delivery


def accept(ctx: Context, channel: Channel, body: bytes, headers: Mapping[str, str], *, route: str | None = None) -> int:
    """Store the receipts of a callback; returns how many are new. Raises ChannelError for a forged or broken one.

    `route`: the provider whose hook it came by, which speaks of nothing that another sent; None: of all of them.
    """
    found = channel.receipts(body, headers)
    with transaction(ctx.engine) as conn:
        return keep(ctx, conn, channel, found, route=route)


def keep(
    ctx: Context, conn: Connection, channel: Channel, found: Sequence[Receipt], *, route: str | None = None
) -> int:
    """Store receipts; returns how many are new. What cannot be stored is replaced, who names no message is left out."""
    rows = [row_of(ctx, channel.name, one, route=route) for one in found if _usable(one)]
    return receipts.store_receipts(conn, channel.provider, rows, ctx.clock())


def row_of(ctx: Context, channel: str, one: Receipt, *, route: str | None = None) -> dict[str, Any]:
    """A receipt as it is kept, with the best name that it has for its message; of an address a keyed hash."""
    by_batch, by_vendor = not one.key and bool(one.batch), not one.key and not one.batch
    return {
        "wire_key": one.key or None,
        "batch_key": one.batch if by_batch else None,
        "provider_id": one.provider_id if by_vendor else None,
        "lookup": None if one.key else ctx.keyring.lookup(channel, one.to),
        "status": one.status,
        "code": word(one.code, CODE_LIMIT),
        "soft": one.soft,
        "raw": storable(one.raw),
        "route": route,
    }


def _usable(one: Receipt) -> bool:
    names = (one.key, one.batch, one.provider_id, one.to)
    fits = all(len(name) <= KEY_LIMIT for name in names[:3]) and len(one.to) <= ADDRESS_LIMIT
    named = bool(one.key or (one.to and (one.batch or one.provider_id)))
    return named and fits and one.status in STATUSES and all(map(sound, names))


def match_receipts(ctx: Context, *, limit: int = 2000) -> int:
    """Give stored receipts to their deliveries; returns how many deliveries changed."""
    changed, after = 0, 0
    while True:
        with transaction(ctx.engine) as conn:
            rows = receipts.unmatched(conn, after=after, limit=limit)
            changed += _match(conn, rows, ctx.clock())
        if len(rows) < limit:
            return changed
        after = rows[-1]["id"]


def _match(conn: Connection, rows: list[RowMapping], now: datetime) -> int:
    known = owners(conn, rows)
    given = [(row, known[row["id"]]) for row in rows if row["id"] in known]
    changed = attempts.arrived(conn, [one["id"] for row, one in given if _proves(row, one)], now)
    ripe = [(row, one) for row, one in given if _ripe(row, one)]
    results = [attempts.Result(one["id"], row["status"], row["code"] or "") for row, one in ripe if row["status"]]
    changed += attempts.settle(conn, results, now)
    receipts.mark_matched(conn, {row["id"]: one["wire_key"] for row, one in ripe}, now)
    old = [row["id"] for row in rows if row["id"] not in known and row["received_at"] < now - GIVE_UP]
    receipts.set_aside(conn, old, now)
    _suppress(conn, ripe, now)
    back = [result.delivery_id for result in results if result.state in ("bounced", "rejected")]
    escalation.bring_forward(conn, back, now)
    if changed:
        campaigns.bump_runs(conn, {one["run_id"] for _, one in ripe})
    return changed


def _ripe(row: RowMapping, delivery: RowMapping) -> bool:
    """A receipt can overtake the outcome it belongs to: it then waits until the outcome stands."""
    return delivery["state"] not in ("planned", "sending") or _proves(row, delivery)


def _proves(row: RowMapping, delivery: RowMapping) -> bool:
    """Whether a receipt says that an earlier attempt of what waits to be repeated arrived."""
    doubtful = delivery["state"] == "planned" and delivery["doubtful"]
    return bool(doubtful and row["status"] in ("delivered", "complained"))


def _suppress(conn: Connection, ripe: Sequence[Given], now: datetime) -> None:
    """A hard bounce or a complaint ends the address's use, whatever lists it stands on; soft ones are counted."""
    ends: dict[str, list[int]] = {}
    for row, one in ripe:
        why = _why(row)
        if why is not None:
            ends.setdefault(why, []).append(one["address_id"])
    for why, ids in ends.items():
        receipts.suppress_addresses(conn, ids, why, now)
    soft_bounces.count(conn, [(row, one) for row, one in ripe if _why(row) is None], now)


def _why(row: RowMapping) -> str | None:
    """Why a receipt ends its address; None where it does not. Its own word that a bounce may pass goes first."""
    if row["status"] == "complained":
        return "complaint"
    if row["soft"] or row["status"] not in ("bounced", "rejected"):
        return None
    return ended_by(row["provider"], row["code"] or "", "bounce")


def ended_by(provider: str, code: str, otherwise: str) -> str | None:
    """Why a provider's code ends an address: "opt_out" where its owner wants no more, `otherwise` where it is dead;
    None where it may be used again."""
    found = reason(provider, code)
    if found is None or not found.suppress:
        return None
    return receipts.OPT_OUT if found.marketing_only else otherwise
