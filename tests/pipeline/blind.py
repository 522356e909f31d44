"""An SMS vendor that never sees wire keys: receipts by attempt and number, answers when asked, replies of people."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from channels.base import Asked, ChannelError, Outcome, Receipt, Reply
from channels.memory import MemoryChannel
from pushsvc.context import Context
from pushsvc.pipeline.deliver import Sender, deliver_next
from pushsvc.pipeline.plan import plan
from pushsvc.pipeline.receipt import accept, match_receipts
from tests.clock import Clock
from tests.making import Sent, send_to

TOKEN = "secret-step-of-the-hook"
Answer = Callable[[Asked], Receipt | None]


class Blind(MemoryChannel):
    """Keeps who was asked about in `asked`, call by call; `knows` answers."""

    provider = "aliyun_sms"

    def __init__(self, clock: Clock, knows: Answer = lambda one: None, **options: Any) -> None:
        super().__init__("sms", clock=clock, **options)
        self.knows = knows
        self.asked: list[list[Asked]] = []
        self.thanks = {"code": 0, "msg": "接收成功"}

    async def ask(self, members: Sequence[Asked]) -> list[Receipt]:
        self.asked.append(list(members))
        return [found for found in map(self.knows, members) if found is not None]

    def receipts(self, body: bytes, headers: Mapping[str, str]) -> list[Receipt]:
        _check(headers)
        return [Receipt(**{"key": "", "code": "", "raw": {}, **row}) for row in json.loads(body)]

    def replies(self, body: bytes, headers: Mapping[str, str]) -> list[Reply]:
        _check(headers)
        return [Reply(row["phone"], row["said"], row.get("id", "")) for row in json.loads(body)]


def _check(headers: Mapping[str, str]) -> None:
    if headers.get("X-Pushsvc-Token") != TOKEN:
        raise ChannelError("bad_signature", "The token is wrong.")


def silent(_: object) -> Outcome:
    """The vendor's connection broke off."""
    return Outcome("unknown", "read_timeout")


def through(sender: Sender, **routes: Blind) -> Sender:
    """The sender whose SMS go by these routes; the first takes all of them."""
    others = {name: one for name, one in sender.channels.items() if name != "sms"}
    first = next(iter(routes))
    return replace(sender, channels={**others, **routes}, pick=lambda channel, lot, lane: first)


def send(ctx: Context, sender: Sender, n: int = 1) -> Sent:
    """A campaign to `n` people that has been handed over."""
    sent = send_to(ctx, n)
    plan(ctx, sent.campaign_id)
    while deliver_next(ctx, sender, "normal"):
        pass
    return sent


def report(vendor: Blind, number: int = 0, status: str = "delivered", **more: Any) -> dict[str, Any]:
    """What the vendor says of a message it was given, the batch by its key."""
    batch = vendor.batches[-1]
    return {"batch": batch.key, "to": batch.messages[number].to, "status": status, **more}


def tell(ctx: Context, vendor: Blind, *rows: dict[str, Any], route: str | None = "ali") -> int:
    """Accept and match a callback; how many receipts were new."""
    new = accept(ctx, vendor, json.dumps(rows).encode(), {"X-Pushsvc-Token": TOKEN}, route=route)
    match_receipts(ctx)
    return new
