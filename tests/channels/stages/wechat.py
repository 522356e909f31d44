"""WeChat's stage. It is silent here because one of its events speaks of one person; tests/channels/push reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from channels.registry import open_channel
from channels.sandbox import Sandbox
from tests.channels.contract import Stage
from tests.channels.stages.jpush import account, addressed
from tests.clock import Clock


def stage(sandbox: Sandbox, root: Path, *, key: bytes, clock: Clock, **more: Any) -> Stage:
    """WeChat as the sandbox plays it."""
    query = more.pop("query", "&thing1=title&thing2=text")
    url = f"{account(sandbox, 'wechat', key)}?template=T-1{query}"
    channel = open_channel("wechat_mp", {"url": url, "clock": clock, "timeout": 10.0, **more})
    address, arrived = addressed(sandbox, root, "o6_bmjrPTlm6_2sgVt7hMZOP")
    return Stage(channel, clock, arrived, sandbox, address=address, silent=True, meta={"policy_id": "7"})
