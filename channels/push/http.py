"""App push through an HTTP batch gateway. It drops keys it has seen, so an unknown batch may be repeated."""

from __future__ import annotations

from channels.base import AfterUnknown, Message
from channels.gateway import GatewayChannel
from channels.text import PUSH_TEXT_LIMIT, PUSH_TITLE_LIMIT, shorten


class HttpPush(GatewayChannel):
    """Sends `title` and `text`, cut to what a notification shows, to the device token in `to`."""

    name = "app"
    provider = "http_push"
    path = "push"
    after_unknown: AfterUnknown = "repeat"

    def words(self, message: Message) -> dict[str, str]:
        """Key, device token, title and text."""
        title, text = shorten(message.title, PUSH_TITLE_LIMIT), shorten(message.text, PUSH_TEXT_LIMIT)
        return {"key": message.key, "to": message.to, "title": title, "text": text}
