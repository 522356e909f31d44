"""Vendors' codes and what they mean for us."""

from __future__ import annotations

import csv
import warnings
from pathlib import Path

import pytest

from channels.reason_codes import CODES
from channels.reasons import REASONS, reason, smtp_code, smtp_reason

TABLE = Path(__file__).parents[2] / ".." / "shared" / "data" / "standards" / "delivery_error_codes.csv"


def test_every_code_has_one_class_and_every_class_is_known() -> None:
    for provider, classes in CODES.items():
        codes = [code for listed in classes.values() for code in listed]
        assert len(codes) == len(set(codes)), provider
        assert set(classes) <= set(REASONS)


@pytest.mark.parametrize(
    ("provider", "code", "name", "status"),
    [
        ("tencent_sms", "FailedOperation.PhoneNumberInBlacklist", "recipient_opt_out", "rejected"),
        ("tencent_sms", "InternalError.SigVerificationFail", "unknown_outcome", "unknown"),
        ("aliyun_sms", "isv.BUSINESS_LIMIT_CONTROL", "throttled_recipient", "deferred"),
        ("fcm", "UNREGISTERED", "permanent_recipient", "rejected"),
        ("cmpp", "MA:0001", "failed_carrier_specific", "rejected"),
        ("http_sms", "http_429", "throttled_api", "deferred"),
        ("http_push", "read_timeout", "unknown_outcome", "unknown"),
        ("smtp", "550 5.1.1", "permanent_recipient", "rejected"),
        ("smtp", "connect", "transient", "deferred"),
    ],
)
def test_a_code_has_its_reason(provider: str, code: str, name: str, status: str) -> None:
    found = reason(provider, code)
    assert found is not None
    assert (found.name, found.status) == (name, status)


def test_a_code_nobody_listed_has_none() -> None:
    assert reason("tencent_sms", "FailedOperation.New") is None
    assert reason("nobody", "Ok") is None


def test_only_lasting_reasons_suppress_an_address() -> None:
    assert {name for name, found in REASONS.items() if found.suppress} == {
        "permanent_recipient",
        "recipient_opt_out",
        "failed_permanent",
    }


@pytest.mark.parametrize(
    ("code", "text", "name"),
    [
        (421, "closing", "transient"),
        (450, "4.7.1 slow down", "transient"),
        (452, "4.2.2 mailbox full", "mailbox_full"),
        (552, "", "mailbox_full"),
        (550, "5.2.2 over quota", "mailbox_full"),
        (550, "", "permanent_recipient"),
        (550, "5.1.1 unknown", "permanent_recipient"),
        (550, "5.2.1 disabled", "permanent_recipient"),
        (550, "5.7.1 spam", "permanent_content_or_policy"),
        (554, "5.7.1 refused", "permanent_content_or_policy"),
        (554, "", "permanent_content_or_policy"),
        (535, "5.7.8 bad credentials", "auth"),
    ],
)
def test_smtp_replies_are_read_by_rule(code: int, text: str, name: str) -> None:
    assert smtp_reason(code, text).name == name


def test_a_stored_smtp_code_holds_no_words() -> None:
    assert smtp_code(550, "5.1.1 <zhang@b.example> unknown") == "550 5.1.1"
    assert smtp_code(550, "no such user zhang@b.example") == "550"


def test_the_published_table_agrees_where_it_is_present() -> None:
    if not TABLE.exists():
        warnings.warn("the published table of codes is not here; the cases above stand for it", stacklevel=1)
        return
    for row in csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()):
        classes = CODES.get(row["provider"], {})
        if row["code"] in {code for codes in classes.values() for code in codes}:
            assert row["code"] in classes.get(row["class"], ()), row
