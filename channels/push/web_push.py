"""Web Push: each message encrypted for one browser and posted to its push service (RFC 8030, 8188, 8291, 8292)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from channels.base import AfterUnknown, Batch, ChannelError, Clock, Known, Message, Outcome, Receipt, all_outcomes
from channels.http import PLAIN, retry_seconds
from channels.push.answers import Answer
from channels.push.line import Line, LineError
from channels.push.sealing import payload, seal
from channels.push.subscription import KNOWN, Origin, Subscription, read_subscription
from channels.signers.base64url import encode
from channels.signers.vapid import Vapid

EXPIRED = "expired"
LINES = 32  # at once, over all push services
PATH = "/m/inbox"
DAY = 86_400
URGENCIES = ("very-low", "low", "normal", "high")
_FIXED = (
    b"content-type: application/octet-stream",
    b"content-encoding: aes128gcm",
    *(f"{name.lower()}: {value}".encode() for name, value in PLAIN.items()),
)


class _Job(NamedTuple):
    place: int
    message: Message
    subscription: Subscription


@dataclass
class _Group:
    """What goes to one push service. `shut`: no line to it could be had, so that nothing of it leaves for now."""

    origin: Origin
    name: str  # as VAPID names it
    jobs: deque[_Job] = field(default_factory=deque)
    shut: str = ""


@dataclass(frozen=True)
class _Round:
    """A batch under way: its outcomes by place, until when of the loop's clock, and the lines that may be at work."""

    batch: Batch
    found: list[Outcome]
    until: float
    free: asyncio.Semaphore


class WebPush:
    """Options: `vapid_key` and `subject` (as in `Vapid`), `clock`, `timeout` (seconds, for a whole batch), `allowed`
    (push services, as in `read_subscription`), `keep` (seconds that a message waits for a browser that is off).

    `to` is a subscription as JSON. Its browser gets `{"title", "text", "url", "key"}`, cut to what a notification
    shows, so that the whole fits the 4096 bytes that every service takes (RFC 8030, 7.2).

    An unknown message may be repeated: its Topic is a hash of its key, so a service that still holds it replaces it
    (RFC 8030, 5.4), and our service worker, which finds the key within, shows no key twice where the first was
    delivered before the second came.
    """

    name = "app"
    provider = "web_push"
    after_unknown: AfterUnknown = "repeat"

    def __init__(
        self,
        *,
        vapid_key: str,
        subject: str,
        clock: Clock,
        timeout: float = 20.0,
        allowed: Sequence[str] = KNOWN,
        keep: int = DAY,
    ) -> None:
        self.batch_size = 500
        self._vapid = Vapid(vapid_key, subject)
        self._clock = clock
        self._timeout = timeout
        self._allowed = tuple(allowed)
        self._keep = keep
        self._idle: dict[Origin, list[Line]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    async def send(self, batch: Batch) -> list[Outcome]:
        """A POST for each message, LINES at a time; what is not reached in time has not left, and is deferred."""
        if not batch.messages:
            return []
        found = all_outcomes(batch, "deferred", EXPIRED)
        if self._clock() >= batch.expires_at:
            return found
        self._begin()
        groups = self._groups(batch, found)
        left = (batch.expires_at - self._clock()).total_seconds()
        until = asyncio.get_running_loop().time() + min(left, self._timeout)
        now = _Round(batch, found, until, asyncio.Semaphore(LINES))
        share = max(1, LINES // max(1, len(groups)))  # a service that hangs leaves lines to the others
        async with asyncio.TaskGroup() as tasks:
            for group in groups:
                for _ in range(min(share, len(group.jobs))):
                    tasks.create_task(self._work(group, now))
        return found

    async def query(self, keys: Sequence[str], *, proof_after: datetime | None = None) -> dict[str, Known]:
        """Nothing: a push service tells nobody what it holds."""
        return {}

    def receipts(self, body: bytes, headers: Mapping[str, str]) -> list[Receipt]:
        """Push services call nobody back. Raises ChannelError "no_receipts"."""
        raise ChannelError("no_receipts", "Web Push sends no receipts.")

    async def close(self) -> None:
        """Closes the lines that are kept."""
        idle, self._idle = self._idle, {}
        for line in [line for lines in idle.values() for line in lines]:
            line.close()

    def _begin(self) -> None:
        """Forgets the lines of another loop, which ended with it, and closes those that are of no more use."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._idle = loop, {}
        for origin, lines in list(self._idle.items()):
            stale = [line for line in lines if not line.is_open()]
            for line in stale:
                line.close()
            lines[:] = [line for line in lines if line not in stale]
            if not lines:
                del self._idle[origin]

    def _groups(self, batch: Batch, found: list[Outcome]) -> list[_Group]:
        """The messages by push service; those whose subscription cannot be used get their outcome here."""
        groups: dict[Origin, _Group] = {}
        for place, message in enumerate(batch.messages):
            try:
                subscription = read_subscription(message.to, self._allowed)
            except ChannelError as exc:
                found[place] = Outcome("rejected", exc.code)
                continue
            origin = subscription.origin
            if origin not in groups:
                groups[origin] = _Group(origin, str(origin))
            groups[origin].jobs.append(_Job(place, message, subscription))
        return list(groups.values())

    async def _work(self, group: _Group, now: _Round) -> None:
        """One line at work until nothing of its group is left, or no time."""
        loop = asyncio.get_running_loop()
        async with now.free:
            idle = self._idle.get(group.origin)
            line = idle.pop() if idle else Line(group.origin)
            while group.jobs and loop.time() < now.until and self._clock() < now.batch.expires_at:
                job = group.jobs.popleft()
                if group.shut:
                    now.found[job.place] = Outcome("deferred", group.shut)
                else:
                    now.found[job.place] = await self._post(line, job, group, now)
            self._idle.setdefault(group.origin, []).append(line)

    async def _post(self, line: Line, job: _Job, group: _Group, now: _Round) -> Outcome:
        moment = self._clock()
        left = int((now.batch.expires_at - moment).total_seconds())
        head = (
            *_FIXED,
            b"authorization: " + self._vapid.header(group.name, moment),
            b"ttl: %d" % (left + self._keep),
            b"topic: " + topic(job.message.key),
            b"urgency: " + _urgency(job.message),
        )
        body = seal(payload(job.message, PATH), job.subscription)
        try:
            answer = await line.post(job.subscription.target.encode(), head, body, until=now.until)
        except LineError as exc:
            if exc.sent:
                return Outcome("unknown", exc.code)
            group.shut = exc.code
            return Outcome("deferred", exc.code)
        return outcome(answer, moment)


def topic(key: str) -> bytes:
    """A message's Topic: at most 32 letters of url-safe base64 (RFC 8030, 5.4), from which nobody has the key."""
    return encode(blake2b(key.encode(errors="replace"), digest_size=18).digest()).encode()


def outcome(answer: Answer, now: datetime) -> Outcome:
    """What an answer says of its message.

    A message was taken where 201 or 202 says so (RFC 8030, 5 and 5.1; some services say 200). 404 and 410: the
    subscription is no more (7.3). 429 and 503 refuse for now, 401 and 403 refuse us (RFC 8292, 4.2), 400 is our own
    mistake: nothing was taken. Any other 5xx: RFC 8030 gives it no meaning, and by RFC 9110, 15.6 the service failed,
    which may have been after it took the message: unknown, and a repeat is free of harm. Nothing is redirected.
    """
    status, code = answer.status, f"http_{answer.status}"
    if 200 <= status < 300:
        return Outcome("accepted", "", _last_part(answer.location))
    if status in (404, 410, 413):
        return Outcome("rejected", code)
    if status >= 500 and status != 503:
        return Outcome("unknown", code)
    return Outcome("deferred", code, retry_after=retry_seconds(answer.retry_after, now))


def _last_part(location: str) -> str:
    """The name of the message at its service, in letters that can be stored."""
    last = location.partition("?")[0].rstrip("/").rpartition("/")[2]
    return "".join(char for char in last if "!" <= char <= "~")[:100]


def _urgency(message: Message) -> bytes:
    asked = message.meta.get("urgency", "")
    return (asked if asked in URGENCIES else "normal").encode()
