"""JPush as the sandbox plays it: POST /v3/push with Basic auth, a `cid` that pushes once a day, codes of its document.

A registration id that ends in `dead` does not exist: alone, or among others that do not, nobody is found (1011).
One that ends in `invalid` makes the whole request fail (1003), as JPush does with what it cannot read.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from channels.sandbox.acting import act
from channels.sandbox.desk import Desk
from channels.sandbox.faults import Fault
from channels.sandbox.journal import Journal, journal_path, rows
from channels.sandbox.vendors import ACCOUNT
from channels.sandbox.wire import Answer, Request

MOST = 1000
KEPT = timedelta(days=1)
FULL = Answer(
    {"error": {"code": 2002, "message": "Rate limit exceeded"}},
    429,
    {"X-Rate-Limit-Quota": "600", "X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": "37"},
)
_MORE = count(1)
_SENT: WeakKeyDictionary[Journal, dict[str, tuple[str, str]]] = WeakKeyDictionary()


def takes(request: Request) -> bool:
    """Whether the request is meant for JPush."""
    return request.path.partition("?")[0] == "/v3/push"


async def answer(desk: Desk, request: Request) -> Answer | None:
    """JPush's answer; each device that is pushed to is journalled."""
    refusal = _refusal(desk, request)
    if refusal is not None:
        return refusal
    told = _read(request.body)
    if told is None:
        return _error(1003, "the body is no payload")
    return await act(
        desk, "app", told["audience"]["registration_id"], lambda fault: _push(desk, told, fault), said={"429": FULL}
    )


def _refusal(desk: Desk, request: Request) -> Answer | None:
    if request.method != "POST":
        return _error(1001, "only POST", 405)
    right = base64.b64encode(ACCOUNT.encode() + b":" + desk.key)
    given = request.headers.get("authorization", "").removeprefix("Basic ").encode(errors="replace")
    return None if hmac.compare_digest(right, given) else _error(1004, "Authen failed", 401)


def _read(body: bytes) -> dict[str, Any] | None:
    """The payload, if it has the form that the document asks for."""
    try:
        told = json.loads(body)
        ids = told["audience"]["registration_id"]
        fine = told["platform"] and told["notification"] and isinstance(told.get("cid", ""), str)
        fine = fine and 0 < len(ids) <= MOST and all(isinstance(each, str) and each for each in ids)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return told if fine else None


def _push(desk: Desk, told: dict[str, Any], fault: Fault | None) -> Answer:
    cid, now = str(told.get("cid", "")), desk.clock()
    sent = _sent(desk, "app")
    ids: list[str] = told["audience"]["registration_id"]
    sendno = str(told.get("options", {}).get("sendno", 0))
    first = sent.get(cid) if cid else None
    if first is not None and now - datetime.fromisoformat(first[1]) < KEPT:
        desk.journals["app"].append([_row(desk, told, each, first[0]) | {"repeat": True} for each in ids])
        return Answer({"sendno": sendno, "msg_id": first[0]})
    invalid = next((each for each in ids if each.endswith("invalid")), None)
    if invalid is not None:
        return _error(1003, f"The registration_id {invalid} is invalid!")
    mode = fault.mode if fault else ""
    live = [each for each in ids if not each.endswith("dead") and not (fault and mode == "refuse" and fault.hits(each))]
    if not live:
        return _error(1011, "cannot find user by this audience")
    if mode == "defer":
        return FULL
    number = f"{int(now.timestamp())}{next(_MORE):06d}"
    desk.journals["app"].append([_row(desk, told, each, number) for each in live])
    if cid:
        sent[cid] = (number, now.isoformat())
    return Answer({"sendno": sendno, "msg_id": number})


def _row(desk: Desk, told: dict[str, Any], to: str, number: str) -> dict[str, Any]:
    """A row under a key of device and words: the same words twice at one device are a duplicate."""
    words = json.dumps(told["notification"], sort_keys=True).encode(errors="replace")
    key = hashlib.blake2b(to.encode(errors="replace") + b"\n" + words, key=desk.key[:64], digest_size=12).hexdigest()
    at = desk.clock().isoformat()
    return {"key": key, "to": desk.hash(to), "at": at, "batch": str(told.get("cid", "")), "msg": number}


def _sent(desk: Desk, channel: str) -> dict[str, tuple[str, str]]:
    """The first answer to each cid and its moment, read from the journal once."""
    journal = desk.journals[channel]
    if journal not in _SENT:
        kept = (row for row in rows(journal_path(desk.root, channel)) if row.get("msg") and not row.get("repeat"))
        _SENT[journal] = {row["batch"]: (row["msg"], row["at"]) for row in kept if row["batch"]}
    return _SENT[journal]


def _error(code: int, words: str, status: int = 400) -> Answer:
    return Answer({"error": {"code": code, "message": words}}, status)
