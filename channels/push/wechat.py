"""WeChat official account (公众号/服务号): long-term subscription messages, one request for one person.

Source: developers.weixin.qq.com, sendNewSubscribeMsg (POST /cgi-bin/message/subscribe/bizsend), getStableAccessToken,
global return codes. The call knows no key of ours (`client_msg_id` belongs to template messages), so that what is
unknown is settled by the event that WeChat sends, or by an operator.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from channels.base import AfterUnknown, Batch, ChannelError, Clock, Known, Message, Outcome, Receipt
from channels.http import Caller, Failure, Reply, refused
from channels.push.account import plain, read_account, spread, stored
from channels.push.wechat_events import checked_query, read_event
from channels.signers.token import MemoryStore, NoToken, Store, Token, TokenKeeper

EXPIRED = "expired"
JSON = {"Content-Type": "application/json"}
FIELD = re.compile(r"([a-z_]+?)_?([0-9]{1,3})")  # thing1, character_string2
# What a value of each type may hold (订阅消息参数值内容限制); those of the second cannot bear an ellipsis.
LIMITS = {"thing": 20, "character_string": 32, "number": 32, "letter": 32, "symbol": 5, "phrase": 5, "name": 10}
EXACT = frozenset({"character_string", "number", "letter", "symbol", "phrase", "name"})
VALUE_LIMIT = 64
STALE = frozenset({"40001", "40014", "42001"})  # the token: not the latest, invalid, timed out
TEMPLATE, TEMPLATE_AGAIN = "40037", "40037:again"  # seen to come and go: three batches in a row are not believed
BELIEVED_AFTER = 3
NO_VALUE = "47003"
DAY_QUOTA, MINUTE_QUOTA = "45009", "45011"
QUOTAS = frozenset({DAY_QUOTA, MINUTE_QUOTA})
BEIJING = ZoneInfo("Asia/Shanghai")
REJECTED = frozenset({"40003", "43004", "43101", NO_VALUE, "40249", "41030"})


def _no_token(record: logging.LogRecord) -> bool:
    """httpx writes each request's address into the log, and WeChat wants its token there."""
    return "access_token=" not in record.getMessage()


class WeChatChannel:
    """Sends to the openid in `to`.

    Options: `url` (`wechat://appid:secret@api.weixin.qq.com?template=ID&thing1=title&thing2=text&time3=until`, beside
    it `page`, in which `{policy_id}` is filled in, `miniprogram`, the app id of a mini-program whose page it is, and
    `token`), `clock`, `timeout` (seconds, for a request), `token` (signs what WeChat calls back: its first 32
    characters are entered there as 令牌, unless the URL names another), `store` (where all processes share the access
    token). The template's values are title, text, or what `meta` holds under the name.
    """

    name = "app"
    provider = "wechat_mp"
    batch_size = 100
    after_unknown: AfterUnknown = "settle"

    def __init__(
        self, url: str, *, clock: Clock, timeout: float = 20.0, token: str = "", store: Store | None = None
    ) -> None:
        account = read_account(url, "wechat")
        self._appid, self._secret, self._options = account.user, account.secret, account.options
        self._values = _values(account.options)
        self._token = account.options.get("token") or token[:32]
        self._clock = clock
        self._caller = Caller(account.base, clock=clock, timeout=timeout)
        self._doubted = 0
        logging.getLogger("httpx").addFilter(_no_token)
        keep = store if store is not None else MemoryStore()
        self._keeper = TokenKeeper(f"wechat:{self._appid}", store=keep, fetch=self._fetch, clock=clock)

    async def send(self, batch: Batch) -> list[Outcome]:
        """One request for each message, a few at a time."""

        async def one(message: Message) -> Outcome:
            return await self._one(message, batch.expires_at)

        return self._weighed(await spread(batch.messages, one))

    async def query(self, keys: Sequence[str], *, proof_after: datetime | None = None) -> dict[str, Known]:
        """Nothing: WeChat cannot be asked."""
        return {}

    def receipts(self, body: bytes, headers: Mapping[str, str]) -> list[Receipt]:
        """The final results in an event; the address's query stands in the header `X-Pushsvc-Query`.

        Raises ChannelError "bad_signature", "bad_receipt" or "no_receipts".
        """
        self._checked(headers)
        return read_event(body)

    def echo(self, headers: Mapping[str, str]) -> str:
        """What WeChat wants to hear when it first tries the address. Raises ChannelError as `receipts` does."""
        return self._checked(headers).get("echostr", "")[:VALUE_LIMIT]

    async def close(self) -> None:
        """Closes the kept connections."""
        await self._caller.close()

    def _checked(self, headers: Mapping[str, str]) -> dict[str, str]:
        if not self._token:
            raise ChannelError("no_receipts", "This channel was opened with no token and cannot check receipts.")
        return checked_query(self._token, headers, self._clock())

    async def _one(self, message: Message, expires_at: datetime) -> Outcome:
        content = self.content(message)
        if content is None:
            return Outcome("rejected", NO_VALUE)
        failed = ""
        while True:
            if self._clock() >= expires_at:
                return Outcome("deferred", EXPIRED)
            token = await self._keeper.token(failed)
            if isinstance(token, NoToken):
                return Outcome("deferred", token.code, retry_after=token.retry_after)
            if self._clock() >= expires_at:  # a token may have been long in coming
                return Outcome("deferred", EXPIRED)
            outcome = await self._post(content, token)
            if outcome.code not in STALE or failed:
                return outcome
            failed = token

    async def _post(self, content: dict[str, Any], token: str) -> Outcome:
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
        path = f"/cgi-bin/message/subscribe/bizsend?access_token={quote(token, safe='')}"
        reply = await self._caller.call("POST", path, body=body, headers=JSON)
        if isinstance(reply, Failure):
            return Outcome("deferred" if reply.unsent else "unknown", reply.code, retry_after=reply.retry_after)
        outcome = _outcome(reply)
        return outcome._replace(retry_after=_wait(outcome, self._clock())) if outcome.code in QUOTAS else outcome

    def content(self, message: Message) -> dict[str, Any] | None:
        """What WeChat is sent; None where the template wants a value that the message lacks: WeChat would refuse it,
        and anything made up would be told to somebody."""
        told = {"title": message.title, "text": message.text, **message.meta}
        data = {field: _fit(field, told.get(source, "")) for field, source in self._values.items()}
        if not all(data.values()):
            return None
        found: dict[str, Any] = {"touser": message.to, "template_id": self._options["template"]}
        page = self._options.get("page", "").replace("{policy_id}", quote(message.meta.get("policy_id", ""), safe=""))
        if page and self._options.get("miniprogram"):
            found["miniprogram"] = {"appid": self._options["miniprogram"], "pagepath": page}
        elif page:
            found["page"] = page
        return found | {"data": {field: {"value": value} for field, value in data.items()}}

    def _weighed(self, outcomes: list[Outcome]) -> list[Outcome]:
        """A template that WeChat calls invalid is not believed at once: it does so now and then of valid ones."""
        if any(outcome.status == "accepted" for outcome in outcomes):
            self._doubted = 0
        if not any(outcome.code == TEMPLATE for outcome in outcomes):
            return outcomes
        self._doubted += 1
        if self._doubted > BELIEVED_AFTER:
            return outcomes
        again = Outcome("deferred", TEMPLATE_AGAIN)
        return [again if outcome.code == TEMPLATE else outcome for outcome in outcomes]

    async def _fetch(self, force: bool) -> Token | NoToken:
        told = {"grant_type": "client_credential", "appid": self._appid, "secret": self._secret, "force_refresh": force}
        now = self._clock()
        reply = await self._caller.call("POST", "/cgi-bin/stable_token", body=json.dumps(told).encode(), headers=JSON)
        if isinstance(reply, Failure):
            return NoToken(_connecting(reply.code), reply.retry_after)
        found = reply.found if isinstance(reply.found, dict) else {}
        value, seconds = found.get("access_token"), found.get("expires_in")
        fine = isinstance(value, str) and 0 < len(value) <= 1024 and value.isascii() and value.isprintable()
        if not fine or isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 < seconds <= 86_400:
            code = stored(found.get("errcode"), 12)
            nothing = "no_token" if reply.status == 200 else refused(reply).code
            return NoToken(code or nothing, reply.retry_after)
        return Token(str(value), now + timedelta(seconds=seconds))


def _connecting(code: str) -> str:
    """A request for a token sends no message, so that nothing of it is unknown."""
    return code if code.startswith("connect") else f"token_{code}"


def _values(options: Mapping[str, str]) -> dict[str, str]:
    """The template's fields and where their values come from. Raises ValueError."""
    if not options.get("template"):
        raise ValueError("the URL names no template")
    own = ("template", "page", "miniprogram", "token")
    fields = {field: source for field, source in options.items() if field not in own}
    strange = sorted(field for field, source in fields.items() if not FIELD.fullmatch(field) or not source)
    if strange:
        raise ValueError(f"{strange[0][:20]!r} is no field of a template, or has no source")
    return fields or {"thing1": "title", "thing2": "text"}


def _fit(field: str, value: str) -> str:
    found = FIELD.fullmatch(field)
    kind = found[1] if found else ""
    return plain(value, LIMITS.get(kind, VALUE_LIMIT), marked=kind not in EXACT)


def _wait(outcome: Outcome, now: datetime) -> float:
    """Seconds until a quota begins anew: the minute's in a minute, the day's at midnight in Beijing."""
    if outcome.code == MINUTE_QUOTA:
        return 60.0
    here = now.astimezone(BEIJING)
    midnight = datetime.combine(here.date() + timedelta(days=1), time(), BEIJING)
    return (midnight - here).total_seconds()


def _outcome(reply: Reply) -> Outcome:
    found = reply.found if isinstance(reply.found, dict) else {}
    code = stored(found.get("errcode"), 12)
    if code == "0":
        return Outcome("accepted", "", stored(found.get("msgid")))
    if not code:
        failure = refused(reply) if reply.status != 200 else Failure(False, "no_answer")
        return Outcome("deferred" if failure.unsent else "unknown", failure.code, retry_after=failure.retry_after)
    if code in REJECTED or code == TEMPLATE:
        return Outcome("rejected", code)
    return Outcome("deferred", code, retry_after=reply.retry_after)  # a busy moment, a quota, the account: nothing left
