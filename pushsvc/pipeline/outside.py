"""The worker's outside: the providers as the settings name them, the loop that owns their connections, the buckets."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from channels.app import GATEWAY
from channels.base import Channel, ChannelError, Message
from channels.fan_out import Reach
from channels.pacing import MemoryPace, Pace, Rate, RedisPace
from channels.registry import open_channel
from pushsvc.context import Context
from pushsvc.links import hook_token
from pushsvc.offers import Offer, of_channel
from pushsvc.pipeline.deliver import Allowance, Sender
from pushsvc.pipeline.letters import letter
from pushsvc.pipeline.pushers import hooks_of, open_pushers, reach_of
from pushsvc.pipeline.routing import Routes
from pushsvc.pipeline.sms_gate import barred
from pushsvc.store import inbox
from pushsvc.store.session import transaction

CAMPAIGN_SECONDS = 5.0  # of its rate that a campaign may send at once
MOST_BUCKETS = 1000  # a process forgets the oldest: Redis holds their levels


def open_channels(ctx: Context) -> dict[str, Channel]:
    """The adapters of all providers by route; paused ones too: they are still asked, and still send receipts.

    Raises ChannelError with the setting's name for a provider that cannot be opened.
    """
    return _routes(ctx, reach_of(ctx, open_pushers(ctx)))


def open_hooks(ctx: Context) -> dict[str, Channel]:
    """What reads callbacks, by the name in `/hooks/<name>`: the routes, and the vendors behind devices by platform.

    Raises ChannelError as open_channels does.
    """
    pushers = open_pushers(ctx)
    return hooks_of(ctx, pushers) | _routes(ctx, reach_of(ctx, pushers))


def _routes(ctx: Context, reach: Reach | None) -> dict[str, Channel]:
    offers = ctx.settings.offers()
    if reach is not None and len(of_channel(offers, "app")) > 1:  # what one gateway has seen the others have not
        reach = replace(reach, several=(GATEWAY,))
    return {offer.name: _open(ctx, offer, reach) for offer in offers}


def _open(ctx: Context, offer: Offer, reach: Reach | None) -> Channel:
    settings = ctx.settings
    options: dict[str, object] = {"url": offer.url, "clock": ctx.clock, "timeout": settings.request_seconds}
    if offer.channel == "email":
        options |= {"connections": int(settings.smtp_connections), "sender": settings.origin()}
    elif offer.is_vendor:
        options["token"] = hook_token(settings.secret_key, offer.name)
    else:
        options["key"] = offer.key
    if offer.channel == "app":
        options |= {"write": _writer(ctx), "reach": reach}
    try:
        return open_channel(offer.kind, options)
    except ChannelError as exc:
        name = f"PUSHSVC_{offer.setting.upper()}"
        raise ChannelError(exc.code, f"{name}, provider {offer.name}: {exc.sentence}") from exc


def make_sender(ctx: Context, runner: asyncio.Runner) -> Sender:
    """A sender for this process: one loop owns all its connections (a kept connection dies with its loop)."""
    worker = f"{socket.gethostname()}:{os.getpid()}"
    routes = Routes(ctx, ctx.settings.offers())
    buckets = make_allowance(ctx, worker)
    return Sender(
        open_channels(ctx), runner.run, worker, may_send=buckets, pick=routes.pick, barred=partial(barred, ctx)
    )


def make_allowance(ctx: Context, worker: str, clock: Callable[[], float] = time.monotonic) -> Allowance:
    """`may_send(route, n, campaign=None) -> bool`: takes n tokens of the route, and of the campaign where it is given
    as (id, its messages a second), or none of either. Below 0 gives them back. A bucket holds a second of a provider's
    rate, a few of a campaign's, and goes into debt for a slice that is larger.

    All workers share the buckets through Redis; without it each takes its part.
    """
    rates = {offer.name: offer.rate or ctx.settings.rate_per_second for offer in ctx.settings.offers()}
    paces: dict[tuple[str, float], Pace] = {}

    def pace(name: str, per_second: float, seconds: float = 1.0) -> Pace:
        if (name, per_second) not in paces:
            if len(paces) >= MOST_BUCKETS:
                paces.pop(next(iter(paces)))
            paces[name, per_second] = _pace(ctx, name, Rate(per_second, max(per_second * seconds, 1.0)), worker, clock)
        return paces[name, per_second]

    def may_send(route: str, n: int, campaign: tuple[int, float] | None = None) -> bool:
        own = pace(f"campaign:{campaign[0]}", campaign[1], CAMPAIGN_SECONDS) if campaign else None
        if own is not None and own.take(n) > 0:
            return False
        if pace(route, rates.get(route, ctx.settings.rate_per_second)).take(n) == 0:
            return True
        if own is not None:
            own.take(-n)
        return False

    return may_send


def _pace(ctx: Context, name: str, rate: Rate, worker: str, clock: Callable[[], float]) -> Pace:
    if ctx.redis is None:
        return MemoryPace(rate, clock)
    return RedisPace(ctx.redis, name, rate=rate, worker=worker, clock=clock)


def _writer(ctx: Context) -> Callable[[Sequence[Message]], None]:
    def write(messages: Sequence[Message]) -> None:
        with transaction(ctx.engine) as conn:
            inbox.write_letters(conn, [letter(message) for message in messages], ctx.clock())

    return write
