"""JPush's stage: keys do not travel, so that each has a device of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from channels.registry import open_channel
from channels.sandbox import Sandbox
from channels.sandbox.journal import journal_path, rows
from tests.channels.contract import Stage
from tests.clock import Clock


def account(sandbox: Sandbox, scheme: str, key: bytes) -> str:
    """The sandbox's account as a provider's URL."""
    host = sandbox.http_url.removeprefix("http://")
    return f"{scheme}+http://sandbox:{quote(key.decode(), safe='')}@{host}"


def addressed(sandbox: Sandbox, root: Path, begin: str) -> tuple[Any, Any]:
    """An address for each key, and the keys whose addresses were reached, in order."""
    known: dict[str, str] = {}

    def address(key: str) -> str:
        known[sandbox.gateway.hash(f"{begin}{key}")] = key
        return f"{begin}{key}"

    def arrived() -> list[str]:
        return [known[row["to"]] for row in rows(journal_path(root, "app")) if not row.get("repeat")]

    return address, arrived


def stage(sandbox: Sandbox, root: Path, *, key: bytes, clock: Clock, **more: Any) -> Stage:
    """JPush as the sandbox plays it."""
    url = account(sandbox, "jpush", key) + more.pop("query", "")
    channel = open_channel("jpush", {"url": url, "clock": clock, "timeout": 10.0, **more})
    address, arrived = addressed(sandbox, root, "1a0018970a")
    return Stage(channel, clock, arrived, sandbox, address=address, silent=True, meta={"policy_id": "7"})
