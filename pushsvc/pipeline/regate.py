"""The gates once more, on fresh rows, just before an attempt: a consent withdrawn a second ago is honoured."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection, RowMapping

from profiles.gates import CODES, GateResult
from profiles.windows import release
from pushsvc.pipeline import gating
from pushsvc.store import campaigns, content, deliveries, digests, history
from pushsvc.store.contacts import Contacts, load_contacts
from pushsvc.store.policies import policy_by_id

CITY_ZONE = ZoneInfo("Asia/Shanghai")
CODE_LIFE = timedelta(minutes=10)  # as the words of a sign-in code say
Row = Mapping[Any, Any]


@dataclass(frozen=True)
class Pass:
    """A member that may be sent: the address it goes to now, and the moment its recipient may be disturbed."""

    address_id: int
    due: datetime


Verdict = Pass | str  # or the code of its refusal


@dataclass(frozen=True)
class Gated:
    """Members to send now with the address of each, and the ids of those who have quiet hours, by their end."""

    passed: list[RowMapping] = field(default_factory=list)
    addresses: list[int] = field(default_factory=list)
    later: dict[datetime, list[int]] = field(default_factory=lambda: defaultdict(list))


def regate(conn: Connection, members: Sequence[RowMapping], now: datetime, *, urgent: bool = False) -> Gated:
    """What becomes of the members (all of one run and channel); those refused or expired are stored as that.

    Quiet hours may have begun since the plan: a pause, a full queue or a provider's trouble held the message up.
    """
    if _expired(conn, members, now):
        return Gated()
    verdicts = _verdicts(conn, members, now)
    stopped = [(row["id"], code) for row in members if isinstance(code := verdicts[row["id"]], str)]
    deliveries.set_state(conn, [i for i, _ in stopped], "refused", now=now, codes=[code for _, code in stopped])
    gated = Gated()
    for row in members:
        verdict = verdicts[row["id"]]
        if isinstance(verdict, Pass) and (urgent or verdict.due <= now):
            gated.passed.append(row)
            gated.addresses.append(verdict.address_id)
        elif isinstance(verdict, Pass):
            gated.later[verdict.due].append(row["id"])
    return gated


def _expired(conn: Connection, members: Sequence[RowMapping], now: datetime) -> bool:
    """A run's end: its campaign's expiry, or ten minutes for a sign-in code."""
    first = members[0]
    campaign = campaigns.get_campaign(conn, first["campaign_id"]) if first["campaign_id"] else None
    end = campaign["expires_at"] if campaign is not None else None
    if first["run_kind"] == "system":
        end = first["run_created_at"] + CODE_LIFE
    if end is None or end > now:
        return False
    ids = [row["id"] for row in members]
    deliveries.set_state(conn, ids, "expired", now=now, codes=["expired"] * len(ids))
    return True


def _verdicts(conn: Connection, members: Sequence[RowMapping], now: datetime) -> dict[int, Verdict]:
    """Each member's verdict. A system message answers a request: only an erased address stops it, no wish does."""
    if members[0]["run_kind"] == "system":
        kept = content.ciphers(conn, [row["address_id"] for row in members])
        return {row["id"]: Pass(row["address_id"], now) if kept[row["address_id"]] else "erased" for row in members}
    if members[0]["policy_id"] is None:
        return _digest_verdicts(conn, members, now)
    policy = policy_by_id(conn, members[0]["policy_id"])
    return dict(
        zip([row["id"] for row in members], _gate(conn, policy.topic if policy else "", members, now), strict=True)
    )


def _digest_verdicts(conn: Connection, members: Sequence[RowMapping], now: datetime) -> dict[int, Verdict]:
    """A digest passes with the items that pass; the others leave it, each as a refusal of its own."""
    items = digests.gated_items(conn, [row["id"] for row in members])
    topics: dict[str, list[RowMapping]] = defaultdict(list)
    judged: list[tuple[RowMapping, Verdict]] = []
    for item in items:
        if over := _over(item, now):
            judged.append((item, over))
        else:
            topics[item["topic"]].append(item)
    for topic, rows in topics.items():
        judged += zip(rows, _gate(conn, topic, rows, now), strict=True)
    digests.refuse_items(conn, [(item, verdict) for item, verdict in judged if isinstance(verdict, str)], now)
    verdicts: dict[int, Verdict] = {row["id"]: "cancelled" for row in members}  # where no item was left at all
    for item, verdict in sorted(judged, key=lambda pair: isinstance(pair[1], Pass)):
        verdicts[item["delivery_id"]] = verdict
    return verdicts


def _over(item: RowMapping, now: datetime) -> str:
    """Why the campaign of an item wants it no more; "" where it does."""
    if item["campaign_state"] == "cancelled":
        return "cancelled"
    return "expired" if item["expires_at"] is not None and item["expires_at"] <= now else ""


def _gate(conn: Connection, topic: str, rows: Sequence[Row], now: datetime) -> list[Verdict]:
    """A verdict for each row (a member, or an item of a digest), through all gates, on its own channel."""
    ids = np.unique(np.array([row["profile_id"] for row in rows], dtype=np.int64))
    contacts = load_contacts(conn, ids, topic=topic, today=now.astimezone(CITY_ZONE).date())
    pairs = zip(contacts.profile_id.tolist(), contacts.recipient_id.tolist(), strict=True)
    position = {pair: i for i, pair in enumerate(pairs)}
    places = [position.get((row["profile_id"], row["recipient_id"])) for row in rows]
    kept = [k for k, place in enumerate(places) if place is not None]
    verdicts: list[Verdict] = ["no_address"] * len(rows)  # whoever left the firm, or wants its messages no more
    if not kept:
        return verdicts
    mine = gating.take(contacts, np.array([places[k] for k in kept]))
    mine = gating.only_channel(mine, [rows[k]["channel"] for k in kept])
    result = _decide(conn, mine, [rows[k] for k in kept], now)
    due = release(now, mine.zone, mine.quiet_from, mine.quiet_to)
    for i, k in enumerate(kept):
        channel = int(result.channel[i])
        verdicts[k] = CODES[result.code[i]] if channel < 0 else Pass(int(mine.address[i, channel]), due[i])
    return verdicts


def _decide(conn: Connection, mine: Contacts, rows: Sequence[Row], now: datetime) -> GateResult:
    """The gates, with what other runs did; the message's own run is left out: its reservation does not refuse it.

    Items of digests were counted when they were gathered, and share their recipient's address by their nature.
    """
    doors, campaign_id = [row["door"] for row in rows], rows[0]["campaign_id"]
    # Only members have a run_kind. (Asking for "delivery_id" would not tell: SQLAlchemy also knows delivery.id by it.)
    campaign = campaigns.get_campaign(conn, campaign_id) if campaign_id and "run_kind" in rows[0] else None
    if campaign is None:
        return gating.decide(gating.alone(mine), doors, gating.History(), mandatory=False, duty=False)
    people, run_id = mine.recipient_id.tolist(), rows[0]["run_id"]
    told = history.told_recipients(
        conn, people, family=campaign["family"], event=campaign["event"], run_id=run_id, earlier=True
    )
    counts = history.recommended_since(conn, people, gating.cap_window(now), before=run_id)
    duty = bool(campaign["basis"])
    mandatory = duty and bool(campaign["policy_mandatory"])
    return gating.decide(mine, doors, gating.History(frozenset(told), counts), mandatory=mandatory, duty=duty)
