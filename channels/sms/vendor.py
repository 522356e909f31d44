"""What the SMS vendors share: calls for groups of one attempt, answers in step, receipts and replies by a token."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from channels.base import AfterUnknown, Asked, Batch, ChannelError, Clock, Known, Message, Outcome, Receipt, Reply
from channels.http import Caller, Failure, refused
from channels.http import Reply as HttpReply
from channels.reasons import reason
from channels.sms.texts import Account, Text, national, read_account, read_text

TOKEN = "x-pushsvc-token"
BODY_LIMIT = 4 * 1024 * 1024
CALLS = 8  # of one attempt, or of one question, at once
ONES = frozenset({"permanent_recipient", "recipient_opt_out", "throttled_recipient"})  # classes that mean one number


class VendorSms(ABC):
    """A vendor that takes a template's values and a number, and never sees our keys.

    Options: `url` (see `read_account`), `token` (the secret last step of its hook: callbacks are not signed), `clock`,
    `timeout` (seconds, for a whole request). Nothing here tells a vendor of an expiry, so the clock is looked at before
    each call. What a template, its values or a number do not allow is rejected here, by `no_template`, `bad_params` or
    `bad_number`.
    """

    name = "sms"
    provider = ""
    scheme = ""
    options: ClassVar[tuple[str, ...]] = ()
    batch_size = 100
    after_unknown: AfterUnknown = "settle"
    thanks: ClassVar[dict[str, Any]] = {}  # what the vendor expects as the answer to a callback
    for_people: ClassVar[frozenset[str]] = frozenset()  # codes of its account, which wait until a person acts

    def __init__(self, url: str, *, token: str, clock: Clock, timeout: float = 20.0) -> None:
        if not token:
            raise ValueError("the token of its callbacks is empty")
        self._account: Account = read_account(url, self.scheme, self.options)
        self._token = token
        self._clock = clock
        self._caller = Caller(self._account.base, clock=clock, timeout=timeout)

    @abstractmethod
    def calls(self, texts: Sequence[Text]) -> Iterable[list[Text]]:
        """The texts by vendor call; a call bears a number once."""

    @abstractmethod
    async def submit(self, key: str, texts: Sequence[Text]) -> list[Outcome] | Outcome:
        """One call, `key` being the attempt's: an outcome for each text in order, or the one that all of them share."""

    @abstractmethod
    async def fate(self, member: Asked) -> Receipt | Failure | None:
        """What the vendor says of one message; None while it is waiting or not known."""

    @abstractmethod
    def report(self, row: dict[str, Any]) -> Receipt | None:
        """The receipt in a callback's entry, None where it says nothing usable."""

    @abstractmethod
    def heard(self, row: dict[str, Any]) -> Reply | None:
        """The reply in a callback's entry, None where it says nothing usable."""

    async def send(self, batch: Batch) -> list[Outcome]:
        """As few calls as the vendor allows, CALLS at once; a call that fails changes no other's outcomes."""
        outcomes, texts = _read(batch.messages)
        slots = asyncio.Semaphore(CALLS)
        parts = await asyncio.gather(*(self._deliver(batch, call, slots) for call in self.calls(texts)))
        for part in parts:
            outcomes |= part
        return [outcomes.get(place, Outcome("unknown", "no_answer")) for place in range(len(batch.messages))]

    async def query(self, keys: Sequence[str], *, proof_after: datetime | None = None) -> dict[str, Known]:
        """Nothing: the vendor never saw these keys, see `ask`."""
        return {}

    async def ask(self, members: Sequence[Asked]) -> list[Receipt]:
        """What the vendor knows of these messages, by their numbers; after one failed call no other is begun."""
        slots, down = asyncio.Semaphore(CALLS), asyncio.Event()

        async def one(member: Asked) -> Receipt | None:
            async with slots:
                found = None if down.is_set() or not national(member.to) else await self.fate(member)
            if isinstance(found, Failure):
                down.set()
                return None
            return found

        return [found for found in await asyncio.gather(*map(one, members)) if found is not None]

    def receipts(self, body: bytes, headers: Mapping[str, str]) -> list[Receipt]:
        """The receipts of a callback with our token; entries that say nothing usable are left out."""
        found = map(self.report, self._entries(body, headers, "bad_receipt"))
        return [receipt for receipt in found if receipt is not None]

    def replies(self, body: bytes, headers: Mapping[str, str]) -> list[Reply]:
        """The replies of a callback with our token; entries that say nothing usable are left out."""
        found = map(self.heard, self._entries(body, headers, "bad_reply"))
        return [reply for reply in found if reply is not None]

    async def close(self) -> None:
        """Closes the kept connections."""
        await self._caller.close()

    async def _deliver(self, batch: Batch, texts: Sequence[Text], slots: asyncio.Semaphore) -> dict[int, Outcome]:
        """The outcomes of one call, by place. One that was refused for a number's sake goes again in two halves: it
        was refused as a whole, and must not count against the others."""
        async with slots:
            late = self._clock() >= batch.expires_at
            answer = Outcome("deferred", "expired") if late else await self.submit(batch.key, texts)
        if isinstance(answer, list):
            return {text.place: outcome for text, outcome in zip(texts, answer, strict=True)}
        found = reason(self.provider, answer.code)
        if len(texts) == 1 or found is None or found.name not in ONES:
            return dict.fromkeys((text.place for text in texts), answer)
        middle = len(texts) // 2
        halves = (texts[:middle], texts[middle:])
        first, second = await asyncio.gather(*(self._deliver(batch, half, slots) for half in halves))
        return first | second

    def refusal(self, code: str, reply: HttpReply) -> Outcome:
        """What a vendor's code means: a code that nobody listed is a refusal that may pass, and trouble inside the
        vendor (5xx) proves nothing."""
        if not code and reply.status == 200:
            return Outcome("unknown", "no_answer")
        failed = reply.status >= 500
        if not code:
            return Outcome("unknown", f"http_{reply.status}") if failed else missed(refused(reply))
        found = reason(self.provider, code)
        status = found.status if found else "unknown" if failed else "deferred"
        if code in self.for_people:
            status = "deferred"
        if status == "accepted":  # said of a request that was not taken
            status = "unknown"
        return Outcome(status, code, retry_after=reply.retry_after if status == "deferred" else None)

    def silent(self, code: str, reply: HttpReply) -> Failure | None:
        """Whether a question was refused for a reason that meets all others too: it is full, down or shut."""
        found = reason(self.provider, code)
        shut = reply.status >= 500 or (found is not None and found.name in ("throttled_api", "auth"))
        return Failure(True, code or f"http_{reply.status}") if shut else None

    def _entries(self, body: bytes, headers: Mapping[str, str], code: str) -> list[dict[str, Any]]:
        given = next((value for name, value in headers.items() if name.lower() == TOKEN), "")
        if not hmac.compare_digest(given.encode(errors="replace"), self._token.encode()):
            raise ChannelError("bad_signature", "The callback does not bear the token of its hook.")
        if len(body) > BODY_LIMIT:
            raise ChannelError(code, f"The callback is larger than {BODY_LIMIT} bytes.")
        try:
            found = json.loads(body)
        except (ValueError, RecursionError) as exc:
            raise ChannelError(code, "The callback is not JSON.") from exc
        rows = found if isinstance(found, list) else [found]
        return [row for row in rows if isinstance(row, dict)]


def missed(failure: Failure) -> Outcome:
    """The outcome of a call without an answer."""
    return Outcome("deferred" if failure.unsent else "unknown", failure.code, retry_after=failure.retry_after)


def soft(provider: str, code: str) -> bool:
    """Whether a bounce may pass: all may but those whose code says that the number is dead or wants no more."""
    found = reason(provider, code)
    return found is None or not found.suppress


def digest(key: str, *words: str) -> str:
    """An id for what its vendor gave none: the same for the same words, and telling nothing of them."""
    text = "\n".join(words).encode(errors="replace")
    return hashlib.blake2b(text, key=key.encode()[:64], digest_size=12).hexdigest()


def _read(messages: Sequence[Message]) -> tuple[dict[int, Outcome], list[Text]]:
    outcomes, texts = dict[int, Outcome](), list[Text]()
    for place, message in enumerate(messages):
        try:
            texts.append(read_text(place, message))
        except ChannelError as exc:
            outcomes[place] = Outcome("rejected", exc.code)
    return outcomes, texts
