"""The stage of a government app's own platform: keys travel, and it is on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from channels.registry import open_channel
from channels.sandbox import Sandbox
from tests.channels.contract import Stage, journalled
from tests.clock import Clock


def stage(sandbox: Sandbox, root: Path, *, key: bytes, clock: Clock, **more: Any) -> Stage:
    """The platform as the sandbox plays it."""
    options = {"url": f"webhook+{sandbox.http_url}/platform", "key": key, "clock": clock, "timeout": 10.0}
    channel = open_channel("webhook", {"allow_local": True, **options, **more})
    return Stage(channel, clock, lambda: journalled(root, "app"), sandbox)
