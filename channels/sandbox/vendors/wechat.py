"""WeChat as the sandbox plays it: a stable access token, and subscription messages that never drop a repeat.

An openid that ends in `dead` does not exist (40003), in `gone` follows no more (43004), in `stop` refused (43101).
The number in `<root>/wechat.tokens` is how often the token was forced: writing another ends the one in use.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from itertools import count
from typing import Any
from urllib.parse import parse_qs

from channels.sandbox.acting import act
from channels.sandbox.desk import Desk
from channels.sandbox.faults import Fault
from channels.sandbox.vendors import ACCOUNT
from channels.sandbox.wire import Answer, Request

SEND, TOKEN = "/cgi-bin/message/subscribe/bizsend", "/cgi-bin/stable_token"
LASTS, OVERLAP = 7200, 300
FULL = Answer({"errcode": 45009, "errmsg": "reach max api daily quota limit"})
OF_PEOPLE = {"dead": (40003, "invalid openid"), "gone": (43004, "require subscribe"), "stop": (43101, "user refuse")}
_MORE = count(1)


def takes(request: Request) -> bool:
    """Whether the request is meant for WeChat."""
    return request.path.partition("?")[0] in (SEND, TOKEN)


async def answer(desk: Desk, request: Request) -> Answer | None:
    """WeChat's answer, always 200; each message is journalled."""
    path, _, query = request.path.partition("?")
    try:
        told = json.loads(request.body)
    except (ValueError, RecursionError):
        told = None
    if request.method != "POST" or not isinstance(told, dict):
        return _error(43002 if request.method != "POST" else 47001, "require POST of JSON")
    if path == TOKEN:
        return _token(desk, told)
    given = parse_qs(query).get("access_token", [""])[0]
    if not any(hmac.compare_digest(given.encode(errors="replace"), each.encode()) for each in _valid(desk)):
        return _error(40001, "invalid credential, access_token is invalid or not latest")
    refusal = _refusal(told)
    if refusal is not None:
        return refusal
    return await act(desk, "app", [told["touser"]], lambda fault: _send(desk, told, fault), said={"429": FULL})


def _refusal(told: dict[str, Any]) -> Answer | None:
    to, data = told.get("touser"), told.get("data")
    if not isinstance(told.get("template_id"), str) or not told["template_id"]:
        return _error(40037, "invalid template_id")
    if not isinstance(to, str) or not to:
        return _error(40003, "invalid openid")
    values = [row.get("value") for row in data.values() if isinstance(row, dict)] if isinstance(data, dict) else []
    if not values or not all(isinstance(value, str) and value for value in values):
        return _error(47003, "argument invalid!")
    if any(name.startswith("thing") and len(row["value"]) > 20 for name, row in told["data"].items()):
        return _error(47003, "argument invalid! data.thing.value is too long")
    return next((_error(*why) for end, why in OF_PEOPLE.items() if to.endswith(end)), None)


def _send(desk: Desk, told: dict[str, Any], fault: Fault | None) -> Answer:
    mode = fault.mode if fault else ""
    if mode in ("refuse", "defer"):
        return _error(43101, "user refuse") if mode == "refuse" else _error(-1, "system error")
    to, now = told["touser"], desk.clock()
    words = json.dumps([to, told["template_id"], told["data"]], sort_keys=True).encode(errors="replace")
    key = hashlib.blake2b(words, key=desk.key[:64], digest_size=12).hexdigest()
    number = int(now.timestamp()) * 1_000_000 + next(_MORE)
    desk.journals["app"].append([{"key": key, "to": desk.hash(to), "at": now.isoformat(), "msg": str(number)}])
    return Answer({"errcode": 0, "errmsg": "ok", "msgid": number})


def _token(desk: Desk, told: dict[str, Any]) -> Answer:
    right = hmac.compare_digest(str(told.get("secret")).encode(errors="replace"), desk.key)
    if told.get("appid") != ACCOUNT or not right:
        return _error(40125, "invalid appsecret")
    if told.get("force_refresh") is True:
        (desk.root / "wechat.tokens").write_text(str(_forced(desk) + 1))
    window, left = _window(desk)
    return Answer({"access_token": _made(desk, window), "expires_in": left})


def _window(desk: Desk) -> tuple[int, int]:
    """Which token is given out now, and for how many seconds more. In its last minutes the next one is."""
    now = int(desk.clock().timestamp())
    window = (now + OVERLAP) // LASTS
    return window, (window + 1) * LASTS - now


def _valid(desk: Desk) -> list[str]:
    """The token given out now, and the one before it while both work."""
    now = int(desk.clock().timestamp())
    return [_made(desk, window) for window in sorted({now // LASTS, (now + OVERLAP) // LASTS})]


def _made(desk: Desk, window: int) -> str:
    return hmac.new(desk.key, f"wechat:{window}:{_forced(desk)}".encode(), hashlib.sha256).hexdigest()


def _forced(desk: Desk) -> int:
    try:
        return int((desk.root / "wechat.tokens").read_text())
    except (FileNotFoundError, ValueError):
        return 0


def _error(code: int, words: str) -> Answer:
    return Answer({"errcode": code, "errmsg": words})
