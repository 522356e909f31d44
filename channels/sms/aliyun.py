"""Aliyun SMS (dysmsapi 2017-05-25): SendSms and SendBatchSms, asked by QuerySendDetails.

Sources: Aliyun, SendSms, SendBatchSms, QuerySendDetails, SmsReport, SmsUp, "API error codes" and "Delivery receipt
error codes". A call is taken or refused as a whole; its BizId is the id of all its outcomes, and what came of a number
is told by (OutId, number). A status report that nobody took is repeated after 1, 5 and 10 minutes, and then lost.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any, ClassVar

from channels.base import Asked, Outcome, Receipt, Reply
from channels.http import Failure
from channels.http import Reply as HttpReply
from channels.signers import acs3
from channels.sms.texts import Text, apart, international, national, said, unnumbered
from channels.sms.vendor import VendorSms, digest, missed, soft

BEIJING = timezone(timedelta(hours=8))  # the vendor's days; China has had no summer time since 1991
PAGE, PAGES = 50, 4  # of a number and a day: it takes 50 notices and 50 advertisements
SENT = {2: "bounced", 3: "delivered"}  # SendStatus; 1 is waiting for the carrier
# Said of a number when the template is one for abroad. All our numbers are mainland ones: the template is wrong, and
# nobody's number may be given up for it.
MEANS = {"isv.DOMESTIC_NUMBER_NOT_SUPPORTED": "isv.SMS_TEMPLATE_ILLEGAL"}


class AliyunSms(VendorSms):
    """One attempt is one call where all its messages share a template: SendSms where they say the same under one
    signature, SendBatchSms (at most 100) where they differ. URL option: `region`."""

    provider = "aliyun_sms"
    scheme = "aliyun"
    options = ("region",)
    thanks: ClassVar[dict[str, Any]] = {"code": 0, "msg": "接收成功"}
    for_people = frozenset({"isp.RAM_PERMISSION_DENY"})
    _calls = 0

    def calls(self, texts: Sequence[Text]) -> Iterable[list[Text]]:
        """By template."""
        groups: dict[tuple[str, int], list[Text]] = {}
        for turn, text in apart(texts):
            groups.setdefault((text.template, turn), []).append(text)
        for group in groups.values():
            yield from (group[start : start + self.batch_size] for start in range(0, len(group), self.batch_size))

    async def submit(self, key: str, texts: Sequence[Text]) -> list[Outcome] | Outcome:
        """SendSms or SendBatchSms, with the attempt's key as OutId."""
        one = len({(text.sign, text.values) for text in texts}) == 1
        reply = await (self._send_same(key, texts) if one else self._send_each(key, texts))
        if isinstance(reply, Failure):
            return missed(reply)
        found = reply.found if isinstance(reply.found, dict) else {}
        code = said(found.get("Code"), 100)
        if code == "OK" and reply.status == 200:
            return [Outcome("accepted", "", said(found.get("BizId"), 100))] * len(texts)
        return self.refusal(MEANS.get(code, code), reply)

    async def fate(self, member: Asked) -> Receipt | Failure | None:
        """By number and day, picked by the attempt's key; a number that got the message more than once has it."""
        best: Receipt | None = None
        days = {_day(member.sent_at + timedelta(minutes=minutes)) for minutes in (-1, 1)}
        for day in sorted(days):
            for page in range(1, PAGES + 1):
                rows = await self._details(member, day, page)
                if rows is None or isinstance(rows, Failure):
                    return rows or best
                fates = [found for found in map(partial(_fate, member), rows) if found is not None]
                best = next((one for one in fates if one.status == "delivered"), best or next(iter(fates), None))
                if len(rows) < PAGE:
                    break
        return best

    def report(self, row: dict[str, Any]) -> Receipt | None:
        """An entry of SmsReport."""
        to, batch, success = international(row.get("phone_number")), said(row.get("out_id")), row.get("success")
        if not to or not batch or success not in (True, False, "true", "false"):
            return None
        status = "delivered" if success in (True, "true") else "bounced"
        code = said(row.get("err_code"), 100)
        kept = ("send_time", "report_time", "err_code", "sms_size", "biz_id")
        raw = {name: said(row[name]) for name in kept if name in row}
        raw["err_msg"] = unnumbered(said(row.get("err_msg")))
        return _receipt(status, code, raw, batch=batch, to=to)

    def heard(self, row: dict[str, Any]) -> Reply | None:
        """An entry of SmsUp."""
        to, text = international(row.get("phone_number")), row.get("content")
        if not to or not isinstance(text, str):
            return None
        number = said(row.get("sequence_id"), 100)
        return Reply(to, said(text, 1000), number or digest(self._token, to, text, said(row.get("send_time"))))

    async def _send_same(self, key: str, texts: Sequence[Text]) -> HttpReply | Failure:
        first = texts[0]
        numbers = ",".join(text.number for text in texts)
        query = {"OutId": key, "PhoneNumbers": numbers, "SignName": first.sign, "TemplateCode": first.template}
        return await self._post("SendSms", query | {"TemplateParam": _json(dict(first.values))}, {})

    async def _send_each(self, key: str, texts: Sequence[Text]) -> HttpReply | Failure:
        form = {
            "PhoneNumberJson": _json([text.number for text in texts]),
            "SignNameJson": _json([text.sign for text in texts]),
            "TemplateParamJson": _json([dict(text.values) for text in texts]),
        }
        return await self._post("SendBatchSms", {"OutId": key, "TemplateCode": texts[0].template}, form)

    async def _details(self, member: Asked, day: str, page: int) -> list[Any] | Failure | None:
        """A page of a number's day, None where the question was refused."""
        query = {"CurrentPage": str(page), "PageSize": str(PAGE), "PhoneNumber": national(member.to), "SendDate": day}
        if member.provider_id:
            query["BizId"] = member.provider_id
        reply = await self._post("QuerySendDetails", query, {})
        if isinstance(reply, Failure):
            return reply
        found = reply.found if isinstance(reply.found, dict) else {}
        if found.get("Code") != "OK":
            return self.silent(said(found.get("Code"), 100), reply)
        listed = found.get("SmsSendDetailDTOs")
        rows = listed.get("SmsSendDetailDTO") if isinstance(listed, dict) else None
        return rows if isinstance(rows, list) else []

    async def _post(self, action: str, query: dict[str, str], form: dict[str, str]) -> HttpReply | Failure:
        if region := self._account.options.get("region"):
            query = query | {"RegionId": region}
        text, body, now = acs3.encoded(query), acs3.form(form), self._clock()
        self._calls += 1
        seed = f"{now.isoformat()}\n{self._calls}\n{action}\n{text}\n".encode() + body
        nonce = hashlib.blake2b(seed, key=self._account.key[1].encode()[:64], digest_size=16).hexdigest()
        account, host = self._account.key, self._account.host
        headers = acs3.signed_headers(action, account, host=host, query=text, body=body, stamp=(now, nonce))
        return await self._caller.call("POST", f"/?{text}", body=body, headers=headers)


def _receipt(status: str, code: str, raw: dict[str, Any], *, batch: str, to: str, key: str = "") -> Receipt:
    biz = said(raw.get("biz_id"), 100)
    if status == "delivered":
        return Receipt(key, "delivered", code or "DELIVERED", raw, batch, to, provider_id=biz)
    code = code or "success=false"
    return Receipt(key, "bounced", code, raw, batch, to, soft("aliyun_sms", code), biz)


def _fate(member: Asked, row: Any) -> Receipt | None:
    if not isinstance(row, dict) or row.get("OutId") != member.batch:
        return None
    if international(row.get("PhoneNum")) != international(member.to):
        return None
    status = row.get("SendStatus")
    told = SENT.get(status) if isinstance(status, int) else None
    if told is None:
        return None
    raw = {name: said(row[name]) for name in ("SendDate", "ReceiveDate", "ErrCode", "TemplateCode") if name in row}
    raw["biz_id"] = member.provider_id
    return _receipt(told, said(row.get("ErrCode"), 100), raw, batch=member.batch, to=member.to, key=member.key)


def _day(moment: datetime) -> str:
    return moment.astimezone(BEIJING).strftime("%Y%m%d")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
