"""A government app's own message platform behind a signed webhook, for cities whose portal has no vendor.

`POST {url}/send` and `{url}/query` carry what `channels.gateway` says, signed as `channels.signing` does; the platform
drops keys that it has seen, and calls back with signed receipts. Where the URL leads is guarded (`channels.guard`).
"""

from __future__ import annotations

import httpx

from channels.base import AfterUnknown, Clock, Message
from channels.gateway import GatewayChannel
from channels.guard import GuardedTransport, Way, read_target
from channels.http import Failure, Poster, Reply
from channels.text import PUSH_TEXT_LIMIT, PUSH_TITLE_LIMIT, shorten

SCHEME = "webhook+"
SYSTEM = Way()


class _GuardedPoster(Poster):
    """Signed POSTs that the guard lets through."""

    def __init__(self, url: str, *, key: bytes, clock: Clock, timeout: float, guard: tuple[Way, bool]) -> None:
        super().__init__(url, key=key, clock=clock, timeout=timeout)
        self._guard = guard

    async def post(self, path: str, content: object) -> Reply | Failure:
        """POSTs under the URL itself: a webhook has no channel's name in its path."""
        return await super().post("/" + path.lstrip("/"), content)

    def _transport(self, limits: httpx.Limits) -> GuardedTransport:
        way, allow_local = self._guard
        return GuardedTransport(limits, way=way, allow_local=allow_local)


class WebhookChannel(GatewayChannel):
    """Sends to the platform's user id in `to`; `meta["url"]`, if there is one, is what a tap opens.

    Options: `url` (`webhook+https://host/path`), `key`, `clock`, `timeout` (seconds, for a whole request);
    `allow_local` lets it speak to this machine; `way` stands for the machine's resolver and authorities. Raises
    ChannelError "blocked_address" for a URL that leads where it must not.
    """

    name = "app"
    provider = "webhook"
    after_unknown: AfterUnknown = "repeat"

    def __init__(
        self,
        url: str,
        *,
        key: bytes,
        clock: Clock,
        timeout: float = 20.0,
        allow_local: bool = False,
        way: Way = SYSTEM,
    ) -> None:
        if not url.startswith(SCHEME):
            raise ValueError(f"the URL must begin with {SCHEME}https://")
        plain = url.removeprefix(SCHEME)
        read_target(plain, allow_local=allow_local)
        super().__init__(plain, key=key, clock=clock, timeout=timeout)
        self._poster = _GuardedPoster(plain, key=key, clock=clock, timeout=timeout, guard=(way, allow_local))

    def words(self, message: Message) -> dict[str, str]:
        """Key, user id, title, text, and the link where there is one."""
        title, text = shorten(message.title, PUSH_TITLE_LIMIT), shorten(message.text, PUSH_TEXT_LIMIT)
        found = {"key": message.key, "to": message.to, "title": title, "text": text}
        link = message.meta.get("url", "")
        return found | {"url": link} if link else found
