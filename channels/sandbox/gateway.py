"""The SMS and push gateway: signed batches in, an answer for each member, queries by key, faults on demand."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from channels.base import ChannelError, Clock
from channels.sandbox import vendors
from channels.sandbox.faults import Fault, Faults
from channels.sandbox.journal import Journal, count
from channels.sandbox.wire import Answer, Request
from channels.signing import verify

ROUTES = {"sms": "sms", "push": "app", "app": "app", "email": "email"}
Row = dict[str, Any]
Notify = Callable[[str, list[Row]], None]


@dataclass(frozen=True)
class Gateway:
    """What the gateway works with. SMS never drops a repeat, push does; `notify` takes the receipts to send, `die` ends
    the process at once."""

    root: Path
    journals: Mapping[str, Journal]
    faults: Faults
    key: bytes
    clock: Clock
    notify: Notify
    die: Callable[[], None]

    async def handle(self, request: Request) -> Answer | None:
        """The answer to a request, or None to hang up."""
        steps = request.path.partition("?")[0].strip("/").split("/")
        try:
            if steps == ["healthz"]:
                return Answer({"ok": True})
            if steps == ["count"]:
                return Answer(count(self.root))
            if request.method == "POST" and steps == ["faults"]:
                self.faults.tell(_json(request))
                return Answer({"ok": True})
            if request.method == "POST" and len(steps) == 2 and steps[0] in ROUTES:
                return await self._signed(ROUTES[steps[0]], steps[1], request)
            return await vendors.answer(self, request)
        except ChannelError as exc:
            status = 401 if exc.code == "bad_signature" else 400
            return Answer({"code": exc.code, "message": exc.sentence}, status)
        except OSError:  # the journal cannot be written, and then nothing was taken
            return Answer({"code": "journal"}, 503, {"Retry-After": "1"})

    async def _signed(self, channel: str, verb: str, request: Request) -> Answer | None:
        verify(self.key, request.body, request.headers, self.clock())
        told = _json(request)
        if verb == "query":
            return self._query(channel, told)
        if verb == "send" and channel != "email":
            return await self._send(channel, _batch(told))
        return Answer({"code": "not_found"}, 404)

    def _query(self, channel: str, told: Any) -> Answer:
        keys = told.get("keys") if isinstance(told, dict) else None
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            raise ChannelError("bad_request", "A query holds a list of keys.")
        found = {key: self.journals[channel].state(key) for key in keys}
        return Answer({"results": found, "at": self.clock().isoformat()})

    async def _send(self, channel: str, batch: _Batch) -> Answer | None:
        fault = self.faults.next(channel, [message["to"] for message in batch.messages])
        mode = fault.mode if fault else ""
        if fault and mode == "429":
            return Answer({"code": "slow_down"}, 429, {"Retry-After": str(int(fault.seconds))})
        if mode == "500":
            return Answer({"code": "failed"}, 500)
        if fault and mode in ("delay", "hang"):
            await asyncio.sleep(fault.seconds)
        if mode == "die":
            self.die()
        if mode in ("hang", "hang_up"):
            return None
        return await self._said(self._take(channel, batch, fault), fault)

    async def _said(self, results: list[Row], fault: Fault | None) -> Answer | None:
        """What is said about a batch that was taken, late, half or never as the fault wants it."""
        mode = fault.mode if fault else ""
        if mode == "die_after":
            self.die()
        if fault and mode == "answer_late":
            await asyncio.sleep(fault.seconds)
        if mode == "500_after":
            return Answer({"code": "failed"}, 500)
        return None if mode == "hang_up_after" else Answer({"results": results}, half=mode == "garbled")

    def _take(self, channel: str, batch: _Batch, fault: Fault | None) -> list[Row]:
        """Journals the batch and answers for each member. The expiry is looked at here, with nothing awaited between
        it and the journal: once it has passed, an absent key stays absent."""
        if self.clock() >= batch.expires_at:
            return [{"key": message["key"], "status": "rejected", "code": "expired"} for message in batch.messages]
        at, seen = self.clock().isoformat(), set[str]()
        taken: list[Row] = []
        results = []
        for message in batch.messages:
            key, mode = message["key"], fault.mode if fault and fault.hits(message["to"]) else ""
            if mode in ("refuse", "defer"):
                results.append(_refusal(key, mode))
                continue
            row: Row = {"key": key, "to": self.hash(message["to"]), "at": at, "batch": batch.key}
            if channel == "app" and (key in seen or self.journals[channel].known(key)):
                row["repeat"] = True
            if mode == "bounce":
                row["bounced"] = True
            seen.add(key)
            taken.append(row)
            results.append({"key": key, "status": "accepted", "id": f"{channel}-{key}"})
        self.journals[channel].append(taken)
        self.notify(channel, [_receipt(row) for row in taken if not row.get("repeat")])
        return results

    def hash(self, to: str) -> str:
        """What the journal keeps of an address."""
        return hashlib.blake2b(to.encode(errors="replace"), key=self.key[:64], digest_size=8).hexdigest()


@dataclass(frozen=True)
class _Batch:
    key: str
    expires_at: datetime
    messages: list[dict[str, str]]


def _json(request: Request) -> Any:
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError) as exc:
        raise ChannelError("bad_request", "The body is not JSON.") from exc


def _batch(told: Any) -> _Batch:
    try:
        messages = [{"key": str(row["key"]), "to": str(row["to"])} for row in told["messages"]]
        expires_at = datetime.fromisoformat(told["expires_at"])
        key = str(told["batch_key"])
    except (KeyError, TypeError, ValueError) as exc:
        raise ChannelError("bad_request", "A batch holds batch_key, expires_at and messages with key and to.") from exc
    if expires_at.tzinfo is None or len(messages) > 5000:
        raise ChannelError("bad_request", "expires_at needs its offset, and a batch has at most 5000 messages.")
    return _Batch(key, expires_at, messages)


def _refusal(key: str, mode: str) -> Row:
    if mode == "refuse":
        return {"key": key, "status": "rejected", "code": "refused"}
    return {"key": key, "status": "deferred", "code": "busy", "retry_after": 1}


def _receipt(row: Row) -> Row:
    bounced = bool(row.get("bounced"))
    status, code = ("bounced", "UNDELIV") if bounced else ("delivered", "DELIVRD")
    return {"key": row["key"], "status": status, "code": code, "at": row["at"]}
