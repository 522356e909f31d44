"""Vendors as the sandbox plays them, told apart by what their requests look like; each verifies its own signature."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from channels.sandbox.desk import Desk
from channels.sandbox.wire import Answer, Request

NAMES: tuple[str, ...] = ("aliyun", "tencent", "web_push", "jpush", "wechat", "webhook")
ACCOUNT = "sandbox"  # the account that every vendor here knows; its secret is the sandbox's key


class Vendor(Protocol):
    """A module of this package."""

    def takes(self, request: Request) -> bool:
        """Whether the request is meant for this vendor."""
        ...

    async def answer(self, desk: Desk, request: Request) -> Answer | None:
        """What the vendor says, or None to hang up. Journals what it takes before it says so."""
        ...


async def answer(desk: Desk, request: Request) -> Answer | None:
    """The answer of the vendor that a request is meant for; 404 for nobody's."""
    for name in NAMES:
        vendor = cast(Vendor, import_module(f"{__name__}.{name}"))
        if vendor.takes(request):
            return await vendor.answer(desk, request)
    return Answer({"code": "not_found"}, 404)
