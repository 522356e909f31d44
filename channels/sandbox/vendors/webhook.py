"""A government app's message platform as the sandbox plays it: signed batches that drop repeats, queries by key.

A user id that ends in `dead` is unknown there (`bad_address`).
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from channels.base import ChannelError
from channels.sandbox.acting import act
from channels.sandbox.desk import Desk
from channels.sandbox.faults import Fault
from channels.sandbox.wire import Answer, Request
from channels.signing import verify

PATHS = ("/platform/send", "/platform/query")
FULL = Answer({"code": "slow_down"}, 429, {"Retry-After": "1"})
MOST = 5000
Row = dict[str, Any]


def takes(request: Request) -> bool:
    """Whether the request is meant for the platform."""
    return request.path in PATHS


async def answer(desk: Desk, request: Request) -> Answer | None:
    """The platform's answer. Raises ChannelError "bad_signature" or "bad_request"."""
    verify(desk.key, request.body, request.headers, desk.clock())
    try:
        told = json.loads(request.body)
        if request.path == PATHS[1]:
            found = {str(key): desk.journals["app"].state(str(key)) for key in told["keys"]}
            return Answer({"results": found, "at": desk.clock().isoformat()})
        messages = [{name: str(row[name]) for name in ("key", "to", "title", "text")} for row in told["messages"]]
        expires_at = datetime.fromisoformat(told["expires_at"])
        batch = str(told["batch_key"])
    except (ValueError, TypeError, KeyError, RecursionError) as exc:
        raise ChannelError("bad_request", "The body is no batch and no query.") from exc
    if expires_at.tzinfo is None or len(messages) > MOST:
        raise ChannelError("bad_request", f"expires_at needs its offset, and a batch has at most {MOST} messages.")

    def take(fault: Fault | None) -> Answer:
        if desk.clock() >= expires_at:
            return Answer({"results": [_no(row, "rejected", "expired") for row in messages]})
        return _take(desk, batch, messages, fault)

    return await act(desk, "app", [row["to"] for row in messages], take, said={"429": FULL})


def _take(desk: Desk, batch: str, messages: list[Row], fault: Fault | None) -> Answer:
    taken: list[Row] = []
    results: list[Row] = []
    seen: set[str] = set()
    journal = desk.journals["app"]
    for row in messages:
        mode = fault.mode if fault and fault.hits(row["to"]) else ""
        if row["to"].endswith("dead") or mode == "refuse":
            results.append(_no(row, "rejected", "refused" if mode else "bad_address"))
        elif mode == "defer":
            results.append(_no(row, "deferred", "busy") | {"retry_after": 1})
        else:
            kept: Row = {"key": row["key"], "to": desk.hash(row["to"]), "at": desk.clock().isoformat(), "batch": batch}
            taken.append(kept | ({"repeat": True} if row["key"] in seen or journal.known(row["key"]) else {}))
            seen.add(row["key"])
            results.append({"key": row["key"], "status": "accepted", "id": f"platform-{row['key']}"})
    journal.append(taken)
    return Answer({"results": results})


def _no(row: Row, status: str, code: str) -> Row:
    return {"key": row["key"], "status": status, "code": code}
