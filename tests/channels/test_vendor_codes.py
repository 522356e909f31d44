"""Every row of the published table of delivery codes, for each provider that is built, has its class."""

from __future__ import annotations

import csv
import re

import pytest
from tencentcloud.sms.v20210111 import errorcodes

from channels.base import Outcome
from channels.reason_codes import CODES
from channels.reasons import DEFERRED, REASONS, kind, reason
from tests.shared import shared_file

BUILT = ("aliyun_sms", "tencent_sms", "jpush", "wechat_mp", "smtp")
ENHANCED = re.compile(r"[245]\.\d+\.\d+")


def codes_of(provider: str, cell: str) -> list[str]:
    """The codes that a cell of the table names: alternatives stand between slashes, a report's code after its name, and
    an enhanced status (RFC 3463) behind the reply code that it explains."""
    plain = cell.removeprefix("report ").rpartition("err_code=")[2]
    parts = plain.split("/")
    if provider != "smtp":
        return parts
    return [f"{parts[0]} {part}" if ENHANCED.fullmatch(part) else part for part in parts]


@pytest.mark.parametrize(
    ("provider", "cell", "codes"),
    [
        ("wechat_mp", "48001/48004", ["48001", "48004"]),
        ("smtp", "421/450/451/452", ["421", "450", "451", "452"]),
        ("smtp", "552/5.2.2", ["552", "552 5.2.2"]),
        ("smtp", "550 5.1.1", ["550 5.1.1"]),
        ("aliyun_sms", "report success=true err_code=DELIVERED", ["DELIVERED"]),
        ("aliyun_sms", "report success=false", ["success=false"]),
        ("tencent_sms", "InternalError.*", ["InternalError.*"]),
    ],
)
def test_a_cell_names_its_codes(provider: str, cell: str, codes: list[str]) -> None:
    assert codes_of(provider, cell) == codes


def test_every_published_code_of_a_built_provider_has_its_class() -> None:
    table = shared_file("standards/delivery_error_codes.csv")
    if table is None:
        return
    rows = [row for row in csv.DictReader(table.read_text(encoding="utf-8").splitlines()) if row["provider"] in BUILT]
    assert {row["provider"] for row in rows} == set(BUILT)
    wrong = [
        (row["provider"], code, row["class"], found.name if found else None)
        for row in rows
        for code in codes_of(row["provider"], row["code"])
        if (found := reason(row["provider"], code)) is None or found.name != row["class"]
    ]
    assert wrong == []


def test_every_class_says_what_is_done_about_a_deferral() -> None:
    assert DEFERRED.keys() <= REASONS.keys()
    for provider in ("aliyun_sms", "tencent_sms"):
        for name, codes in CODES[provider].items():
            for code in codes:
                found = reason(provider, code.rstrip("*"))
                assert found is not None
                assert found.name == name, code


def test_every_code_of_sending_in_tencents_sdk_has_a_class() -> None:
    """But those of signatures, templates and statistics, which nobody here asks for, and the two that say only that
    something went wrong: such a refusal is put off, and given up after some tries."""
    known = {value for name, value in vars(errorcodes).items() if name.isupper()}
    unclassed = {code for code in known if reason("tencent_sms", code) is None}
    assert unclassed == {
        "FailedOperation.ForbidAddMarketingTemplates",
        "FailedOperation.OtherError",
        "FailedOperation.ParametersOtherError",
        "FailedOperation.QualificationIdNotApproved",
        "FailedOperation.SignNumberLimit",
        "FailedOperation.TemplateAlreadyPassedCheck",
        "FailedOperation.TemplateNumberLimit",
    }


@pytest.mark.parametrize(
    ("provider", "code", "what"),
    [
        ("aliyun_sms", "SignatureDoesNotMatch", "account"),
        ("aliyun_sms", "InvalidAccessKeyId.NotFound", "account"),
        ("aliyun_sms", "isp.RAM_PERMISSION_DENY", "account"),
        ("aliyun_sms", "isv.DAY_LIMIT_CONTROL", "account"),
        ("aliyun_sms", "Throttling.User", "throttled"),
        ("aliyun_sms", "isv.BUSINESS_LIMIT_CONTROL", "number"),
        ("aliyun_sms", "http_429", "throttled"),
        ("aliyun_sms", "connect_error", "transient"),
        ("aliyun_sms", "expired", "transient"),
        ("tencent_sms", "AuthFailure.SignatureExpire", "account"),
        ("tencent_sms", "UnauthorizedOperation.RequestIpNotInWhitelist", "account"),
        ("tencent_sms", "UnauthorizedOperation.ServiceSuspendDueToArrears", "account"),
        ("tencent_sms", "RequestLimitExceeded.UinLimitExceeded", "throttled"),
        ("tencent_sms", "FailedOperation.MarketingSendTimeConstraint", "window"),
        ("tencent_sms", "LimitExceeded.PhoneNumberDailyLimit", "number"),
        ("tencent_sms", "FailedOperation.OtherError", "transient"),
    ],
)
def test_a_deferral_waits_for_what_its_code_says(provider: str, code: str, what: str) -> None:
    assert kind(provider, Outcome("deferred", code)) == what


@pytest.mark.parametrize(
    "code", ["MOBILE_NOT_ON_SERVICE", "INVALID_NUMBER", "REQUEST_SUCCESS", "MOBILE_ACCOUNT_ABNORMAL"]
)
def test_a_phone_that_may_only_be_off_loses_no_number(code: str) -> None:
    found = reason("aliyun_sms", code)
    assert found is not None
    assert not found.suppress
