"""People, policies and campaigns for tests, written straight into the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from pushsvc.context import Context
from pushsvc.pipeline.system import write_code
from pushsvc.store import tables
from pushsvc.store.addresses import NewAddress, replace_addresses
from pushsvc.store.session import transaction

VALUES = {"app": "token-of-person-{n:08d}", "sms": "138{n:08d}", "email": "person{n}@city.example"}


@dataclass(frozen=True)
class Sent:
    """A campaign that is ready to be planned, and the profiles selected for it."""

    campaign_id: int
    policy_id: int
    people: list[int]


def make_person(
    conn: Connection,
    ctx: Context,
    n: int,
    *,
    channels: Sequence[str] = ("sms",),
    consent: Sequence[str] = (),
    **columns: Any,
) -> int:
    """A citizen with an address on each channel; consents for each purpose on every channel. Returns the id."""
    values = {"ref": f"p{n}", "kind": "citizen", "updated_at": ctx.clock(), **columns}
    person = conn.execute(insert(tables.profile).values(values).returning(tables.profile.c.id)).scalar_one()
    new = [NewAddress(person, channel, VALUES[channel].format(n=n), f"{channel}**{n}") for channel in channels]
    replace_addresses(conn, ctx.keyring, new)
    for purpose in consent:
        give(conn, ctx, person, purpose)
    return int(person)


def give(
    conn: Connection, ctx: Context, person: int, purpose: str, *, channel: str = "any", given: bool = True
) -> None:
    """A consent ledger entry."""
    entry = {"profile_id": person, "purpose": purpose, "channel": channel, "given": given, "at": ctx.clock()}
    conn.execute(insert(tables.consent).values(**entry, wording="v1", source="test"))


def prefer(conn: Connection, ctx: Context, person: int, **columns: Any) -> None:
    """Preferences that differ from the defaults."""
    conn.execute(insert(tables.preference).values(profile_id=person, updated_at=ctx.clock(), **columns))


def make_policy(conn: Connection, ctx: Context, ref: str = "policy-1", **columns: Any) -> int:
    """A published policy."""
    values = {
        "ref": ref, "family": ref, "event": f"new:{ref}", "kind": "fund", "title": "云湾区人才安居补贴（第三批）",
        "agency": "云湾区人力资源和社会保障局", "topic": "talent", "region": "990100", "body": "第一条 给予补贴。",
        "checksum": ref, "state": "published", "imported_at": ctx.clock(), **columns,
    }  # fmt: skip
    return int(conn.execute(insert(tables.policy).values(values).returning(tables.policy.c.id)).scalar_one())


def make_campaign(conn: Connection, ctx: Context, policy_id: int, *, state: str = "running", **columns: Any) -> int:
    """A campaign that has chosen nobody yet."""
    row = conn.execute(tables.policy.select().where(tables.policy.c.id == policy_id)).mappings().one()
    same = {name: row[name] for name in ("family", "event", "title")}
    values = {"policy_id": policy_id, **same, "doors": ["subscribed"], "author": "李萌", "state": state}
    values |= {"created_at": ctx.clock(), **columns}
    return int(conn.execute(insert(tables.campaign).values(values).returning(tables.campaign.c.id)).scalar_one())


def choose(conn: Connection, ctx: Context, campaign_id: int, people: Sequence[int], door: str = "subscribed") -> None:
    """Selections in the given order; the audience is then complete.

    A subscribed one rests on a subscription of the cadence that its person, or a member of its firm, prefers.
    """
    for rank, person in enumerate(people, start=1):
        why = {"subscriptions": [subscribe(conn, ctx, person, f"c{campaign_id}")]} if door == "subscribed" else None
        row = {"campaign_id": campaign_id, "profile_id": person, "door": door, "match": 1, "rank": rank, "why": why}
        conn.execute(insert(tables.selection).values(row))
    done = tables.campaign.update().where(tables.campaign.c.id == campaign_id)
    conn.execute(done.values(selected_at=ctx.clock()))


def subscribe(conn: Connection, ctx: Context, person: int, ref: str, cadence: str | None = None) -> int:
    """A subscription; without a cadence, the one that the person or a member of the firm prefers."""
    mine = tables.preference.c.profile_id == person
    members = select(tables.member.c.person_id).where(tables.member.c.profile_id == person)
    prefers = select(tables.preference.c.cadence).where(mine | tables.preference.c.profile_id.in_(members)).limit(1)
    row = {"profile_id": person, "ref": ref, "cadence": cadence or conn.scalar(prefers) or "immediate"}
    made = insert(tables.subscription).values(**row, keyword="补贴", created_at=ctx.clock())
    return int(conn.execute(made.returning(tables.subscription.c.id)).scalar_one())


def send_to(
    ctx: Context,
    n: int,
    *,
    channels: Sequence[str] = ("sms",),
    door: str = "subscribed",
    ref: str = "policy-1",
    **columns: Any,
) -> Sent:
    """A running campaign with `n` selected people who agreed to be told."""
    with transaction(ctx.engine) as conn:
        people = [
            make_person(conn, ctx, i, channels=channels, consent=("notify", "recommend")) for i in range(1, n + 1)
        ]
        policy_id = make_policy(conn, ctx, ref)
        campaign_id = make_campaign(conn, ctx, policy_id, **columns)
        choose(conn, ctx, campaign_id, people, door)
    return Sent(campaign_id, policy_id, people)


def moment(text: str) -> datetime:
    """An aware moment from ISO text."""
    return datetime.fromisoformat(text)


def send_code(ctx: Context, *, recipient_id: int, address_id: int, channel: str, code: str) -> int:
    """A one-time code on its way to an address of a person; its run."""
    with transaction(ctx.engine) as conn:
        return write_code(ctx, conn, (code, channel), recipient_id=recipient_id, address_id=address_id)
