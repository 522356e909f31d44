"""Receipt: what a provider says later. Kept raw, then matched; the table of states ignores repeats."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping

from channels.base import Channel
from channels.reasons import reason
from pushsvc.context import Context
from pushsvc.store import attempts, campaigns, escalation, receipts
from pushsvc.store.session import transaction

GIVE_UP = timedelta(days=7)  # a receipt for a key we never had is kept, but looked at no longer


def accept(ctx: Context, channel: Channel, body: bytes, headers: Mapping[str, str]) -> int:
    """Store the receipts of a callback; returns how many are new. Raises ChannelError for a forged or broken one."""
    found = channel.receipts(body, headers)
    rows = [{"wire_key": r.key, "status": r.status, "code": r.code, "raw": dict(r.raw)} for r in found]
    with transaction(ctx.engine) as conn:
        return receipts.store_receipts(conn, channel.provider, rows, ctx.clock())


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
    known = attempts.by_wire_keys(conn, [row["wire_key"] for row in rows])
    proof = [row["wire_key"] for row in rows if row["wire_key"] in known and _proves(row, known[row["wire_key"]])]
    changed = attempts.arrived(conn, [known[key]["id"] for key in proof], now)
    ripe = [row for row in rows if _ripe(row, known.get(row["wire_key"]), now)]
    results = [
        attempts.Result(known[row["wire_key"]]["id"], row["status"], row["code"] or "")
        for row in ripe
        if row["wire_key"] in known and row["status"]
    ]
    changed += attempts.settle(conn, results, now)
    receipts.mark_matched(conn, [row["id"] for row in ripe], now)
    _suppress(conn, ripe, known, now)
    back = [result.delivery_id for result in results if result.state in ("bounced", "rejected")]
    escalation.bring_forward(conn, back, now)
    if changed:
        campaigns.bump_runs(conn, {known[row["wire_key"]]["run_id"] for row in ripe if row["wire_key"] in known})
    return changed


def _ripe(row: RowMapping, delivery: RowMapping | None, now: datetime) -> bool:
    """A receipt can overtake the outcome it belongs to: it then waits until the outcome stands."""
    if delivery is None:
        return bool(row["received_at"] < now - GIVE_UP)
    return delivery["state"] not in ("planned", "sending") or _proves(row, delivery)


def _proves(row: RowMapping, delivery: RowMapping) -> bool:
    """Whether a receipt says that an earlier attempt of what waits to be repeated arrived."""
    doubtful = delivery["state"] == "planned" and delivery["doubtful"]
    return bool(doubtful and row["status"] in ("delivered", "complained"))


def _suppress(conn: Connection, rows: list[RowMapping], known: Mapping[str, RowMapping], now: datetime) -> None:
    """A hard bounce or a complaint ends the address's use, whatever lists it stands on."""
    mine = [row for row in rows if row["wire_key"] in known]
    complained = [row for row in mine if row["status"] == "complained"]
    dead = [
        row
        for row in mine
        if row["status"] in ("bounced", "rejected") and ends_address(row["provider"], row["code"] or "")
    ]
    for hit, why in ((complained, "complaint"), (dead, "bounce")):
        receipts.suppress_addresses(conn, [known[row["wire_key"]]["address_id"] for row in hit], why, now)


def ends_address(provider: str, code: str) -> bool:
    """Whether a provider's code says that the address is dead or its owner wants no more."""
    found = reason(provider, code)
    return found is not None and found.suppress
