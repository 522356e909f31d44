"""Mails that came back: what each says, and what none of them is believed."""

from __future__ import annotations

import time

import pytest

from channels.bounces import Home, Told, read_mail
from channels.reasons import reason
from tests.channels import bounce_mails as mails
from tests.channels.bounce_mails import KEY, PATH, recipient, report

HOME = Home("bounces@bounce.example", "jianglan.example")


def told(raw: bytes, to: str = "") -> Told:
    """What a mail says at home."""
    return read_mail(raw, HOME, to)


def ends(one: Told) -> bool:
    """Whether the receipt's code ends the use of its address."""
    assert one.receipt is not None
    found = reason("smtp", one.receipt.code)
    return found is not None and found.suppress


@pytest.mark.parametrize("name", sorted(mails.HARD))
def test_a_dead_mailbox_is_a_hard_bounce_whoever_says_it(name: str) -> None:
    one = told(mails.HARD[name])
    assert one.receipt is not None
    assert (one.receipt.key, one.receipt.status, one.receipt.soft) == (KEY, "bounced", False)
    assert ends(one)


@pytest.mark.parametrize("name", sorted(mails.GENUINE))
def test_no_receipt_holds_who_it_was_about(name: str) -> None:
    one = told(mails.GENUINE[name])
    assert one.receipt is not None
    raw = str(one.receipt.raw).lower()
    assert "wang" not in raw
    assert "@" not in raw


def test_words_without_a_code_are_a_soft_bounce() -> None:
    one = told(mails.QQ)
    assert one.receipt is not None
    assert (one.receipt.status, one.receipt.soft, ends(one) if one.receipt.code else False) == ("bounced", True, False)


@pytest.mark.parametrize(
    ("status", "diagnostic", "code", "soft", "hard"),
    [
        ("5.1.1", "smtp; 550 5.1.1 unknown", "550 5.1.1", False, True),
        ("5.1.1", "X-Postfix; unknown user", "550 5.1.1", False, True),
        ("5.1.1 (bad mailbox)", "", "550 5.1.1", False, True),
        ("5.2.1", "smtp; 550 5.2.1 disabled", "550 5.2.1", False, True),
        ("5.0.0", "smtp; 550 5.1.1 unknown", "550 5.1.1", False, True),
        ("5.0.0", "smtp; 550 User not found: wang.xiaoming@city.example", "550", False, True),
        ("5.0.0", "smtp; 550 Mail content denied", "550 5.0.0", True, False),  # a bare 550, and he is well
        ("5.0.0", "smtp; 550 Domain frequency limited", "550 5.0.0", True, False),
        ("5.0.0", "smtp; 550 Sender address rejected: Domain not found", "550 5.0.0", True, False),  # about us
        ("5.0.0", "smtp; 550-Verification failed for <p@x.cn> 550-No Such User Here", "550", False, True),
        ("5.0.0", "smtp; 550-No Such User Here 550 Sender verify failed", "550 5.0.0", True, False),
        ("5.0.0", "smtp; 550 reverse DNS: address not found", "550 5.0.0", True, False),
        ("5.0.0", "smtp; 550 account doesn't have enough quota", "550 5.0.0", True, False),
        ("5.0.0", "smtp; 550 This user doesn't have a mail account", "550", False, True),
        ("5.0.0", "smtp; 550 发件人地址不存在", "550 5.0.0", True, False),
        ("5.2.2", "smtp; 552 5.2.2 over quota", "552 5.2.2", True, False),
        ("5.2.2", "", "552 5.2.2", True, False),
        ("4.2.2", "", "452 4.2.2", True, False),
        ("4.4.7", "smtp; 451 4.4.7 gave up", "451 4.4.7", True, False),
        ("5.4.7", "smtp; 400 4.4.7 delayed", "400 4.4.7", True, False),  # who gave up calls it lasting
        ("5.7.1", "smtp; 554 5.7.1 spam", "554 5.7.1", False, False),
        ("5.1.8", "smtp; 550 5.1.8 Sender's domain not found", "550 5.1.8", False, False),  # ours, not his
        ("5.1.7", "", "550 5.1.7", False, False),
        ("", "smtp; 550-5.1.1 unknown", "550 5.1.1", False, True),
        ("5.1.1", "smtp; unknown user at 5.1.1.1 (5.2.3.4)", "550 5.1.1", False, True),
        ("nonsense", "nonsense", "", True, False),
        ("9.9.9", "smtp; 999 9.9.9", "", True, False),
    ],
)
def test_the_codes_of_a_report(status: str, diagnostic: str, code: str, soft: bool, hard: bool) -> None:
    one = told(report(recipient(status, diagnostic)))
    assert one.receipt is not None
    assert (one.receipt.code, one.receipt.soft, ends(one)) == (code, soft, hard)


@pytest.mark.parametrize(("action", "status"), [("delivered", "2.0.0"), ("relayed", "2.1.5"), ("", "2.1.5")])
def test_a_report_of_success_is_a_delivery(action: str, status: str) -> None:
    one = told(report(recipient(status, "", action)))
    assert one.receipt is not None
    assert one.receipt.status == "delivered"


@pytest.mark.parametrize("action", ["delayed", "expanded", "eaten"])
def test_a_report_of_no_end_says_nothing_yet(action: str) -> None:
    assert told(report(recipient("4.4.1", "smtp; 451 4.4.1 later", action))) == Told("delayed")


def test_one_forward_that_fails_does_not_make_the_address_dead() -> None:
    hard, soft = recipient("5.1.1", ""), recipient("4.2.2", "").partition("\n\n")[2]
    both = told(report(f"{hard}\n{soft}"))
    assert both.receipt is not None
    assert both.receipt.soft
    good = told(report(f"{hard}\n{recipient('2.0.0', '', 'delivered').partition(chr(10) * 2)[2]}"))
    assert good.receipt is not None
    assert good.receipt.status == "delivered"


def test_the_return_path_is_believed_before_the_returned_headers() -> None:
    other = report(recipient("5.1.1", ""), returned=mails.RETURNED.replace(KEY, "f" * 32))
    one = told(other)
    assert one.receipt is not None
    assert (one.receipt.key, one.receipt.raw["by"]) == (KEY, "return_path")


def test_the_envelope_is_believed_before_what_the_mail_says_of_it() -> None:
    one = told(mails.POSTFIX, f"bounces+{'a' * 32}@bounce.example")
    assert one.receipt is not None
    assert one.receipt.key == "a" * 32


def test_without_a_return_path_the_message_id_names_the_message() -> None:
    one = read_mail(mails.POSTFIX, Home("", "jianglan.example"))
    assert one.receipt is not None
    assert (one.receipt.key, one.receipt.raw["by"]) == (KEY, "message_id")
    assert read_mail(mails.QMAIL, Home("", "jianglan.example")).receipt is not None


def test_a_report_that_names_no_message_of_ours_is_none() -> None:
    elsewhere = mails.RETURNED.replace("jianglan.example", "other.example").replace("bounces+", "somebody+")
    assert told(report(recipient("5.1.1", ""), head="To: x@y.example", returned=elsewhere)) == Told("no_key")


@pytest.mark.parametrize("kind", ["abuse", "fraud", "opt-out", "Abuse"])
def test_a_complaint_is_one(kind: str) -> None:
    one = told(mails.SES.replace(b"Feedback-Type: abuse", f"Feedback-Type: {kind}".encode()))
    assert one.receipt is not None
    assert (one.receipt.key, one.receipt.status, one.receipt.code) == (KEY, "complained", kind.lower())


@pytest.mark.parametrize("kind", ["not-spam", "virus", "other", "auth-failure", "", "x" * 500])
def test_other_feedback_is_no_complaint(kind: str) -> None:
    raw = mails.SES.replace(b"Feedback-Type: abuse", f"Feedback-Type: {kind}".encode())
    assert told(raw) == Told("no_complaint")


def test_a_complaint_whose_return_path_was_blacked_out_is_known_by_its_headers() -> None:
    raw = mails.SES.replace(b"Original-Mail-From: <" + PATH.encode() + b">", b"Original-Mail-From: <redacted>")
    one = told(raw)
    assert one.receipt is not None
    assert (one.receipt.key, one.receipt.raw["by"]) == (KEY, "message_id")


LETTER = f"From: wang@city.example\nTo: {PATH}\n"


@pytest.mark.parametrize(
    ("head", "what"),
    [
        ("Subject: Re: policy\n", "letter"),
        ("Subject: Re: Undelivered Mail Returned to Sender\nReturn-Path: <wang@city.example>\n", "letter"),
        ("Subject: x\nAuto-Submitted: auto-replied\n", "automatic"),
        ("Subject: x\nAuto-Submitted: no\n", "letter"),
        ("Subject: x\nX-Autoreply: yes\n", "automatic"),
        ("Subject: x\nPrecedence: auto_reply\n", "automatic"),
        ("Subject: Automatic reply: x\n", "automatic"),
        ("Subject: =?utf-8?b?6Ieq5Yqo5Zue5aSNOiDmlL/nrZY=?=\nReturn-Path: <>\n", "automatic"),
        ("Subject: Out of Office\nReturn-Path: < >\n", "automatic"),
        ("Subject: Automatic reply: delivery failed, who pays?\nReturn-Path: <>\n", "automatic"),
    ],
)
def test_people_and_their_absences_bounce_nothing(head: str, what: str) -> None:
    assert told(f"{LETTER}{head}\n550 5.1.1 is what your letter says.".encode()) == Told(what)  # type: ignore[arg-type]


def test_a_warning_that_a_mail_is_late_is_no_bounce() -> None:
    raw = f"From: Mailer-Daemon@exim.example\nTo: {PATH}\nSubject: Warning: message 1abc delayed 24 hours\n\n5.1.1"
    assert told(raw.encode()) == Told("delayed")


def test_a_clause_of_the_returned_mail_is_no_status() -> None:
    raw = mails.QMAIL.replace(b"(#5.1.1)", b"").replace("第5.1.1条".encode(), b"550 5.1.1 is our clause")
    one = told(raw)
    assert one.receipt is not None
    assert (one.receipt.code, one.receipt.soft) == ("", True)


def test_a_report_inside_a_forwarded_mail_is_the_forwarders_letter() -> None:
    inside = mails.POSTFIX.decode().replace("\r\n", "\n")
    raw = f"{LETTER}Subject: Fwd\nContent-Type: multipart/mixed; boundary=o\n\n--o\n\nSee\n--o\n"
    assert told(f"{raw}Content-Type: message/rfc822\n\n{inside}\n--o--\n".encode()) == Told("letter")


def test_a_content_type_that_takes_long_to_read_is_not_read() -> None:
    """The library looks at all that stands before each semicolon: 63 KB of them took seconds, a mail can hold 20."""
    head = f'{LETTER}Subject: x\nContent-Type: multipart/mixed; x="{";" * 60_000}"; boundary=b\n'
    before = time.process_time()
    one = told(f"{head}\n--b\nContent-Type: message/delivery-status\n\nAction: failed\n--b--\n".encode())
    assert one == Told("letter")
    assert time.process_time() - before < 1.0


def test_a_report_in_an_encoding_is_read() -> None:
    import base64

    status = base64.encodebytes(recipient("5.1.1", "smtp; 550 5.1.1 unknown").encode()).decode()
    kind = "message/global-delivery-status\nContent-Transfer-Encoding: base64"
    assert ends(told(report(status, kind=kind)))


def test_a_persons_name_is_masked_however_it_is_written() -> None:
    said = (
        "smtp; 550 5.1.1 wang.xiaoming: WANG.XIAOMING unknown; 13800138000%40city.example cn=wang/o=x +86-138-0013-8000"
    )
    one = told(report(recipient("5.1.1", said)))
    assert one.receipt is not None
    shown = one.receipt.raw["diagnostic"]
    assert not any(word in shown.lower() for word in ("wang", "138", "0013"))
    assert "unknown" in shown
