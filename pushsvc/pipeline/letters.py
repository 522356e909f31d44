"""Letters: app messages as the inbox keeps them. One without a device ends there: no provider is called, so its
letter, attempt and state are written in one transaction, and nothing of it can ever be unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from channels.app import INBOX_ONLY
from channels.base import Message
from pushsvc.store import devices, inbox
from pushsvc.store.members import Member, accept


def letter(message: Message) -> dict[str, object]:
    """The row of the inbox; `meta` names the profile it is about and the policy."""
    policy = message.meta.get("policy_id")
    who = {"recipient_id": message.recipient, "profile_id": int(message.meta.get("profile_id") or message.recipient)}
    return who | {
        "wire_key": message.key,
        "policy_id": int(policy) if policy else None,
        "title": message.title,
        "body": message.text,
    }


def keep(
    conn: Connection,
    about: Mapping[str, Any],
    members: list[Member],
    messages: list[Message],
    now: datetime,
    *,
    platforms: Collection[str] = (),
) -> tuple[list[Member], list[Message]]:
    """Put the messages of the app channel that have no device into the inbox, as an attempt of their own, made and
    accepted at once; `about` as for `members.begin`, `platforms` those on which a registered device is reached.
    Returns the members and messages that are still to be sent.

    No provider is named: what it never saw says nothing of its health.
    """
    dumb = [message for message in messages if not message.to]
    if dumb and platforms:
        reached = devices.with_devices(conn, {message.recipient for message in dumb}, platforms)
        dumb = [message for message in dumb if message.recipient not in reached]
    staying = {message.key for message in dumb}
    if not staying:
        return members, messages
    inbox.write_letters(conn, [letter(message) for message in dumb], now)
    own = {**about, "provider": "inbox", "route": "", "batch_key": f"{about['batch_key']}:inbox"}
    accept(conn, own, [row for row in members if row["wire_key"] in staying], INBOX_ONLY, now)
    going = [message for message in messages if message.key not in staying]
    return [row for row in members if row["wire_key"] not in staying], going
