"""Unsubscribe: what a link in a message stops. Each stop is for one person and one door, and can be undone.

A firm's member stops hearing of the firm; the firm's subscriptions go on for the others. A person's own link ends the
subscriptions that led to the message, or switches off recommendations, or the optional part of the entitled door.
"""

from __future__ import annotations

from dataclasses import dataclass

from pushsvc.context import Context
from pushsvc.links import Unsubscribe
from pushsvc.pipeline import preferences
from pushsvc.pipeline.wishes import matching
from pushsvc.store import audit, wants
from pushsvc.store.digests import items_of
from pushsvc.store.policies import policies_by_id
from pushsvc.store.preferences import read_preference
from pushsvc.store.session import Connection, transaction
from pushsvc.store.subscriptions import Wish, subscriptions_of

STOP, UNDO = "unsubscribe.stop", "unsubscribe.undo"
AGAIN = "unsubscribe.again"  # pressed where nothing was left to stop: there is nothing to take back either


@dataclass(frozen=True)
class About:
    """What the link would stop: a door, or a firm's notices, or the named subscriptions. Mandatory: nothing."""

    door: str
    mandatory: bool = False
    firm: bool = False
    wishes: tuple[Wish, ...] = ()


def about(ctx: Context, link: Unsubscribe) -> About:
    """What this link is about, ended subscriptions included."""
    with transaction(ctx.engine) as conn:
        mandatory = link.door == "entitled" and any(
            row.mandatory for row in policies_by_id(conn, _policies(conn, link))
        )
        if link.recipient_id != link.profile_id or link.door != "subscribed":
            return About(link.door, mandatory, link.recipient_id != link.profile_id)
        ids = set(_wishes(conn, link))
        wishes = [one.wish for one in subscriptions_of(conn, link.profile_id) if one.id in ids]
    return About(link.door, mandatory, False, tuple(wishes))


def stop(ctx: Context, link: Unsubscribe) -> bool:
    """Do it; again is harmless. False for a mandatory notice, which nobody can stop."""
    if about(ctx, link).mandatory:
        return False
    changed = _switch(ctx, link, on=False) if _is_switch(link) else 0
    with transaction(ctx.engine) as conn:
        if link.recipient_id != link.profile_id:
            changed = wants.set_member_wants(conn, link.profile_id, link.recipient_id, wants=False)
        elif link.door == "subscribed":
            ids = _wishes(conn, link)
            changed = wants.end_wishes(conn, link.profile_id, ids, reason=_reason(link), at=ctx.clock())
        action = STOP if changed else AGAIN
        audit.record(conn, at=ctx.clock(), actor="recipient", action=action, object=_object(link))
    return True


def undo(ctx: Context, link: Unsubscribe) -> bool:
    """Take back what this link stopped, and nothing else. False where it stopped nothing."""
    with transaction(ctx.engine) as conn:
        pressed = (entry["action"] for entry in audit.recent(conn, object=_object(link)))
        if next((action for action in pressed if action != AGAIN), UNDO) != STOP:
            return False
        if link.recipient_id != link.profile_id:
            wants.set_member_wants(conn, link.profile_id, link.recipient_id, wants=True)
        elif link.door == "subscribed":
            wants.resume_wishes(conn, link.profile_id, _reason(link))
        audit.record(conn, at=ctx.clock(), actor="recipient", action=UNDO, object=_object(link))
    if _is_switch(link):
        _switch(ctx, link, on=True)
    return True


def _is_switch(link: Unsubscribe) -> bool:
    return link.recipient_id == link.profile_id and link.door != "subscribed"


def _switch(ctx: Context, link: Unsubscribe, *, on: bool) -> bool:
    """Turn the door on or off; whether it stood otherwise before."""
    name = "personalised" if link.door == "recommended" else "entitled"
    with transaction(ctx.engine) as conn:
        before = read_preference(conn, link.recipient_id)[name]
    preferences.set_choices(ctx, link.recipient_id, {name: on})
    return before is not on


def _wishes(conn: Connection, link: Unsubscribe) -> list[int]:
    """The subscriptions the message came from: those stored with the choice, else those its policies match."""
    chosen = wants.chosen_wishes(conn, link.delivery_id, link.profile_id) if link.delivery_id else []
    if chosen:
        return chosen
    mine = subscriptions_of(conn, link.profile_id)
    return [one.id for policy in policies_by_id(conn, _policies(conn, link)) for one in matching(mine, policy)]


def _policies(conn: Connection, link: Unsubscribe) -> list[int]:
    if link.policy_id is not None:
        return [link.policy_id]
    return items_of(conn, [link.delivery_id]).get(link.delivery_id, []) if link.delivery_id else []


def _reason(link: Unsubscribe) -> str:
    return f"unsubscribe:{link.delivery_id or link.policy_id or 0}"


def _object(link: Unsubscribe) -> str:
    return f"recipient:{link.recipient_id}:{link.profile_id}:{link.door}:{link.delivery_id or link.policy_id or 0}"
