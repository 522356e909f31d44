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

from profiles.gates import CHANNELS, CODES, DOORS, GateResult
from profiles.windows import moment_of
from pushsvc.pipeline import gating
from pushsvc.pipeline.gating import terms_of
from pushsvc.pipeline.slicing import Home, due_moments, outgoing
from pushsvc.store import campaigns, content, deliveries, digests, escalation
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


def regate(conn: Connection, members: Sequence[RowMapping], now: datetime) -> Gated:
    """What becomes of the members (all of one run and channel); those refused or expired are stored as that.

    Quiet hours may have begun since the plan: a pause, a full queue or a provider's trouble held the message up.
    """
    if _expired(conn, members, now):
        return Gated()
    members = _still_needed(conn, members, now)
    verdicts = _verdicts(conn, members, now) if members else {}
    stopped = [(row["id"], code) for row in members if isinstance(code := verdicts[row["id"]], str)]
    deliveries.end_unsent(conn, [i for i, _ in stopped], "refused", codes=[code for _, code in stopped], now=now)
    gated = Gated()
    for row in members:
        verdict = verdicts[row["id"]]
        if isinstance(verdict, Pass) and verdict.due <= now:
            gated.passed.append(row)
            gated.addresses.append(verdict.address_id)
        elif isinstance(verdict, Pass):
            gated.later[verdict.due].append(row["id"])
    return gated


def _still_needed(conn: Connection, members: Sequence[RowMapping], now: datetime) -> list[RowMapping]:
    """The members but for those of a second step whose first message was opened a moment ago."""
    opened = escalation.no_longer_needed(conn, [row["id"] for row in members if row["step"]])
    ids = sorted(opened)
    deliveries.end_unsent(conn, ids, "not_needed", codes=["opened"] * len(ids), now=now)
    return [row for row in members if row["id"] not in opened]


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
    deliveries.end_unsent(conn, ids, "expired", codes=["expired"] * len(ids), now=now)
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
    for item, verdict in judged:
        verdicts[item["delivery_id"]] = _stronger(verdicts[item["delivery_id"]], verdict)
    return verdicts


def _stronger(one: Verdict, other: Verdict) -> Verdict:
    """What holds for a digest of two items: it passes with either, and then when both may be told."""
    if isinstance(one, Pass) and isinstance(other, Pass):
        return max(one, other, key=lambda verdict: verdict.due)
    return one if isinstance(one, Pass) else other


def _over(item: RowMapping, now: datetime) -> str:
    """Why the campaign of an item wants it no more; "" where it does."""
    if item["campaign_state"] == "cancelled":
        return "cancelled"
    return "expired" if item["expires_at"] is not None and item["expires_at"] <= now else ""


def _gate(conn: Connection, topic: str, rows: Sequence[Row], now: datetime) -> list[Verdict]:
    """A verdict for each row (a member, or an item of a digest), through all gates, on its own channel."""
    profiles = np.array([row["profile_id"] for row in rows], dtype=np.int64)
    recipients = np.array([row["recipient_id"] for row in rows], dtype=np.int64)
    today = now.astimezone(CITY_ZONE).date()
    contacts = load_contacts(conn, np.unique(profiles), topic=topic, today=today)
    places = _places(contacts, profiles, recipients)
    kept = np.flatnonzero(places >= 0)
    verdicts: list[Verdict] = ["no_address"] * len(rows)  # whoever left the firm, or wants its messages no more
    if not len(kept):
        return verdicts
    mine = contacts.take(places[kept])
    channel = np.array([CHANNELS.index(rows[k]["channel"]) for k in kept.tolist()], dtype=np.int8)
    door = np.array([DOORS.index(rows[k]["door"]) for k in kept.tolist()], dtype=np.int8)
    result, passes = _decide(conn, gating.only_channel(mine, channel), door, rows[0], now)
    sent = outgoing(mine, door, channel, np.arange(len(mine)))
    due = due_moments(Home(0, None, "", now, passes=passes), sent)
    for i, k in enumerate(kept.tolist()):
        refused = int(result.channel[i]) < 0
        verdicts[k] = CODES[result.code[i]] if refused else Pass(int(sent.address_id[i]), moment_of(int(due[i])))
    return verdicts


def _places(contacts: Contacts, profiles: gating.Ids, recipients: gating.Ids) -> gating.Ids:
    """The contact row of each (profile, recipient); -1 for none."""
    if not len(contacts):
        return np.full(len(profiles), -1, dtype=np.int64)
    order = np.lexsort((contacts.recipient_id, contacts.profile_id))
    known = np.rec.fromarrays([contacts.profile_id[order], contacts.recipient_id[order]])
    asked = np.rec.fromarrays([profiles, recipients])
    at = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    return np.where(known[at] == asked, order[at], -1)


def _decide(conn: Connection, mine: Contacts, door: gating.Codes, first: Row, now: datetime) -> tuple[GateResult, bool]:
    """The gates, with what other runs did, and whether the run passes quiet hours; the message's own run is left out:
    its reservation does not refuse it.

    Items of digests were counted when they were gathered, and share their recipient's address by their nature.
    """
    # Only members have a run_kind. (Asking for "delivery_id" would not tell: SQLAlchemy also knows delivery.id by it.)
    campaign = (
        campaigns.get_campaign(conn, first["campaign_id"]) if first["campaign_id"] and "run_kind" in first else None
    )
    if campaign is None:
        return gating.decide(gating.alone(mine), door, gating.no_history(mine), gating.Terms()), False
    terms = terms_of(campaign)
    before = gating.past(conn, mine, door, terms, run_id=first["run_id"], now=now)
    return gating.decide(mine, door, before, terms), terms.emergency
