"""Whatever stands in the mailbox: no crash, nothing that cannot be stored, nobody's name, no key made up."""

from __future__ import annotations

import json
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from channels.bounces import Home, Told, read_mail
from channels.mail_parts import MAIL_LIMIT, read_parts
from channels.masking import masked
from tests.channels import bounce_mails as mails
from tests.channels.bounce_mails import KEY, recipient, report
from tests.draws import draws

HOME = Home("bounces@bounce.example", "jianglan.example")
N = draws(10_000)
PIECES = st.sampled_from(
    [
        b"\r\n", b"\n", b"\n\n", b"--=_b/1", b"--=_b/1--", b"--", b": ", b";", b"\0", b"\xff\xfe", b"\xed\xa0\x80",
        b"(", b")",
        b"Content-Type: multipart/report; boundary=\"=_b/1\"", b"Content-Type: message/delivery-status",
        b"Content-Type: multipart/mixed; boundary*0=a; boundary*1*=utf-8''%00", b"charset=\"\0\"",
        b"charset=unicode_escape",
        b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: quoted-printable", b"=?utf-8?b?////?=",
        b"=?\0?q?=00?=", b"Action: failed", b"Status: 5.1.1", b"Diagnostic-Code: smtp; 550", b"5.1.1",
        b"Subject: failure notice",
        b"From: postmaster@x", b"Return-Path: <>", f"<{KEY}@jianglan.example>".encode(), b"Feedback-Type: abuse",
        b"Content-Type: message/feedback-report", b"Message-ID: ", b"To: bounces+@bounce.example", b"\x1b$B", b"&#0;",
    ]
)  # fmt: skip
SOUP = st.lists(PIECES | st.binary(max_size=12), max_size=60).map(b"".join)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A genuine mail in which some pieces were cut out, doubled, or written over."""
    raw = mails.GENUINE[draw(st.sampled_from(sorted(mails.GENUINE)))]
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(raw)))
        end = min(len(raw), start + draw(st.integers(0, 80)))
        raw = (
            raw[:start] + draw(st.sampled_from([b"", raw[start:end] * 2]) | PIECES | st.binary(max_size=8)) + raw[end:]
        )
    return raw


MANY = b"Content-Type: multipart/report; boundary=a\n\n--a\nContent-Type: message/delivery-status\n\n"


def check(one: Told) -> None:
    """What is said is whole, short, and can stand in a JSON column."""
    assert (one.receipt is not None) == (one.what == "receipt")
    if one.receipt is None:
        return
    stored = json.dumps(one.receipt.raw, ensure_ascii=False)
    stored.encode()  # no half of a pair
    assert "\0" not in stored + one.receipt.code
    assert "\\u0000" not in stored
    assert len(stored) < 1000
    assert len(one.receipt.code) <= 20
    assert 0 < len(one.receipt.key) <= 62


@settings(max_examples=N)
@given(st.binary(max_size=400) | SOUP)
def test_any_bytes_are_read(raw: bytes) -> None:
    check(read_mail(raw, HOME))


@settings(max_examples=N)
@given(damaged())
def test_a_damaged_report_is_read_and_names_no_other_message(raw: bytes) -> None:
    one = read_mail(raw, HOME)
    check(one)
    if one.receipt is not None:
        assert one.receipt.key.encode() in raw.replace(b"=\r\n", b"")


@settings(max_examples=draws(2000))
@given(
    st.text(st.characters(codec="utf-8"), max_size=60),
    st.sampled_from(["wang.xiaoming", "13800138000", "王小明", "o'neill+x", "a"]),
    st.sampled_from(
        ["{}@city.example", "<{}@city.example>", "{}%40city.example", "user {} unknown", '"{}"@city.example']
    ),
)
def test_no_address_stays_in_what_is_kept(before: str, name: str, how: str) -> None:
    if name.lower() in before.lower():
        return
    kept = masked(f"{before} {how.format(name)} {before}", [f"{name}@city.example"])
    assert "city.example" not in kept or "@" not in how
    assert name == "a" or name not in kept


def test_what_is_made_to_take_long_does_not() -> None:
    started = time.process_time()
    for raw in (
        MANY + b"\n\n" * 500_000,
        MANY + b"Status: 5\n\n" * 90_000,
        b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n" * 250_000,
        b"Content-Type: multipart/mixed; boundary=a\n\n--a\n" * 20_000,
        b"Content-Type: message/rfc822\n\n" * 30_000,
        b"a: b\n" * 200_000,
        b"(" * 1_000_000,
        b"From: " + b"(" * 60_000 + b"\nSubject: " + b"=?utf-8?q?" * 5_000 + b"\n\n",
        *(b"From: postmaster@x\nSubject: failure notice\n\n" + bad for bad in
          (b"-" * 1_000_000, b"a@" * 500_000, b"550 #5.1.1.1" * 80_000, b"\n- " * 300_000, b"5" * 1_000_000)),
        report(recipient("5.1.1", "smtp; " + "user " * 10_000)),
        report(recipient("5.1.1", "smtp; 550 " + "a" * 60_000)),
    ):  # fmt: skip
        check(read_mail(raw, HOME))
    assert time.process_time() - started < 30  # a parser that is quadratic takes hours


def test_no_more_than_a_megabyte_is_looked_at() -> None:
    late = b"Content-Type: multipart/mixed; boundary=a\n\n--a\n\n" + b"x" * MAIL_LIMIT + b"\n--a\n\nlate\n--a--\n"
    assert len(read_parts(late).parts) == 1


def test_parts_within_parts_end_somewhere() -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(5_000))
    assert [part.kind for part in read_parts(deep).parts] == ["multipart/mixed"]
