"""Every implementation of the channel contract on a stage of its own: the adapter, and what stands behind it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from channels.base import Batch, Channel, Message
from channels.registry import open_channel
from channels.sandbox import Sandbox
from channels.sandbox.journal import journal_path, rows
from tests.clock import Clock

# Vendors with requests of their own: the module of `tests.channels.stages` that sets their stage.
VENDORS: dict[str, str] = {
    "aliyun_sms": "aliyun",
    "tencent_sms": "tencent",
    "web_push": "web_push",
    "jpush": "jpush",
    "wechat_mp": "wechat",
    "webhook": "webhook",
}
ADDRESSES = {"sms": "13800138000", "app": "device-token-0123456789", "email": "someone@mail.example"}


@dataclass
class Stage:
    """A channel, its clock, and the keys that truly arrived behind it, in order."""

    channel: Channel
    clock: Clock
    arrived: Callable[[], list[str]]
    sandbox: Sandbox | None = None
    address: Callable[[str], str] | None = None  # of a key, where keys do not travel and each needs its own
    callback: Callable[[Batch], tuple[bytes, dict[str, str]]] | None = None  # the vendor's own: all were delivered
    silent: bool = False  # the vendor calls nobody back
    meta: Mapping[str, str] = field(default_factory=dict)  # what its messages must say beside the text

    def batch(self, *keys: str, to: str = "", minutes: float = 5, text: str = "您有一条新政策") -> Batch:
        """A batch for these keys that expires in some minutes."""
        messages = tuple(
            Message(key, to or self._to(key), text=text, title="政策", raw=mail(key), meta=self.meta) for key in keys
        )
        return Batch(f"batch-{'-'.join(keys)}"[:60], messages, self.clock() + timedelta(minutes=minutes))

    def _to(self, key: str) -> str:
        return self.address(key) if self.address else ADDRESSES[self.channel.name]


def mail(key: str) -> bytes:
    """A small mail with lines that begin with dots."""
    head = f"Message-ID: <{key}@jianglan.example>\r\nFrom: a@jianglan.example\r\nSubject: x\r\n"
    return head.encode() + b"\r\n.\r\n..two\r\nend\r\n"


@dataclass
class InboxRows:
    """The service's inbox table: a key is kept once."""

    keys: dict[str, Message] = field(default_factory=dict)

    def write(self, messages: Iterable[Message]) -> None:
        """Stores what is new."""
        for message in messages:
            self.keys.setdefault(message.key, message)

    def look(self, keys: Iterable[str]) -> list[str]:
        """The keys it holds."""
        return [key for key in keys if key in self.keys]


def journalled(root: Path, channel: str) -> list[str]:
    """The keys in a sandbox's journal, dropped repeats left out."""
    return [row["key"] for row in rows(journal_path(root, channel)) if not row.get("repeat")]


def set_stage(provider: str, sandbox: Sandbox, root: Path, *, key: bytes, clock: Clock, **more: Any) -> Stage:
    """The stage for a provider; `more` are further options of its adapter."""
    if provider in ("memory", "console", "inbox"):
        return _alone(provider, key, clock)
    if provider in VENDORS:
        vendor: Any = import_module(f"tests.channels.stages.{VENDORS[provider]}")
        staged: Stage = vendor.stage(sandbox, root, key=key, clock=clock, **more)
        return staged
    options: dict[str, Any] = {"clock": clock, "timeout": 10.0, **more}
    if provider == "smtp":
        options |= {"url": sandbox.smtp_url, "sender": "江澜政策 <policy@jianglan.example>"}
    else:
        options |= {"url": sandbox.http_url, "key": key}
    if provider == "app":
        options |= {"write": InboxRows().write}
    channel = open_channel(provider, options)
    return Stage(channel, clock, lambda: journalled(root, channel.name), sandbox)


def _alone(provider: str, key: bytes, clock: Clock) -> Stage:
    if provider == "memory":
        memory: Any = open_channel("memory", {"name": "sms", "key": key, "clock": clock})
        return Stage(memory, clock, lambda: [message.key for message in memory.sent])
    if provider == "inbox":
        table = InboxRows()
        options = {"write": table.write, "look": table.look, "clock": clock}
        return Stage(open_channel("inbox", options), clock, lambda: list(table.keys))
    stream = io.StringIO()
    console = open_channel("console", {"stream": stream, "clock": clock})
    return Stage(console, clock, lambda: [line.split()[1] for line in stream.getvalue().splitlines()])
