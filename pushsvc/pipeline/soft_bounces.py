"""Soft bounces: an address that fails three times in a row in ways that may pass is not used again.

**The rule.** Each message to an address counts once when a receipt says that it came back and that this may pass. A
message that arrives takes the count back to nothing. Three counted within 30 days end the address. What was
accepted five days ago and has not come back since counts as arrived too: a mail server gives up after four to five
days, and says so (RFC 5321, 4.5.4.1); most servers never report that a mail arrived.

**Where it comes from.** delivery_error_codes.csv: "retry 24 h then suppress soft" (552), "count; suppress after N"
(UNDELIV). M3AAWG Sender Best Common Practices leave N to the sender and ask that addresses which fail again and again
are taken off; three messages within a month is strict for a daily digest and not yet rash for a monthly notice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping

from channels.reasons import reason
from pushsvc.store import receipts
from pushsvc.store import soft_bounces as store

MOST = 3
WITHIN = timedelta(days=30)
SETTLED = timedelta(days=5)
# Classes of codes that say nothing final of the address.
PASSING = frozenset(
    {"mailbox_full", "transient", "failed_transient", "failed_unknown", "failed_by_carrier", "failed_carrier_specific"}
)
REASON = "soft_bounces"
Given = tuple[RowMapping, RowMapping]


def is_soft(provider: str, status: str, code: str, soft: bool) -> bool:
    """Whether a receipt counts against its address: it says so itself, its code is of a class that may pass, or it is
    a bounce with a code that nobody knows."""
    if status not in ("bounced", "rejected"):
        return False
    found = reason(provider, code)
    return soft or (status == "bounced" if found is None else found.name in PASSING)


def worn_out(bounces: Sequence[datetime], arrived: datetime | None, now: datetime) -> bool:
    """Whether MOST messages bounced softly within the last WITHIN, and after the last that arrived."""
    since = now - WITHIN
    return sum(at > since and (arrived is None or at > arrived) for at in bounces) >= MOST


def count(conn: Connection, given: Sequence[Given], now: datetime) -> None:
    """Count receipts (in the order in which they came, each with its delivery) and end the addresses that are worn out.
    What is read on a device has no address that could wear out."""
    given = [(row, one) for row, one in given if one["channel"] != "app"]
    last = {one["address_id"]: place for place, (row, one) in enumerate(given) if row["status"] == "delivered"}
    store.forget(conn, sorted(last))
    soft = [
        (one["id"], one["address_id"], row["received_at"])
        for place, (row, one) in enumerate(given)
        if place > last.get(one["address_id"], -1)
        and is_soft(row["provider"], row["status"], row["code"] or "", row["soft"])
    ]
    if not soft:
        return
    touched = sorted({address for _, address, _ in soft})
    store.add(conn, soft)
    found = store.counted(conn, touched, settled=now - SETTLED)
    worn = [one.address_id for one in found if worn_out(one.bounces, one.arrived, now)]
    receipts.suppress_addresses(conn, worn, REASON, now)
