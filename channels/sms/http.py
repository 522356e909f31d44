"""SMS through an HTTP batch gateway. A number has no memory: what is unknown is settled by query or receipt only."""

from __future__ import annotations

from channels.base import AfterUnknown, Message
from channels.gateway import GatewayChannel


class HttpSms(GatewayChannel):
    """Sends `text`, signature included, to `to`."""

    name = "sms"
    provider = "http_sms"
    path = "sms"
    after_unknown: AfterUnknown = "settle"

    def words(self, message: Message) -> dict[str, str]:
        """Key, number and text."""
        return {"key": message.key, "to": message.to, "text": message.text}
