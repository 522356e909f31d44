"""Pushers: the vendors behind the app channel's registered devices, opened as the settings name them.

They are no routes: nothing is planned, paced, paused or settled by them. They have hooks of their own all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from channels.base import AfterUnknown, Batch, Channel, ChannelError, Known, Outcome, Receipt
from channels.fan_out import Reach, read_receipts
from channels.registry import open_channel
from channels.signers.token import MemoryStore, Store
from pushsvc.context import Context
from pushsvc.links import hook_token
from pushsvc.pipeline import web_push
from pushsvc.pipeline.devices import reach
from pushsvc.pipeline.token_store import RedisTokens
from pushsvc.push_offers import SETTING, PushOffer

WEB = "web"
THANKS = {"wechat_mp": "success"}  # developers.weixin.qq.com: or the empty text, else WeChat calls again and complains


def open_pushers(ctx: Context) -> dict[str, Channel]:
    """The vendors' adapters by platform; Web Push wherever its key is known. Raises ChannelError with the setting."""
    found = {offer.platform: _open(SETTING, offer.kind, _options(ctx, offer)) for offer in ctx.settings.push_offers()}
    if ctx.settings.vapid_key:
        found[WEB] = _open("PUSHSVC_VAPID_KEY", "web_push", _web_options(ctx))
    return found


def reach_of(ctx: Context, pushers: Mapping[str, Channel]) -> Reach | None:
    """How the app channel finds registered devices; None where there is no vendor: then the registry is never asked."""
    return reach(ctx, pushers) if pushers else None


def hooks_of(ctx: Context, pushers: Mapping[str, Channel]) -> dict[str, Channel]:
    """What reads the vendors' callbacks, by platform."""
    known = reach(ctx, pushers)
    return {platform: PusherHook(platform, pusher, known) for platform, pusher in pushers.items()}


class PusherHook:
    """A vendor as its hook sees it: receipts are those of the messages behind its pushes."""

    name = "app"

    def __init__(self, platform: str, pusher: Channel, known: Reach) -> None:
        self.provider = pusher.provider
        self.batch_size = pusher.batch_size
        self.after_unknown: AfterUnknown = pusher.after_unknown
        self.thanks = THANKS.get(pusher.provider)
        self.pusher = pusher
        self._platform = platform
        self._reach = known

    async def send(self, batch: Batch) -> list[Outcome]:
        """As the vendor's adapter does."""
        return await self.pusher.send(batch)

    async def query(self, keys: Sequence[str], *, proof_after: datetime | None = None) -> dict[str, Known]:
        """As the vendor's adapter does."""
        return await self.pusher.query(keys, proof_after=proof_after)

    def receipts(self, body: bytes, headers: Mapping[str, str]) -> list[Receipt]:
        """The receipts in a callback; devices that it calls dead are dropped. Raises ChannelError."""
        return read_receipts(self._reach, self._platform, self.pusher, self.pusher.receipts(body, headers))

    def echo(self, headers: Mapping[str, str]) -> str:
        """What a vendor wants to hear that tries the address first. Raises ChannelError "no_receipts"."""
        say = getattr(self.pusher, "echo", None)
        if say is None:
            raise ChannelError("no_receipts", "This vendor tries no address.")
        return str(say(headers))

    async def close(self) -> None:
        """Closes the vendor's connections."""
        await self.pusher.close()


def _options(ctx: Context, offer: PushOffer) -> dict[str, object]:
    settings = ctx.settings
    options: dict[str, object] = {"url": offer.url, "clock": ctx.clock, "timeout": settings.request_seconds}
    if offer.kind == "webhook":
        return options | {"key": offer.key, "allow_local": offer.is_here}
    options["token"] = hook_token(settings.secret_key, offer.platform)
    return options | ({"store": _store(ctx)} if offer.kind == "wechat_mp" else {})


def _web_options(ctx: Context) -> dict[str, object]:
    return {**web_push.options(ctx.settings), "clock": ctx.clock, "timeout": ctx.settings.request_seconds}


def _store(ctx: Context) -> Store:
    return MemoryStore() if ctx.redis is None else RedisTokens(ctx.redis, ctx.keyring, ctx.clock)


def _open(setting: str, kind: str, options: Mapping[str, object]) -> Channel:
    try:
        return open_channel(kind, options)
    except ChannelError as exc:
        raise ChannelError(exc.code, f"{setting}: {exc.sentence}") from exc
