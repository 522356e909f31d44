"""Tencent Cloud SMS as the sandbox plays it: SendSms and PullSmsSendStatusByPhoneNumber under a true TC3 signature.

Each number has an answer of its own. The session context comes back from a pull, as from an account for which the
vendor enabled it; the journal knows numbers by their hash only.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from channels.base import ChannelError
from channels.sandbox.acting import act
from channels.sandbox.desk import Desk
from channels.sandbox.faults import Fault
from channels.sandbox.vendors import ACCOUNT
from channels.sandbox.vendors.play import Row, row, sent_to, word
from channels.sandbox.wire import Answer, Request
from channels.signers import tc3
from channels.sms.texts import international

VENDOR = "tencent"
MOST = 200
CODES = {"refuse": "FailedOperation.ContainSensitiveWord", "defer": "LimitExceeded.PhoneNumberThirtySecondLimit"}
WORDS = {"SmsSdkAppId": str, "TemplateId": str, "SignName": str, "TemplateParamSet": list, "PhoneNumberSet": list}


def takes(request: Request) -> bool:
    """Whether a request names an action of Tencent's."""
    return "x-tc-action" in request.headers


async def answer(desk: Desk, request: Request) -> Answer | None:
    """The vendor's answer: `Response`, with an `Error` or what the action gives. Its status is 200 whatever it says."""
    try:
        tc3.verify((ACCOUNT, desk.key.decode()), request.headers, request.body, desk.clock())
        told = _object(request.body)
        action = request.headers["x-tc-action"]
        if action == "PullSmsSendStatusByPhoneNumber":
            return _answer({"PullSmsSendStatusSet": _statuses(desk, told)})
        if action != "SendSms":
            raise ChannelError("InvalidAction", "The action is not found.")
        _check(told)
        numbers = [international(number) for number in told["PhoneNumberSet"]]
        return await act(desk, "sms", numbers, lambda fault: _take(desk, told, fault), said=_said())
    except ChannelError as exc:
        return _refusal(exc.code, exc.sentence)


def _check(told: dict[str, Any]) -> None:
    """Raises ChannelError with the vendor's code for a request that is not of its form."""
    for name, kind in WORDS.items():
        if not isinstance(told.get(name, [] if name == "TemplateParamSet" else None), kind):
            raise ChannelError("InvalidParameter", f"The parameter {name} is missing or of another type.")
    if not told["PhoneNumberSet"]:
        raise ChannelError("MissingParameter.EmptyPhoneNumberSet", "There is no number.")
    if len(told["PhoneNumberSet"]) > MOST:
        raise ChannelError("LimitExceeded.PhoneNumberCountLimit", "There are more than 200 numbers.")
    if not all(isinstance(value, str) for value in told.get("TemplateParamSet", [])):
        raise ChannelError("InvalidParameter", "TemplateParamSet holds texts.")
    if len(str(told.get("SessionContext", "")).encode(errors="replace")) >= 512:
        raise ChannelError("InvalidParameter", "SessionContext is too long.")


def _take(desk: Desk, told: dict[str, Any], fault: Fault | None) -> Answer:
    context = str(told.get("SessionContext", ""))
    rows, statuses = list[Row](), list[dict[str, Any]]()
    for place, given in enumerate(told["PhoneNumberSet"]):
        to, mode = international(given), fault.mode if fault and fault.hits(international(given)) else ""
        code = CODES.get(mode, "Ok") if to else "InvalidParameterValue.IncorrectPhoneNumber"
        serial = (
            f"2019:{int(word(context, to, str(place), desk.clock().isoformat(), size=7), 16)}" if code == "Ok" else ""
        )
        if code == "Ok":
            rows.append(row(desk, VENDOR, batch=context, to=to, number=serial, bounced=mode == "bounce"))
        words = {"SerialNo": serial, "PhoneNumber": to or str(given), "SessionContext": context, "Code": code}
        statuses.append(words | {"Fee": int(code == "Ok"), "Message": "send success", "IsoCode": "CN"})
    desk.journals["sms"].append(rows)
    return _answer({"SendStatusSet": statuses})


def _statuses(desk: Desk, told: dict[str, Any]) -> list[dict[str, Any]]:
    begin, end, limit = (told.get(name) for name in ("BeginTime", "EndTime", "Limit"))
    to = international(told.get("PhoneNumber"))
    if not (isinstance(begin, int) and isinstance(limit, int) and 1 <= limit <= 100) or not to:
        raise ChannelError("InvalidParameter", "BeginTime, Limit or PhoneNumber is missing or wrong.")
    last = end if isinstance(end, int) else desk.clock().timestamp()
    found = [one for one in sent_to(desk, VENDOR, to) if begin <= _at(one) <= last]
    return [_status(one, to) for one in found[:limit]]


def _status(one: Row, to: str) -> dict[str, Any]:
    bounced = bool(one.get("bounced"))
    return {
        "UserReceiveTime": int(_at(one)),
        "CountryCode": "86",
        "SubscriberNumber": to.removeprefix("+86"),
        "PhoneNumber": to,
        "SerialNo": one["id"],
        "ReportStatus": "FAIL" if bounced else "SUCCESS",
        "Description": "UNDELIVRD" if bounced else "DELIVRD",
        "SessionContext": one["batch"],
    }


def _said() -> dict[str, Answer]:
    return {
        "429": _refusal("RequestLimitExceeded", "The request frequency exceeds the limit."),
        "500": Answer({"message": "Internal Server Error"}, 500),
    }


def _answer(more: dict[str, Any]) -> Answer:
    return Answer({"Response": more | {"RequestId": word(repr(sorted(more)))}})


def _refusal(code: str, words: str) -> Answer:
    return Answer({"Response": {"Error": {"Code": code, "Message": words}, "RequestId": word(code)}})


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise ChannelError("InvalidParameter", "The body is not JSON.") from exc
    if not isinstance(found, dict):
        raise ChannelError("InvalidParameter", "The body is no object.")
    return found


def _at(one: Row) -> float:
    return datetime.fromisoformat(one["at"]).timestamp()
