"""The worker's outside: the channels as the settings name them, the loop that owns their connections, the buckets."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence

from channels.base import Channel, Message
from channels.pacing import MemoryPace, Pace, Rate, RedisPace
from channels.registry import open_channel
from pushsvc.context import Context
from pushsvc.pipeline.deliver import Allowance, Sender
from pushsvc.store import inbox
from pushsvc.store.session import transaction


def open_channels(ctx: Context) -> dict[str, Channel]:
    """App, SMS and email adapters by channel name. Raises ChannelError for a setting that an adapter refuses."""
    settings, gateway = ctx.settings, {"key": ctx.settings.gateway_key, "clock": ctx.clock}
    timeout = settings.request_seconds
    options: Mapping[str, tuple[str, dict[str, object]]] = {
        "app": (
            "app",
            {"url": settings.app_url, "write": _writer(ctx), "look": _looker(ctx), "timeout": timeout, **gateway},
        ),
        "sms": ("http_sms", {"url": settings.sms_url, "timeout": timeout, **gateway}),
        "email": (
            "smtp",
            {
                "url": settings.smtp_url,
                "connections": int(settings.smtp_connections),
                "clock": ctx.clock,
                "sender": settings.sender,
                "timeout": timeout,
            },
        ),
    }
    return {name: open_channel(provider, given) for name, (provider, given) in options.items()}


def make_sender(ctx: Context, runner: asyncio.Runner) -> Sender:
    """A sender for this process: one loop owns all its connections (a kept connection dies with its loop)."""
    worker = f"{socket.gethostname()}:{os.getpid()}"
    return Sender(channels=open_channels(ctx), run=runner.run, worker=worker, may_send=_allowance(ctx))


def _allowance(ctx: Context) -> Allowance:
    """Buckets shared by all workers through Redis; without it each worker paces itself."""
    rate = Rate(ctx.settings.rate_per_second, burst=max(ctx.settings.rate_per_second, ctx.settings.slice_size))
    paces: dict[str, Pace] = {}

    def may_send(channel: str, n: int) -> bool:
        if channel not in paces:
            alone = MemoryPace(rate, time.monotonic)
            paces[channel] = RedisPace(ctx.redis, channel, rate=rate, instead=alone) if ctx.redis is not None else alone
        return paces[channel].take(n) == 0

    return may_send


def _writer(ctx: Context) -> Callable[[Sequence[Message]], None]:
    def write(messages: Sequence[Message]) -> None:
        with transaction(ctx.engine) as conn:
            inbox.write_letters(conn, [_letter(message) for message in messages], ctx.clock())

    return write


def _looker(ctx: Context) -> Callable[[Sequence[str]], list[str]]:
    def look(keys: Sequence[str]) -> list[str]:
        with transaction(ctx.engine) as conn:
            return inbox.known_keys(conn, keys)

    return look


def _letter(message: Message) -> dict[str, object]:
    policy = message.meta.get("policy_id")
    who = {"recipient_id": message.recipient, "profile_id": int(message.meta.get("profile_id") or message.recipient)}
    return who | {
        "wire_key": message.key,
        "policy_id": int(policy) if policy else None,
        "title": message.title,
        "body": message.text,
    }
