"""What an unsubscribe link is about, and a member's wish to hear of a firm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from pushsvc.store.session import Connection
from pushsvc.store.tables import delivery, member, run, selection, subscription


def chosen_wishes(conn: Connection, delivery_id: int, profile_id: int) -> list[int]:
    """The subscriptions for whose sake this delivery's campaign chose the profile, as stored with the choice."""
    why = conn.scalar(
        select(selection.c.why)
        .join(run, run.c.campaign_id == selection.c.campaign_id)
        .join(delivery, delivery.c.run_id == run.c.id)
        .where(delivery.c.id == delivery_id, selection.c.profile_id == profile_id)
    )
    return [int(number) for number in (why or {}).get("subscriptions", [])]


def end_wishes(conn: Connection, profile_id: int, ids: Sequence[int], *, reason: str, at: datetime) -> int:
    """End these subscriptions of the profile; returns how many were live."""
    mine = (subscription.c.profile_id == profile_id, subscription.c.id.in_(list(ids)))
    ended = update(subscription).where(*mine, subscription.c.ended_at.is_(None))
    return conn.execute(ended.values(ended_at=at, ended_reason=reason)).rowcount


def resume_wishes(conn: Connection, profile_id: int, reason: str) -> int:
    """Resume what was ended for this reason; returns how many."""
    mine = (subscription.c.profile_id == profile_id, subscription.c.ended_reason == reason)
    return conn.execute(update(subscription).where(*mine).values(ended_at=None, ended_reason=None)).rowcount


def set_member_wants(conn: Connection, profile_id: int, person_id: int, *, wants: bool) -> int:
    """Whether a member hears of the firm's notices; 1 if that is a change."""
    mine = (member.c.profile_id == profile_id, member.c.person_id == person_id, member.c.left_at.is_(None))
    return conn.execute(update(member).where(*mine, member.c.wants != wants).values(wants=wants)).rowcount
