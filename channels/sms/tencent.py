"""Tencent Cloud SMS (2021-01-11): SendSms, asked by PullSmsSendStatusByPhoneNumber.

Sources: Tencent Cloud, SendSms, PullSmsSendStatusByPhoneNumber, "SMS sending status notification" (382/43547), "SMS
reply" (382/43548), the SDK's error codes. Each number has an answer of its own, whose SerialNo is the id of its
outcome. A status callback names its message by that id alone (`sid`); the session context comes back in an answer, and
from a pull only where the vendor enabled it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from channels.base import Asked, Clock, Outcome, Receipt, Reply
from channels.http import Failure
from channels.http import Reply as HttpReply
from channels.signers import tc3
from channels.sms.texts import Text, apart, international, said, unnumbered
from channels.sms.vendor import VendorSms, digest, missed, soft

REGION = "ap-guangzhou"
KEPT = timedelta(days=7)  # so far back can be pulled
MOST = 100  # statuses of one pull; there is no second page
STATUSES = {"SUCCESS": "delivered", "FAIL": "bounced"}


class TencentSms(VendorSms):
    """A call for each group of messages of one template that say the same. URL options: `app` (the SmsSdkAppId, which
    is needed) and `region`."""

    provider = "tencent_sms"
    scheme = "tencent"
    options = ("app", "region")
    batch_size = 200
    thanks: ClassVar[dict[str, Any]] = {"result": 0, "errmsg": "OK"}

    def __init__(self, url: str, *, token: str, clock: Clock, timeout: float = 20.0) -> None:
        super().__init__(url, token=token, clock=clock, timeout=timeout)
        if not self._account.options.get("app"):
            raise ValueError("the URL names no application (`?app=SmsSdkAppId`)")

    def calls(self, texts: Sequence[Text]) -> Iterable[list[Text]]:
        """By template, signature and values."""
        groups: dict[tuple[Any, ...], list[Text]] = {}
        for turn, text in apart(texts):
            groups.setdefault((*text[2:], turn), []).append(text)
        for group in groups.values():
            yield from (group[start : start + self.batch_size] for start in range(0, len(group), self.batch_size))

    async def submit(self, key: str, texts: Sequence[Text]) -> list[Outcome] | Outcome:
        """SendSms, with the attempt's key as session context."""
        first = texts[0]
        reply = await self._post(
            "SendSms",
            {
                "PhoneNumberSet": [international(text.number) for text in texts],
                "SmsSdkAppId": self._account.options["app"],
                "TemplateId": first.template,
                "SignName": first.sign,
                "TemplateParamSet": [value for _, value in first.values],
                "SessionContext": key,
            },
        )
        if isinstance(reply, Failure):
            return missed(reply)
        response = _response(reply)
        rows = response.get("SendStatusSet")
        if reply.status != 200 or not isinstance(rows, list):
            return self.refusal(_error(response), reply)
        answers = {international(row.get("PhoneNumber")): row for row in rows if isinstance(row, dict)}
        return [self._outcome(answers.get(international(text.number)), reply) for text in texts]

    async def fate(self, member: Asked) -> Receipt | Failure | None:
        """By number and time; the message is told by its SerialNo, or else by the attempt's key."""
        now = self._clock()
        begin = max(member.sent_at - timedelta(minutes=1), now - KEPT)
        reply = await self._post(
            "PullSmsSendStatusByPhoneNumber",
            {
                "BeginTime": int(begin.timestamp()),
                "Offset": 0,
                "Limit": MOST,
                "PhoneNumber": international(member.to),
                "SmsSdkAppId": self._account.options["app"],
                "EndTime": int(now.timestamp()) + 1,
            },
        )
        if isinstance(reply, Failure):
            return reply
        rows = _response(reply).get("PullSmsSendStatusSet")
        if not isinstance(rows, list):
            return self.silent(_error(_response(reply)), reply)
        found = [_fate(member, row) for row in rows]
        known = [receipt for receipt in found if receipt is not None]
        return next((receipt for receipt in known if receipt.status == "delivered"), known[0] if known else None)

    def report(self, row: dict[str, Any]) -> Receipt | None:
        """An entry of a status callback."""
        status, serial = row.get("report_status"), said(row.get("sid"), 100)
        to = international(row.get("mobile")) if _is_mainland(row) else ""
        if not to or not serial or not isinstance(status, str) or status not in STATUSES:
            return None
        code = said(row.get("errmsg"), 100)
        raw = {"provider_id": serial, "description": unnumbered(said(row.get("description")))}
        raw |= {name: said(row[name]) for name in ("user_receive_time", "report_status", "errmsg") if name in row}
        return _receipt(STATUSES[status], code, raw, to=to)

    def heard(self, row: dict[str, Any]) -> Reply | None:
        """A reply's callback; it bears no id, so what it says is one."""
        to, text = international(row.get("mobile")) if _is_mainland(row) else "", row.get("text", row.get("content"))
        if not to or not isinstance(text, str):
            return None
        return Reply(to, said(text, 1000), digest(self._token, to, text, said(row.get("time"))))

    def _outcome(self, row: dict[str, Any] | None, reply: HttpReply) -> Outcome:
        code = said(row.get("Code"), 100) if row else ""
        if row is None or not code:
            return Outcome("unknown", "no_answer")
        return Outcome("accepted", "", said(row.get("SerialNo"), 100)) if code == "Ok" else self.refusal(code, reply)

    async def _post(self, action: str, content: dict[str, Any]) -> HttpReply | Failure:
        body = json.dumps(content).encode()
        region = self._account.options.get("region") or REGION
        account, host = self._account.key, self._account.host
        headers = tc3.signed_headers(action, account, host=host, region=region, body=body, now=self._clock())
        return await self._caller.call("POST", "/", body=body, headers=headers)


def _response(reply: HttpReply) -> dict[str, Any]:
    found = reply.found.get("Response") if isinstance(reply.found, dict) else None
    return found if isinstance(found, dict) else {}


def _error(response: dict[str, Any]) -> str:
    error = response.get("Error")
    return said(error.get("Code"), 100) if isinstance(error, dict) else ""


def _is_mainland(row: dict[str, Any]) -> bool:
    return said(row.get("nationcode")) in ("", "86", "+86")


def _fate(member: Asked, row: Any) -> Receipt | None:
    if not isinstance(row, dict) or international(row.get("PhoneNumber")) != international(member.to):
        return None
    serial, status = said(row.get("SerialNo"), 100), row.get("ReportStatus")
    same = serial == member.provider_id if member.provider_id else row.get("SessionContext") == member.batch
    if not same or not isinstance(status, str) or status not in STATUSES:
        return None
    description = unnumbered(said(row.get("Description")))
    raw = {"provider_id": serial, "report_status": status, "description": description}
    # A pull tells the carrier's words only, where a callback has its code.
    code = description if description.isascii() and " " not in description else ""
    return _receipt(STATUSES[status], code[:100], raw, to=member.to, member=member)


def _receipt(status: str, code: str, raw: dict[str, Any], *, to: str, member: Asked | None = None) -> Receipt:
    key, batch = (member.key, member.batch) if member else ("", "")
    if status == "delivered":
        return Receipt(key, "delivered", code or "DELIVRD", raw, batch, to, provider_id=raw["provider_id"])
    code = code or "FAIL"
    return Receipt(key, "bounced", code, raw, batch, to, soft("tencent_sms", code), raw["provider_id"])
