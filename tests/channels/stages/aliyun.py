"""Aliyun SMS before the sandbox's Aliyun."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from channels.base import Batch
from channels.registry import open_channel
from channels.sandbox import Sandbox
from tests.channels.contract import Stage
from tests.channels.stages.numbers import Numbers
from tests.clock import Clock

TOKEN = "a-token-that-nobody-guesses"
META = {"sign": "江澜政策", "template": "SMS_154950909", "params": json.dumps({"title": "人才补贴", "check": "K7QD2M"})}


def account(sandbox: Sandbox, key: bytes, scheme: str = "aliyun") -> str:
    """The URL of the sandbox's account with this vendor."""
    return f"{scheme}+http://sandbox:{quote(key.decode(), safe='')}@127.0.0.1:{sandbox.http_port}"


def stage(sandbox: Sandbox, root: Path, *, key: bytes, clock: Clock, **more: Any) -> Stage:
    """The stage: each key has a number of its own, for no key travels."""
    numbers = Numbers(sandbox, root)
    options = {"url": account(sandbox, key), "token": TOKEN, "clock": clock, "timeout": 10.0, **more}
    return Stage(
        open_channel("aliyun_sms", options),
        clock,
        numbers.arrived,
        sandbox,
        address=numbers.of,
        callback=report,
        meta=META,
    )


def report(batch: Batch) -> tuple[bytes, dict[str, str]]:
    """SmsReport for a batch of which all were delivered."""
    entries = [
        {
            "phone_number": message.to.removeprefix("+86"),
            "send_time": "2026-06-24 09:30:00",
            "report_time": "2026-06-24 09:30:05",
            "success": True,
            "err_code": "DELIVERED",
            "err_msg": "用户接收成功",
            "sms_size": "1",
            "biz_id": "900619746936498440^0",
            "out_id": batch.key,
        }
        for message in batch.messages
    ]
    return json.dumps(entries).encode(), {"X-Pushsvc-Token": TOKEN, "Content-Type": "application/json"}
