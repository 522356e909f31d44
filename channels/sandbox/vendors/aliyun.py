"""Aliyun SMS as the sandbox plays it: SendSms, SendBatchSms and QuerySendDetails under a true ACS3 signature.

A call is taken or refused as a whole. Its receipts are asked for; the journal knows numbers by their hash only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl

from channels.base import ChannelError
from channels.sandbox.acting import act
from channels.sandbox.desk import Desk
from channels.sandbox.faults import Fault
from channels.sandbox.vendors import ACCOUNT
from channels.sandbox.vendors.play import Row, row, sent_to, word
from channels.sandbox.wire import Answer, Request
from channels.signers import acs3
from channels.sms.texts import international

VENDOR = "aliyun"
BEIJING = timezone(timedelta(hours=8))
MOST = {"SendSms": 1000, "SendBatchSms": 100}
BOUNCE = "MOBILE_NOT_ON_SERVICE"


def takes(request: Request) -> bool:
    """Whether a request names an action of Aliyun's."""
    return "x-acs-action" in request.headers


async def answer(desk: Desk, request: Request) -> Answer | None:
    """The vendor's answer: `Code`, `Message`, `RequestId`, and what the action gives."""
    action, nonce = request.headers["x-acs-action"], request.headers.get("x-acs-signature-nonce", "")
    try:
        told = _verified(desk, request)
        if action == "QuerySendDetails":
            return _answer(nonce, _details(desk, told))
        if action not in MOST:
            raise ChannelError("InvalidAction.NotFound", "Specified api is not found.")
        numbers = _numbers(action, told)
        return await act(
            desk, "sms", numbers, lambda fault: _take(desk, numbers, told, (nonce, fault)), said=_said(nonce)
        )
    except ChannelError as exc:
        return _refusal(nonce, exc.code, exc.sentence, status=200 if exc.code.startswith("is") else 400)


def _verified(desk: Desk, request: Request) -> dict[str, str]:
    query = dict(parse_qsl(request.path.partition("?")[2], keep_blank_values=True))
    key = (ACCOUNT, desk.key.decode())
    acs3.verify(key, acs3.encoded(query), request.headers, request.body, desk.clock())
    return query | dict(parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True))


def _numbers(action: str, told: Mapping[str, str]) -> list[str]:
    """Whom a send is for, its form being right. Raises ChannelError with the vendor's code."""
    if action == "SendSms":
        numbers = told.get("PhoneNumbers", "").split(",")
        texts = [told.get("TemplateParam") or "{}"]
        named = bool(told.get("SignName"))
    else:
        numbers = _list(told, "PhoneNumberJson")
        texts = [json.dumps(text) for text in _list(told, "TemplateParamJson")]
        named = len(_list(told, "SignNameJson")) == len(texts) == len(numbers)
    if not named or not told.get("TemplateCode") or len(told.get("OutId", "")) >= 256:
        raise ChannelError("isv.INVALID_PARAMETERS", "参数格式不正确")
    if len(numbers) > MOST[action]:
        raise ChannelError("isv.MOBILE_COUNT_OVER_LIMIT", "手机号码数量超过限制")
    if not all(map(_are_texts, texts)):
        raise ChannelError("isv.INVALID_JSON_PARAM", "参数格式错误，请修改为字符串值")
    found = [international(number) for number in numbers]
    if not all(found):
        raise ChannelError("isv.MOBILE_NUMBER_ILLEGAL", "手机号码格式错误")
    return found


def _take(desk: Desk, numbers: list[str], told: Mapping[str, str], how: tuple[str, Fault | None]) -> Answer:
    nonce, fault = how
    batch, biz = told.get("OutId", ""), f"{int(word(nonce, size=7), 16)}^0"
    bounced = {number for number in numbers if fault and fault.mode == "bounce" and fault.hits(number)}
    rows = [row(desk, VENDOR, batch=batch, to=to, number=biz, bounced=to in bounced) for to in numbers]
    desk.journals["sms"].append([one | {"template": told["TemplateCode"]} for one in rows])
    return _answer(nonce, {"BizId": biz})


def _details(desk: Desk, told: Mapping[str, str]) -> dict[str, Any]:
    number, size, page = (told.get(name, "") for name in ("PhoneNumber", "PageSize", "CurrentPage"))
    if not (size.isdigit() and page.isdigit() and 1 <= int(size) <= 50 and int(page) >= 1):
        raise ChannelError("isv.INVALID_PARAMETERS", "参数格式不正确")
    days = [one for one in sent_to(desk, VENDOR, international(number)) if _at(one, "%Y%m%d") == told.get("SendDate")]
    rows = [one for one in days if told.get("BizId") in (None, one["id"])]
    start = (int(page) - 1) * int(size)
    shown = [_detail(one, number) for one in rows[start : start + int(size)]]
    return {"TotalCount": str(len(rows)), "SmsSendDetailDTOs": {"SmsSendDetailDTO": shown}}


def _detail(one: Row, number: str) -> dict[str, Any]:
    bounced, at = bool(one.get("bounced")), _at(one, "%Y-%m-%d %H:%M:%S")
    words = {"PhoneNum": number, "OutId": one["batch"], "SendDate": at, "ReceiveDate": at}
    more = {"TemplateCode": one["template"], "Content": "", "ErrCode": BOUNCE if bounced else "DELIVERED"}
    return words | more | {"SendStatus": 2 if bounced else 3}


def _said(nonce: str) -> dict[str, Answer]:
    return {
        "429": _refusal(nonce, "Throttling.User", "Request was denied due to user flow control.", status=400),
        "500": _refusal(nonce, "InternalError", "The request processing has failed.", status=500),
        "refuse": _refusal(nonce, "isv.SMS_CONTENT_ILLEGAL", "短信内容包含禁止发送内容", status=200),
        "defer": _refusal(nonce, "isv.BUSINESS_LIMIT_CONTROL", "触发云通信流控限制", status=200),
    }


def _answer(nonce: str, more: dict[str, Any]) -> Answer:
    return Answer({"Code": "OK", "Message": "OK", "RequestId": word("request", nonce).upper()} | more)


def _refusal(nonce: str, code: str, words: str, *, status: int) -> Answer:
    return Answer({"Code": code, "Message": words, "RequestId": word("request", nonce).upper()}, status)


def _list(told: Mapping[str, str], name: str) -> list[Any]:
    try:
        found = json.loads(told.get(name, ""))
    except (ValueError, RecursionError) as exc:
        raise ChannelError("isv.INVALID_PARAMETERS", f"{name} is not JSON.") from exc
    if not isinstance(found, list):
        raise ChannelError("isv.INVALID_PARAMETERS", f"{name} is no list.")
    return found


def _are_texts(text: str) -> bool:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and all(isinstance(value, str) for value in found.values())


def _at(one: Row, form: str) -> str:
    return datetime.fromisoformat(one["at"]).astimezone(BEIJING).strftime(form)
