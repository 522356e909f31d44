"""JPush v3 (极光推送): one request for up to a thousand devices that are told the same.

Source: docs.jiguang.cn, REST API v3 Push (payload, codes), server overview (Basic auth, X-Rate-Limit-Reset).
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from channels.base import AfterUnknown, Batch, ChannelError, Clock, Known, Message, Outcome, Receipt
from channels.http import Caller, Failure, Reply, refused
from channels.push.account import plain, read_account, spread, stored
from channels.text import PUSH_TEXT_LIMIT, PUSH_TITLE_LIMIT

EXPIRED = "expired"
DAY = 86_400  # a phone that was off for a day is told late; JPush's own default
SPLITS = 40  # requests in search of dead devices, in one batch
NOBODY, PARAMETER = "1011", "1003"
DEAD = "1003:registration_id"  # a device that JPush calls invalid; 1003 alone is any wrong parameter
REJECTED = frozenset({"1002", PARAMETER, "1005", "1009"})  # what is wrong with the message stays wrong
UNKNOWN = frozenset({"1000", "1030"})  # an error or a time-out within JPush, after it had taken the request
Said = dict[tuple[str, str], Outcome]
OPTIONS = frozenset({"apns_production", "ttl", "hmos_category", "intent"})


class JPushChannel:
    """Sends to the registration id in `to`; title and text are cut to what a notification shows.

    Options: `url` (`jpush://appkey:secret@api.jpush.cn?apns_production=false&ttl=86400&hmos_category=…&intent=…`),
    `clock`, `timeout` (seconds, for a request), `token` (for vendors that call back; JPush does not).
    `apns_production` is true unless it says false, because the vendor's own libraries differ in what they leave out;
    `ttl` is how long JPush keeps a message for a phone that is off; `intent` is what a tap opens.

    Asked again about the same members, it sends the same `cid`, and for a day JPush returns its first answer instead
    of pushing again. Of a request that fails for a dead device the halves are tried, until it is found.
    """

    name = "app"
    provider = "jpush"
    batch_size = 500
    after_unknown: AfterUnknown = "repeat"

    def __init__(self, url: str, *, clock: Clock, timeout: float = 20.0, token: str = "") -> None:
        account = read_account(url, "jpush", OPTIONS)
        self._appkey = account.user
        self._options = account.options
        self._ttl = _seconds(account.options.get("ttl", str(DAY)))
        self._clock = clock
        self._caller = Caller(account.base, clock=clock, timeout=timeout)
        basic = base64.b64encode(f"{account.user}:{account.secret}".encode()).decode()
        self._headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}

    async def send(self, batch: Batch) -> list[Outcome]:
        """One request for each group of messages with the same words; a group's answer is its members'."""
        search = _Search()
        groups = _groups(batch.messages)

        async def one(group: list[Message]) -> Said:
            return await self._group(group, batch.expires_at, search)

        said: Said = {}
        for found in await spread(groups, one):
            said |= found
        return [said[message.key, message.to] for message in batch.messages]

    async def query(self, keys: Sequence[str], *, proof_after: datetime | None = None) -> dict[str, Known]:
        """Nothing: JPush knows requests, not keys."""
        return {}

    def receipts(self, body: bytes, headers: Mapping[str, str]) -> list[Receipt]:
        """Raises ChannelError "no_receipts"."""
        raise ChannelError("no_receipts", "JPush sends no receipts for single devices.")

    async def close(self) -> None:
        """Closes the kept connections."""
        await self._caller.close()

    async def _group(self, group: list[Message], expires_at: datetime, search: _Search) -> Said:
        """The outcome of each. JPush refuses a request whole: for one invalid device, or where none exists."""
        outcome = await self._push(group, expires_at)
        if outcome.code not in (NOBODY, DEAD) or len(group) == 1:
            return {(message.key, message.to): outcome for message in group}
        if not search.more():
            return {(message.key, message.to): Outcome("deferred", outcome.code) for message in group}
        middle = len(group) // 2
        first = await self._group(group[:middle], expires_at, search)
        return first | await self._group(group[middle:], expires_at, search)

    async def _push(self, group: list[Message], expires_at: datetime) -> Outcome:
        if self._clock() >= expires_at:
            return Outcome("deferred", EXPIRED)
        body = json.dumps(self.payload(group), ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
        reply = await self._caller.call("POST", "/v3/push", body=body, headers=self._headers)
        if isinstance(reply, Failure):
            return Outcome("deferred" if reply.unsent else "unknown", reply.code, retry_after=reply.retry_after)
        return _outcome(reply)

    def payload(self, group: Sequence[Message]) -> dict[str, Any]:
        """What JPush is sent for messages that say the same."""
        cid = _cid(self._appkey, group)
        first = group[0]
        title, text = plain(first.title, PUSH_TITLE_LIMIT), plain(first.text, PUSH_TEXT_LIMIT)
        extras = {"policy_id": first.meta["policy_id"]} if first.meta.get("policy_id") else {}
        intent = {"intent": {"url": self._options["intent"]}} if self._options.get("intent") else {}
        category = self._options.get("hmos_category", "SUBSCRIPTION")
        return {
            "cid": cid,
            "platform": "all",
            "audience": {"registration_id": [message.to for message in group]},
            "notification": {
                "alert": text,
                "android": {"alert": text, "title": title, **intent, "extras": extras},
                "ios": {
                    "alert": {"title": title, "body": text}, "badge": "+1", "sound": "default", "extras": extras,
                },
                "hmos": {"alert": text, "title": title, "category": category, **intent, "extras": extras},
            },
            "options": {
                "sendno": int(cid[-7:], 16) or 1,
                "time_to_live": self._ttl,
                "apns_production": self._options.get("apns_production", "true") != "false",
            },
        }  # fmt: skip


class _Search:
    """Counts the times that a batch's groups are halved: an account of another app would call all devices dead."""

    def __init__(self) -> None:
        self._left = SPLITS

    def more(self) -> bool:
        """Whether a group may be halved once more."""
        self._left -= 1
        return self._left >= 0


def _groups(messages: Sequence[Message]) -> list[list[Message]]:
    """The messages that say the same, together; each group in the order of its keys, so that a repeat looks alike."""
    found: dict[tuple[str, str, str], list[Message]] = {}
    for message in messages:
        found.setdefault((message.title, message.text, message.meta.get("policy_id", "")), []).append(message)
    return [sorted(group, key=lambda message: (message.key, message.to)) for group in found.values()]


def _cid(appkey: str, group: Sequence[Message]) -> str:
    """`{appkey}-{uuid}`, always the same for the same messages to the same devices."""
    told = "\n".join(sorted(f"{message.key}\t{message.to}" for message in group))
    digest = hashlib.sha256(f"{appkey}\n{told}".encode(errors="replace")).digest()
    return f"{appkey}-{uuid.UUID(bytes=digest[:16], version=4)}"


def _outcome(reply: Reply) -> Outcome:
    found = reply.found if isinstance(reply.found, dict) else {}
    if reply.status == 200:
        number = stored(found.get("msg_id"))
        return Outcome("accepted", "", number) if number else Outcome("unknown", "no_answer")
    told = found.get("error")
    error = told if isinstance(told, dict) else {}
    code = stored(error.get("code"), 12)
    if not code:
        failure = refused(reply)
        return Outcome("deferred" if failure.unsent else "unknown", failure.code, retry_after=failure.retry_after)
    if code == PARAMETER and "registration_id" in str(error.get("message")):
        return Outcome("rejected", DEAD)
    if code == NOBODY or code in REJECTED:
        return Outcome("rejected", code)
    if code in UNKNOWN or reply.status >= 500:
        return Outcome("unknown", code)
    return Outcome("deferred", code, retry_after=reply.retry_after)  # it says no, and nothing left


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 7 and int(text) <= 10 * DAY):
        raise ValueError("ttl must be seconds, at most ten days")
    return int(text)
