"""Digest deliveries gather items until their moment; the store keeps one message a person and one item a policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    Connection,
    Row,
    RowMapping,
    Text,
    and_,
    case,
    delete,
    exists,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert

from profiles.gates import CHANNELS, DOORS
from pushsvc.store.arrays import array, derived
from pushsvc.store.bulk import stage_columns
from pushsvc.store.columns_out import read_columns
from pushsvc.store.tables import campaign, delivery, delivery_item, inbox, policy, refusal, run, selection

_INCOMING = {
    **dict.fromkeys(("place", "profile_id", "recipient_id", "address_id"), "bigint"),
    **dict.fromkeys(("channel", "door", "wire_key"), "text"),
}


@dataclass(frozen=True)
class Into:
    """Where items go: the digest's run, and the campaign and policy that they are about."""

    run_id: int
    campaign_id: int
    policy_id: int | None
    now: datetime


def gather(conn: Connection, into: Into, columns: Mapping[str, NDArray[Any]]) -> tuple[NDArray[np.bool_], ...]:
    """Put n people's item into their message of a digest run, which is made where it is missing.

    `columns`: profile_id, recipient_id, address_id, `channel` and `door` as codes, `wire_key` as ASCII. Returns two
    bool[n]: whose message has left already (or was refused), and whose message holds the policy already.
    """
    import pyarrow as pa

    levels = {"channel": CHANNELS, "door": DOORS}
    words = {name: pa.array(np.array(known)[columns[name]].tolist()) for name, known in levels.items()}
    words["wire_key"] = pa.array(columns["wire_key"].astype(np.str_).tolist())
    numbers = {name: pa.array(columns[name]) for name in ("profile_id", "recipient_id", "address_id")}
    n = len(columns["profile_id"])
    stage_columns(conn, "incoming_item", _INCOMING, {"place": pa.array(np.arange(n)), **numbers, **words})
    values = {"run": into.run_id, "campaign": into.campaign_id, "policy": into.policy_id, "now": into.now}
    conn.execute(_HEADS, values)
    conn.execute(text("create temp table if not exists gathered_item (place bigint, held boolean) on commit drop"))
    conn.execute(text("truncate gathered_item"))
    conn.execute(_ITEMS, values)
    found = read_columns(conn, "select place, held::int from gathered_item", {"place": "int", "held": "int"})
    late, held = np.ones(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    late[found["place"]], held[found["place"]] = False, found["held"] > 0
    return late, held


_HEADS = text("""
    insert into delivery (run_id, profile_id, recipient_id, address_id, channel, step, door, state, wire_key,
                          planned_at, updated_at)
    select :run, profile_id, recipient_id, address_id, channel, 0, door, 'gathering', wire_key, :now, :now
    from incoming_item order by place on conflict do nothing
""")

# The messages are locked: whoever releases them waits, or has changed them already. (Grouped at the end and not joined:
# nobody knows the size of what a statement has just written, and a join might compare each with each.)
_ITEMS = text("""
    with head as materialized (
        select d.id, i.place, i.profile_id, i.door
        from incoming_item i join delivery d on d.run_id = :run and d.recipient_id = i.recipient_id
            and d.channel = i.channel and d.step = 0
        where d.state = 'gathering' order by d.id for update of d
    ), item as (
        insert into delivery_item (delivery_id, policy_id, profile_id, campaign_id, position, door)
        select h.id, :policy, h.profile_id, :campaign,
               coalesce((select max(position) + 1 from delivery_item i where i.delivery_id = h.id), 0), h.door
        from head h on conflict do nothing returning delivery_id, profile_id
    )
    insert into gathered_item
    select max(place), count(*) = 1
    from (select id, profile_id, place from head union all select delivery_id, profile_id, null from item) as seen
    group by id, profile_id
""")


def run_by_key(conn: Connection, key: str) -> int:
    """The run with this key; 0 where there is none."""
    return int(conn.scalar(select(run.c.id).where(run.c.key == key)) or 0)


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
    return {one: [policy_id for policy_id, _ in some] for one, some in told_items(conn, delivery_ids).items()}


def told_items(conn: Connection, delivery_ids: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
    """Delivery → (policy, campaign that tells of it; 0 for none), in the order of `gated_items`."""
    found: dict[int, list[tuple[int, int]]] = {}
    for row in gated_items(conn, delivery_ids) if delivery_ids else ():
        found.setdefault(row["delivery_id"], []).append((row["policy_id"], row["campaign_id"] or 0))
    return found


def gated_items(conn: Connection, delivery_ids: Sequence[int]) -> list[RowMapping]:
    """The items of these deliveries with what the gates ask of each; `own_run`: the run that chose it, `due_at`: the
    digest's hour.

    What the person asked for or is entitled to comes first, by its date alone; then what is recommended, the best
    first by the score for which it was chosen.
    """
    recommended, digest = delivery_item.c.door == "recommended", run.alias("digest")
    chosen = and_(
        selection.c.campaign_id == delivery_item.c.campaign_id, selection.c.profile_id == delivery_item.c.profile_id
    )
    query = (
        select(delivery_item, *(delivery.c[name] for name in ("recipient_id", "channel", "run_id", "doubtful")))
        .add_columns(policy.c.topic, policy.c.repealed_by, policy.c.valid_to)
        .add_columns(campaign.c.state.label("campaign_state"), campaign.c.expires_at, campaign.c.detail)
        .add_columns(func.coalesce(campaign.c.family, policy.c.family).label("family"))
        .add_columns(func.coalesce(campaign.c.event, policy.c.event).label("event"))
        .add_columns(func.coalesce(run.c.id, delivery.c.run_id).label("own_run"), digest.c.due_at)
        .join(delivery, delivery.c.id == delivery_item.c.delivery_id)
        .join(policy, policy.c.id == delivery_item.c.policy_id)
        .outerjoin(campaign, campaign.c.id == delivery_item.c.campaign_id)
        .join(digest, digest.c.id == delivery.c.run_id)
        .outerjoin(run, run.c.campaign_id == delivery_item.c.campaign_id)
        .outerjoin(selection, and_(chosen, recommended))
        .where(delivery_item.c.delivery_id == func.any(array(delivery_ids, BigInteger)))
        .order_by(delivery_item.c.delivery_id, recommended, selection.c.score.desc().nulls_last())
        .order_by(case((recommended, delivery_item.c.position)), policy.c.visible_no, delivery_item.c.position)
    )
    return list(conn.execute(query).mappings())


def refuse_items(conn: Connection, refused: Sequence[tuple[RowMapping, str]], now: datetime) -> None:
    """Take items (of `gated_items`) out of their digests; each becomes a refusal of the run that chose it.

    A digest that may have arrived keeps its items: they may have been told.
    """
    refused = [(row, code) for row, code in refused if not row["doubtful"]]
    if not refused:
        return
    kinds: dict[str, Any] = dict.fromkeys(("own_run", "profile_id", "recipient_id"), BigInteger)
    kinds |= {"delivery_id": BigInteger, "policy_id": BigInteger, "door": Text, "channel": Text}
    given = {name: ([row[name] for row, _ in refused], kind) for name, kind in kinds.items()}
    gone = derived(**given, code=([code for _, code in refused], Text)).c
    names = ("profile_id", "recipient_id", "door", "channel", "code")
    rows = select(gone.own_run, *(gone[name] for name in names), literal(now, run.c.created_at.type))
    conn.execute(insert(refusal).from_select(["run_id", *names, "at"], rows).on_conflict_do_nothing())
    mine = and_(delivery_item.c.delivery_id == gone.delivery_id, delivery_item.c.policy_id == gone.policy_id)
    conn.execute(delete(delivery_item).where(mine))


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


def listed(
    conn: Connection, run_id: int, recipient_id: int, *, about: int | None = None
) -> list[tuple[int, str, Mapping[str, Any]]]:
    """Policy, door and event (the campaign's detail; empty for none) of each item that a run told, or is to tell, one
    person (`about`: about this profile alone), in the order of `gated_items`."""
    mine = select(delivery.c.id).where(delivery.c.run_id == run_id, delivery.c.recipient_id == recipient_id)
    rows = gated_items(conn, list(conn.scalars(mine.where(delivery.c.policy_id.is_(None)).order_by(delivery.c.id))))
    found: dict[int, tuple[int, str, Mapping[str, Any]]] = {}
    for row in rows:
        if about is not None and row["profile_id"] != about:
            continue
        detail = row["detail"] if isinstance(row["detail"], Mapping) else {}
        found.setdefault(row["policy_id"], (row["policy_id"], row["door"], detail))
    return list(found.values())


def runs_of_letters(conn: Connection, recipient_id: int, letter_ids: Sequence[int]) -> dict[int, int]:
    """Letter → run, of those of a person's own letters that are digests."""
    holds = exists().where(delivery_item.c.delivery_id == delivery.c.id)
    query = select(inbox.c.id, delivery.c.run_id).join(delivery, delivery.c.wire_key == inbox.c.wire_key)
    query = query.where(inbox.c.id == func.any(array(letter_ids, BigInteger)), inbox.c.recipient_id == recipient_id)
    return {int(letter): int(number) for letter, number in conn.execute(query.where(holds))}
