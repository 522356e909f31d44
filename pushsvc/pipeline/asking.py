"""Asking: a vendor that stays silent is asked what became of its messages; its answers are receipts like others.

Aliyun sends a receipt again after 1, 5 and 10 minutes, and then never more; so what was accepted and has none is asked
about 20 minutes, 6 hours and 24 hours after its attempt. What is unknown is asked about sooner. That a vendor knows
nothing of a message proves nothing: it never saw our key, and what it does not find may be on its way.
"""

from __future__ import annotations

from collections.abc import Sequence

from channels.base import Asked, Asks
from pushsvc.context import Context
from pushsvc.pipeline import receipt
from pushsvc.pipeline.deliver import Sender
from pushsvc.pipeline.routing import must_ask
from pushsvc.store import asking
from pushsvc.store.addresses import place
from pushsvc.store.session import transaction

MOST = 500  # messages in one round, of one route


def ask_vendor(ctx: Context, sender: Sender, route: str) -> int:
    """Ask the route about its silent messages, if it can be asked so; returns how many receipts are new.

    Addresses are in plain text during the call only, and no transaction is open then.
    """
    channel, now = sender.channels[route], ctx.clock()
    if not isinstance(channel, Asks):
        return 0
    with transaction(ctx.engine) as conn:
        settles = must_ask(sender.channels, route)
        unsure = asking.unknown(conn, (channel.name, route), now, limit=MOST) if settles else []
        turn = asking.claim(conn, route, now, limit=MOST - len(unsure))
    members = _plain(ctx, channel.name, [*unsure, *turn.members])
    found = sender.run(channel.ask(members)) if members else []
    with transaction(ctx.engine) as conn:
        new = receipt.keep(ctx, conn, channel, found, route=route)
        asking.finish(conn, turn, now)
    return new


def _plain(ctx: Context, channel: str, silent: Sequence[asking.Silent]) -> list[Asked]:
    """The messages with their addresses, but for those that no key of ours opens."""
    found = []
    for one in silent:
        try:
            to = ctx.keyring.decrypt(one.cipher, place(channel))
        except ValueError:
            continue
        found.append(Asked(one.wire_key, to, one.batch_key, one.sent_at, one.provider_id))
    return found
