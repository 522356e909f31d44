"""Replies: what people answer to an SMS is kept, and acted on in the same transaction.

Who answers R or 退订 gets nothing more at that number but what a duty requires and the codes they ask for. What is
queued by then is stopped too: the gates read suppressions again before each attempt. Who answers 非本人 ends the tie
between the number and the profile that the latest message was for; others who share the number keep it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from channels.base import Channel, ChannelError, Listens, Reply
from channels.said import sound, word
from profiles.address import AddressError, parse_address
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.reply_words import Kind, kind_of
from pushsvc.pipeline.sms_gate import may_say
from pushsvc.pipeline.system import send_words
from pushsvc.pipeline.system_words import SystemWords
from pushsvc.store import receipts, replies
from pushsvc.store.audit import record
from pushsvc.store.locks import lock_addresses
from pushsvc.store.replies import Heard, Number
from pushsvc.store.session import transaction

CHANNEL = "sms"
PLACE = "reply"  # what the ciphertext of a reply is bound to
KEPT = 50  # characters of a reply
LATEST = timedelta(days=30)  # an answer is to a message of this time
ONCE = timedelta(hours=24)  # a number's stops are confirmed once in this time
STOP = "stop"  # the name of the template that says the same at a vendor
CONFIRMED = "已为您退订，本号码不再接收政策推送短信。Unsubscribed: no more policy messages to this number."


def hear(ctx: Context, channel: Channel, body: bytes, headers: Mapping[str, str], *, route: str) -> int:
    """Keep the replies of a callback and act on them, each for itself; returns how many are new.

    Raises ChannelError: no_replies where nobody can answer on this channel, or bad_signature, bad_reply.
    """
    if not isinstance(channel, Listens) or channel.name != CHANNEL:
        raise ChannelError("no_replies", "Nobody can answer on this channel.")
    found = channel.replies(body, headers)
    return sum(_take(ctx, route, reply) for reply in found)


def may_confirm(ctx: Context, conn: Connection) -> bool:
    """Whether some route can say that a stop was heard: a gateway takes any words, a vendor its template `stop`."""
    return may_say(ctx, conn, STOP)


def _take(ctx: Context, route: str, reply: Reply) -> bool:
    """Keep one reply and act on it; False where it was kept before."""
    kind, now = kind_of(reply.text), ctx.clock()
    with transaction(ctx.engine) as conn:
        if kind == "not_mine":
            lock_addresses(conn)  # an import may be about to write to the same number: one after the other
        number = replies.find_number(conn, ctx.keyring.lookups(CHANNEL, _spellings(reply.to)))
        lookup = number.lookup if number else _lookup(ctx, reply.to)
        kept = replies.store_reply(conn, _heard(ctx, route, reply, kind, lookup), now)
        if kept is None:
            return False
        if kind == "stop" and lookup is not None:
            place = (CHANNEL, lookup)
            receipts.suppress_lookup(conn, place, reason=receipts.OPT_OUT, source=f"reply:{route}", now=now)
            if number is not None:
                _confirm(ctx, conn, kept, number, now)
        if kind == "not_mine" and number is not None:
            _part(conn, number, route, now)
    ctx.nudge("pushsvc.deliver.urgent")
    return True


def _heard(ctx: Context, route: str, reply: Reply, kind: Kind, lookup: bytes | None) -> Heard:
    """The reply as it is kept. Without a vendor's id, the same words from the same number are one reply a day."""
    said, vendor_id = word(reply.text, KEPT), word(reply.id, 100)
    about = (lookup or b"").hex()
    told = f"id\0{vendor_id}" if vendor_id else f"said\0{about}\0{said}\0{city_day(ctx)}"
    return Heard(route, vendor_id, told, lookup, kind, ctx.keyring.encrypt(said, PLACE))


def _spellings(to: str) -> list[str]:
    """The ways in which the number may be kept: as the vendor writes it, and as we do."""
    ways = [to] if sound(to) and len(to) <= KEPT else []
    try:
        ways.append(parse_address(CHANNEL, to).value)
    except AddressError:
        pass
    return list(dict.fromkeys(ways))


def _lookup(ctx: Context, to: str) -> bytes | None:
    """The hash of a number that nobody has here; None where it is no number that could be written to."""
    try:
        return ctx.keyring.lookup(CHANNEL, parse_address(CHANNEL, to).value)
    except AddressError:
        return None


def _confirm(ctx: Context, conn: Connection, reply_id: int, number: Number, now: datetime) -> None:
    """Say once a day at most that it was heard."""
    if not number.open or not may_confirm(ctx, conn) or replies.confirmed_since(conn, number.lookup, now - ONCE):
        return
    holders = replies.latest_recipients(conn, number.address_id, since=now - LATEST)
    holder = holders[0] if holders else replies.any_holder(conn, number.address_id)
    if holder is None:
        return
    what, address = (f"stop:{reply_id}", SystemWords(CONFIRMED, STOP)), number.address_id
    send_words(ctx, conn, what, recipient_id=holder, address_id=address, channel=CHANNEL)
    replies.mark_confirmed(conn, reply_id, now)


def _part(conn: Connection, number: Number, route: str, now: datetime) -> None:
    """The number is not of those whom the latest message was for."""
    people = replies.latest_recipients(conn, number.address_id, since=now - LATEST)
    if not people:
        return
    replies.part(conn, number.address_id, people, now)
    for person in people:
        detail = {"address": number.address_id, "route": route}
        record(conn, at=now, actor="reply", action="address.not_theirs", object=f"profile:{person}", detail=detail)
