"""History: who was told of what, how much was recommended lately, and what a run already uses, digests included."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Connection, and_, exists, func, or_, select

from pushsvc.store.arrays import array
from pushsvc.store.states import TOLD
from pushsvc.store.tables import campaign, delivery, delivery_item, policy, profile_address, run


def told_recipients(
    conn: Connection, recipients: Sequence[int], *, family: str, event: str, run_id: int, earlier: bool = False
) -> set[int]:
    """Of these recipients, those told of (family, event), alone or inside a digest, by another run than ours.

    When planning, every other run counts; just before an attempt only those made `earlier` than ours do, so that of
    two runs that met in the queue the earlier one goes on. Items that our own campaign put into digests are ours too.
    """
    own = select(run.c.campaign_id).where(run.c.id == run_id).scalar_subquery()
    same = (
        func.coalesce(campaign.c.family, policy.c.family) == family,
        func.coalesce(campaign.c.event, policy.c.event) == event,
    )
    other = delivery.c.run_id < run_id if earlier else delivery.c.run_id != run_id
    base = delivery.c.recipient_id == func.any(array(recipients, BigInteger)), delivery.c.state.in_(TOLD), other
    alone = select(delivery.c.recipient_id).join(policy, policy.c.id == delivery.c.policy_id)
    alone = alone.join(run, run.c.id == delivery.c.run_id).outerjoin(campaign, campaign.c.id == run.c.campaign_id)
    inside = select(delivery.c.recipient_id).join(delivery_item, delivery_item.c.delivery_id == delivery.c.id)
    inside = inside.join(policy, policy.c.id == delivery_item.c.policy_id)
    inside = inside.outerjoin(campaign, campaign.c.id == delivery_item.c.campaign_id)
    theirs = or_(delivery_item.c.campaign_id.is_(None), delivery_item.c.campaign_id.is_distinct_from(own))
    return set(conn.scalars(alone.where(*base, *same).union(inside.where(*base, *same, theirs))))


def recommended_since(
    conn: Connection, recipients: Sequence[int], since: datetime, *, before: int | None = None
) -> dict[int, int]:
    """Messages with a recommendation that a recipient got or is to get since then; a digest counts as one message.

    Only those of runs made earlier than `before`, where it is given.
    """
    recommended = delivery_item.c.delivery_id == delivery.c.id, delivery_item.c.door == "recommended"
    alone = and_(delivery.c.policy_id.is_not(None), delivery.c.door == "recommended")
    query = select(delivery.c.recipient_id, func.count()).where(
        delivery.c.recipient_id == func.any(array(recipients, BigInteger)),
        delivery.c.state.in_(TOLD),
        delivery.c.planned_at > since,
        or_(alone, exists().where(*recommended)),
    )
    if before is not None:
        query = query.where(delivery.c.run_id < before)
    return {int(r): int(n) for r, n in conn.execute(query.group_by(delivery.c.recipient_id))}


def run_reservations(conn: Connection, run_id: int, recipients: Sequence[int]) -> tuple[set[int], set[int]]:
    """The recipients and addresses, among these recipients and whoever shares an address with them, that this run (or
    its campaign, in a digest) writes to. What became of the message does not matter: a run tells nobody twice."""
    theirs, shared = profile_address.alias(), profile_address.alias()
    near = select(shared.c.profile_id).join(theirs, theirs.c.address_id == shared.c.address_id)
    near = near.where(theirs.c.profile_id == func.any(array(recipients, BigInteger)))
    everybody = array(list({*recipients, *conn.scalars(near)}), BigInteger)
    own = select(run.c.campaign_id).where(run.c.id == run_id).scalar_subquery()
    pair = select(delivery.c.recipient_id, delivery.c.address_id).where(delivery.c.recipient_id == func.any(everybody))
    inside = pair.join(delivery_item, delivery_item.c.delivery_id == delivery.c.id)
    both = pair.where(delivery.c.run_id == run_id).union(inside.where(delivery_item.c.campaign_id == own))
    pairs = conn.execute(both).all()
    return {int(r) for r, _ in pairs}, {int(a) for _, a in pairs}
