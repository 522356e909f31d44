"""Digest deliveries gather items until their moment; the store keeps one message a person and one item a policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, RowMapping, Text, case, delete, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from pushsvc.store.arrays import array, derived
from pushsvc.store.attempts import place
from pushsvc.store.slices import insert_slice
from pushsvc.store.tables import campaign, delivery, delivery_item, policy, refusal, run

_ITEMS = text("""
    insert into delivery_item (delivery_id, policy_id, profile_id, campaign_id, position, door)
    select g.id, :policy_id, g.profile_id, :campaign_id,
           coalesce((select max(position) + 1 from delivery_item i where i.delivery_id = g.id), 0), g.door
    from unnest(cast(:ids as bigint[]), cast(:profiles as bigint[]), cast(:doors as text[])) as g(id, profile_id, door)
    on conflict do nothing returning delivery_id
""")


def ensure_heads(conn: Connection, run_id: int, rows: Sequence[dict[str, Any]], now: datetime) -> dict[int, int]:
    """Gathering deliveries of a digest run, made where missing and locked: recipient → delivery.

    A recipient is missing whose digest has left already, or was refused.
    """
    heads = [row | {"run_id": run_id, "planned_at": now, "updated_at": now} for row in rows]
    conn.execute(insert(delivery).values(state="gathering").on_conflict_do_nothing(), heads)
    wanted = derived(
        person=([r["recipient_id"] for r in rows], BigInteger), channel=([r["channel"] for r in rows], Text)
    )
    mine = (delivery.c.recipient_id == wanted.c.person) & (delivery.c.channel == wanted.c.channel)
    query = select(delivery.c.recipient_id, delivery.c.id).join(wanted, mine).order_by(delivery.c.id)
    query = query.where(delivery.c.run_id == run_id, delivery.c.state == "gathering").with_for_update(of=delivery)
    return {int(recipient): int(number) for recipient, number in conn.execute(query)}


def add_items(
    conn: Connection, rows: Sequence[tuple[int, int, str]], *, policy_id: int | None, campaign_id: int
) -> set[int]:
    """One more item for each (delivery, profile, door); returns the deliveries that did not hold the policy yet."""
    given = {"ids": [r[0] for r in rows], "profiles": [r[1] for r in rows], "doors": [r[2] for r in rows]}
    return set(conn.scalars(_ITEMS, {**given, "policy_id": policy_id, "campaign_id": campaign_id}))


def count_items(conn: Connection, campaign_id: int) -> int:
    """How many people are told of a campaign inside a digest, sent or still gathering."""
    query = select(func.count()).select_from(delivery_item).where(delivery_item.c.campaign_id == campaign_id)
    return int(conn.execute(query).scalar_one())


def set_items(conn: Connection, run_id: int, policies: Mapping[int, Sequence[int]]) -> None:
    """Give the deliveries of a run their items in order, by recipient."""
    heads = conn.execute(select(delivery).where(delivery.c.run_id == run_id)).all()
    rows = [
        {"delivery_id": head.id, "profile_id": head.profile_id, "policy_id": one, "position": n, "door": head.door}
        for head in heads
        for n, one in enumerate(policies[head.recipient_id])
    ]
    if rows:
        conn.execute(insert(delivery_item).on_conflict_do_nothing(), rows)


def items_of(conn: Connection, delivery_ids: Sequence[int]) -> dict[int, list[int]]:
    """Delivery → its policies, in the order of `gated_items`."""
    found: dict[int, list[int]] = {}
    for row in gated_items(conn, delivery_ids):
        found.setdefault(row["delivery_id"], []).append(row["policy_id"])
    return found


def gated_items(conn: Connection, delivery_ids: Sequence[int]) -> list[RowMapping]:
    """The items of these deliveries with what the gates ask of each.

    What the person asked for or is entitled to comes first, by its date alone; then what is recommended, as it came.
    """
    recommended = delivery_item.c.door == "recommended"
    query = (
        select(delivery_item, delivery.c.recipient_id, delivery.c.channel, delivery.c.run_id, policy.c.topic)
        .add_columns(campaign.c.state.label("campaign_state"), campaign.c.expires_at)
        .join(delivery, delivery.c.id == delivery_item.c.delivery_id)
        .join(policy, policy.c.id == delivery_item.c.policy_id)
        .outerjoin(campaign, campaign.c.id == delivery_item.c.campaign_id)
        .where(delivery_item.c.delivery_id == func.any(array(delivery_ids, BigInteger)))
        .order_by(delivery_item.c.delivery_id, recommended, case((recommended, delivery_item.c.position)))
        .order_by(policy.c.visible_no, delivery_item.c.position)
    )
    return list(conn.execute(query).mappings())


def refuse_items(conn: Connection, refused: Sequence[tuple[RowMapping, str]], now: datetime) -> None:
    """Take items (of `gated_items`) out of their digests; each becomes a refusal of the run that chose it."""
    if not refused:
        return
    campaigns = {row["campaign_id"] for row, _ in refused if row["campaign_id"] is not None}
    found = conn.execute(select(run.c.campaign_id, run.c.id).where(run.c.campaign_id.in_(campaigns)))
    runs = {int(c): int(r) for c, r in found}
    same = ("profile_id", "recipient_id", "door", "channel")
    rows = [
        {name: row[name] for name in same}
        | {"run_id": runs.get(row["campaign_id"], row["run_id"]), "code": code, "at": now}
        for row, code in refused
    ]
    conn.execute(insert(refusal).on_conflict_do_nothing(), rows)
    gone = [(row["delivery_id"], row["policy_id"]) for row, _ in refused]
    conn.execute(delete(delivery_item).where(tuple_(delivery_item.c.delivery_id, delivery_item.c.policy_id).in_(gone)))


def drop_campaign_items(conn: Connection, campaign_id: int, *, code: str, now: datetime) -> None:
    """Take what a campaign put into digests out of those that have not left."""
    heads = select(delivery.c.id).where(delivery.c.state.in_(("gathering", "planned")))
    mine = select(delivery_item.c.delivery_id).where(delivery_item.c.campaign_id == campaign_id)
    query = heads.where(delivery.c.id.in_(mine)).order_by(delivery.c.id).with_for_update()
    rows = [row for row in gated_items(conn, list(conn.scalars(query))) if row["campaign_id"] == campaign_id]
    refuse_items(conn, [(row, code) for row in rows], now)


def kinds_of_items(conn: Connection, delivery_ids: Sequence[int]) -> list[Row[Any]]:
    """The policies in these digests, each once: `id`, `family`, `agency`, and `visible_no` (of a later event more)."""
    given = func.any(array(delivery_ids, BigInteger))
    mine = select(delivery_item.c.policy_id).where(delivery_item.c.delivery_id == given)
    number = func.coalesce(policy.c.visible_no, 0).label("visible_no")
    query = select(policy.c.id, policy.c.family, policy.c.agency, number).where(policy.c.id.in_(mine))
    return list(conn.execute(query.order_by(policy.c.id)))


_CROWDED = text("""
    with kind as (
        select * from unnest(cast(:policies as bigint[]), cast(:faces as bigint[]), cast(:agencies as bigint[]))
            as k(policy_id, face, agency)
    ), held as (
        select i.delivery_id, k.face, k.agency from delivery_item i join kind k using (policy_id)
        where i.delivery_id = any(cast(:ids as bigint[]))
    )
    select delivery_id from held group by delivery_id, face having count(*) > 1
    union select delivery_id from held group by delivery_id, agency having count(*) > :most
    order by 1
""")


def crowded(
    conn: Connection, delivery_ids: Sequence[int], kinds: Sequence[tuple[int, int, int]], *, most: int
) -> list[int]:
    """Those of the digests with two items of one face, or more than `most` of one agency.

    `kinds`: of each policy in them its id, and codes of its face and its agency.
    """
    columns = {name: [one[at] for one in kinds] for at, name in enumerate(("policies", "faces", "agencies"))}
    return list(conn.scalars(_CROWDED, {**columns, "ids": list(delivery_ids), "most": most}))


def due(conn: Connection, now: datetime) -> list[Row[Any]]:
    """Gathered deliveries of the digest runs that are due, locked: `id`, `run_id` and `channel`."""
    query = (
        select(delivery.c.id, delivery.c.run_id, delivery.c.channel)
        .join(run, run.c.id == delivery.c.run_id)
        .where(delivery.c.state == "gathering", run.c.due_at <= now)
        .order_by(delivery.c.run_id, delivery.c.channel, delivery.c.id)
        .with_for_update(of=delivery, skip_locked=True)
    )
    return list(conn.execute(query))


def release(conn: Connection, heads: Sequence[Row[Any]], now: datetime, *, slice_size: int) -> int:
    """These deliveries (of `due`) get slices and become planned. Returns how many."""
    groups: dict[tuple[int, str], list[int]] = {}
    for head in heads:
        groups.setdefault((head.run_id, head.channel), []).append(head.id)
    for (run_id, channel), ids in groups.items():
        for start in range(0, len(ids), slice_size):
            part = ids[start : start + slice_size]
            conn.execute(update(delivery).where(delivery.c.id.in_(part)).values(state="planned", updated_at=now))
            place(conn, part, insert_slice(conn, run_id=run_id, channel=channel, lane="bulk", due_at=now))
    return sum(map(len, groups.values()))
