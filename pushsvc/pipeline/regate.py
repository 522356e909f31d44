"""The gates once more, on fresh rows, just before an attempt: a consent withdrawn a second ago is honoured."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Connection, RowMapping

from profiles.gates import CHANNELS, CODES, DOORS, GateResult
from profiles.windows import micros, moment_of
from pushsvc.context import Context
from pushsvc.pipeline import gating
from pushsvc.pipeline.changed_since import refused_since
from pushsvc.pipeline.days import day_of
from pushsvc.pipeline.digest_gates import decide_items, over, unpaused
from pushsvc.pipeline.gating import terms_of
from pushsvc.pipeline.reroute import OF_CHANNEL, contact_places, reroute
from pushsvc.pipeline.slicing import Home, due_moments, outgoing
from pushsvc.pipeline.trial import SIMULATED, simulated, simulated_items
from pushsvc.store import content, deliveries, digests, escalation
from pushsvc.store.contacts import Contacts, load_contacts
from pushsvc.store.forgetting import erased_among
from pushsvc.store.members import Member, Run
from pushsvc.store.policies import policy_by_id

CODE_LIFE = timedelta(minutes=10)  # as the words of a sign-in code say
_CHANNEL = {name: code for code, name in enumerate(CHANNELS)}
_DOOR = {name: code for code, name in enumerate(DOORS)}
Row = Mapping[Any, Any]
About = tuple[str, Mapping[str, Any] | None]  # a policy's topic, and the campaign that tells of it


class Pass(NamedTuple):
    """A member that may be sent: the address it goes to now, the moment its recipient may be disturbed (microseconds),
    and the language of its words."""

    address_id: int
    due: int
    locale: str = "zh"


Verdict = Pass | str  # or the code of its refusal


@dataclass(frozen=True)
class Gated:
    """Members to send now, each with its `address_id` as it is now and its `locale`; and the ids of those who have
    quiet hours, by their end."""

    passed: list[Member] = field(default_factory=list)
    later: dict[datetime, list[int]] = field(default_factory=dict)


def regate(ctx: Context, conn: Connection, run: Run, members: Sequence[Member], now: datetime) -> Gated:
    """What becomes of the members (all of the run, on one channel); those refused or expired are stored as that.

    Whose channel has closed leaves for another that is open. Quiet hours may have begun since the plan: a pause, a full
    queue or a provider's trouble held the message up.
    """
    if _expired(conn, run, members, now):
        return Gated()
    members = _still_needed(conn, members, now)
    verdicts = _tried(ctx, conn, run, members, _verdicts(ctx, conn, run, members, now)) if members else []
    closed = [row for row, code in zip(members, verdicts, strict=True) if code in OF_CHANNEL]
    gone = reroute(ctx, conn, run, closed, now) if closed else set()
    judged = [(row["id"], code) for row, code in zip(members, verdicts, strict=True) if isinstance(code, str)]
    stopped = [(number, code) for number, code in judged if number not in gone]
    deliveries.end_unsent(conn, [i for i, _ in stopped], "refused", codes=[code for _, code in stopped], now=now)
    passed: list[Member] = []
    later: dict[int, list[int]] = defaultdict(list)
    moment = micros(now)
    for row, verdict in zip(members, verdicts, strict=True):
        if isinstance(verdict, str):
            continue
        if verdict.due <= moment:
            passed.append({**row, "address_id": verdict.address_id, "locale": verdict.locale})
        else:
            later[verdict.due].append(row["id"])
    return Gated(passed, {moment_of(due): ids for due, ids in later.items()})


def _still_needed(conn: Connection, members: Sequence[Member], now: datetime) -> Sequence[Member]:
    """The members but for those of a second step whose first message was opened a moment ago."""
    opened = escalation.no_longer_needed(conn, [row["id"] for row in members if row["step"]])
    if not opened:
        return members
    ids = sorted(opened)
    deliveries.end_unsent(conn, ids, "not_needed", codes=["opened"] * len(ids), now=now)
    return [row for row in members if row["id"] not in opened]


def _expired(conn: Connection, run: Run, members: Sequence[Member], now: datetime) -> bool:
    """A run's end: its campaign's expiry, or of a system message its own, which is ten minutes for a sign-in code."""
    end = run.due_at or run.created_at + CODE_LIFE if run.kind == "system" else None
    if run.campaign is not None:
        end = run.campaign["expires_at"]
    if end is None or end > now:
        return False
    ids = [row["id"] for row in members]
    deliveries.end_unsent(conn, ids, "expired", codes=["expired"] * len(ids), now=now)
    return True


def _verdicts(ctx: Context, conn: Connection, run: Run, members: Sequence[Member], now: datetime) -> list[Verdict]:
    """Each member's verdict. A system message answers a request: only an erasure stops it, no wish does."""
    if run.kind == "system":
        kept = content.ciphers(conn, [row["address_id"] for row in members])
        gone = set(erased_among(conn, [row["recipient_id"] for row in members]).tolist())
        there = [bool(kept[row["address_id"]]) and row["recipient_id"] not in gone for row in members]
        due = micros(now)
        return [Pass(row["address_id"], due) if one else "erased" for row, one in zip(members, there, strict=True)]
    if members[0]["policy_id"] is None:
        return _digest_verdicts(ctx, conn, members, now)
    topic = run.campaign["policy_topic"] if run.campaign is not None else _topic(conn, members[0]["policy_id"])
    return _gate(conn, (topic, run.campaign), members, now)


def _tried(
    ctx: Context, conn: Connection, run: Run, members: Sequence[Member], verdicts: list[Verdict]
) -> list[Verdict]:
    """The verdicts, those of a trial's strangers turned into `simulated`; the items of digests have one each."""
    if members[0]["policy_id"] is None and run.kind != "system":
        return verdicts
    passing = [row for row, one in zip(members, verdicts, strict=True) if isinstance(one, Pass)]
    strangers = simulated(ctx, conn, run, passing)
    return [SIMULATED if row["id"] in strangers else one for row, one in zip(members, verdicts, strict=True)]


def _topic(conn: Connection, policy_id: int) -> str:
    policy = policy_by_id(conn, policy_id)
    return policy.topic if policy else ""


def _digest_verdicts(ctx: Context, conn: Connection, members: Sequence[Member], now: datetime) -> list[Verdict]:
    """A digest passes with the items that pass; the others leave it, each as a refusal of its own.

    One that may have arrived is not sent again with other items: it passes whole, or not at all.
    """
    items, kept = unpaused(ctx, conn, [row["id"] for row in members], now)
    topics: dict[str, list[RowMapping]] = defaultdict(list)
    judged: list[tuple[RowMapping, Verdict]] = []
    strangers = simulated_items(ctx, conn, items)
    for item in items:
        tried = SIMULATED if (item["delivery_id"], item["policy_id"]) in strangers else ""
        if code := over(item, now) or tried:
            judged.append((item, code))
        else:
            topics[item["topic"]].append(item)
    for topic, rows in topics.items():
        judged += zip(rows, _gate(conn, (topic, None), rows, now), strict=True)
    digests.refuse_items(conn, [(item, verdict) for item, verdict in judged if isinstance(verdict, str)], now)
    verdicts: dict[int, Verdict] = {row["id"]: "cancelled" for row in members}  # where no item was left at all
    for item, verdict in judged:
        verdicts[item["delivery_id"]] = _stronger(verdicts[item["delivery_id"]], verdict)
    verdicts |= {item["delivery_id"]: code for item, code in judged if item["doubtful"] and isinstance(code, str)}
    verdicts |= {number: Pass(0, due) for number, due in kept.items()}
    return [verdicts[row["id"]] for row in members]


def _stronger(one: Verdict, other: Verdict) -> Verdict:
    """What holds for a digest of two items: it passes with either, and then when both may be told."""
    if isinstance(one, Pass) and isinstance(other, Pass):
        return max(one, other, key=lambda verdict: verdict.due)
    return one if isinstance(one, Pass) else other


def _gate(conn: Connection, about: About, rows: Sequence[Row], now: datetime) -> list[Verdict]:
    """A verdict for each row (a member, or an item of a digest), through all gates, on its own channel."""
    profiles = np.array([row["profile_id"] for row in rows], dtype=np.int64)
    recipients = np.array([row["recipient_id"] for row in rows], dtype=np.int64)
    today = day_of(now)
    contacts = load_contacts(conn, np.unique(profiles), topic=about[0], today=today)
    places = contact_places(contacts, profiles, recipients)
    kept = np.flatnonzero(places >= 0)
    verdicts: list[Verdict] = ["no_address"] * len(rows)  # whoever left the firm, or wants its messages no more
    if not len(kept):
        return verdicts
    mine = contacts.take(places[kept])
    channel = np.array([_CHANNEL[rows[k]["channel"]] for k in kept.tolist()], dtype=np.int8)
    door = np.array([_DOOR[rows[k]["door"]] for k in kept.tolist()], dtype=np.int8)
    if about[1] is None:
        result, passes = decide_items(conn, (mine, channel, door), [rows[k] for k in kept.tolist()], now), False
    else:
        result, passes = _decide(conn, (mine, channel, door), about[1], (rows[0]["run_id"], now))
    sent = outgoing(mine, door, channel, np.arange(len(mine)))
    due = due_moments(Home(0, None, "", now, passes=passes), sent).tolist()
    addresses, codes, english = sent.address_id.tolist(), result.code.tolist(), mine.english.tolist()
    for i, (k, chosen) in enumerate(zip(kept.tolist(), result.channel.tolist(), strict=True)):
        verdicts[k] = CODES[codes[i]] if chosen < 0 else Pass(addresses[i], due[i], "en" if english[i] else "zh")
    passing = {k: one.address_id for k, one in enumerate(verdicts) if isinstance(one, Pass)}
    for k, code in refused_since(conn, about[1], rows, passing).items():
        verdicts[k] = code
    return verdicts


def _decide(
    conn: Connection,
    asked: tuple[Contacts, gating.Codes, gating.Codes],
    campaign: Mapping[str, Any],
    when: tuple[int, datetime],
) -> tuple[GateResult, bool]:
    """The gates for (contacts, channels, doors), with what runs other than `when`'s did up to now, and whether the
    campaign passes quiet hours. Its own reservation does not refuse a message."""
    contacts, channel, door = asked
    mine = gating.only_channel(contacts, channel)
    terms = terms_of(campaign)
    leaving = gating.at_once(len(mine), when[1])
    before = gating.past(conn, mine, door, terms, run_id=when[0], leaving=leaving)
    return gating.decide(mine, door, before, terms), terms.emergency
