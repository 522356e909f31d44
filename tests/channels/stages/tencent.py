"""Tencent Cloud SMS before the sandbox's Tencent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from channels.base import Batch
from channels.registry import open_channel
from channels.sandbox import Sandbox
from tests.channels.contract import Stage
from tests.channels.stages.aliyun import TOKEN, account
from tests.channels.stages.numbers import Numbers
from tests.clock import Clock

META = {
    "sign": "江澜政策",
    "template": "1110",
    "params": json.dumps({"check": "K7QD2M", "title": "人才补贴"}),
    "order": json.dumps(["title", "check"]),
}


def stage(sandbox: Sandbox, root: Path, *, key: bytes, clock: Clock, **more: Any) -> Stage:
    """The stage: each key has a number of its own, for no key travels."""
    numbers = Numbers(sandbox, root)
    url = f"{account(sandbox, key, 'tencent')}?app=1400006666"
    options = {"url": url, "token": TOKEN, "clock": clock, "timeout": 10.0, **more}
    return Stage(
        open_channel("tencent_sms", options),
        clock,
        numbers.arrived,
        sandbox,
        address=numbers.of,
        callback=report,
        meta=META,
    )


def report(batch: Batch) -> tuple[bytes, dict[str, str]]:
    """The status callback for a batch of which all were delivered."""
    entries = [
        {
            "user_receive_time": "2026-06-24 09:30:05",
            "nationcode": "86",
            "mobile": message.to.removeprefix("+86"),
            "report_status": "SUCCESS",
            "errmsg": "DELIVRD",
            "description": "用户短信送达成功",
            "sid": f"2019:{538_352_200_000 + place}",
        }
        for place, message in enumerate(batch.messages)
    ]
    return json.dumps(entries).encode(), {"X-Pushsvc-Token": TOKEN}
