"""A mail's content on the wire: what aiosmtplib would write, also where nobody looks again."""

from __future__ import annotations

from aiosmtplib.protocol import PERIOD_REGEX, normalize_message_line_endings
from hypothesis import given
from hypothesis import strategies as st

from channels.wire import Mail, wire_form


@given(st.lists(st.sampled_from([b"a", b".", b"\r", b"\n", b"\r\n", b"..", b"b" * 80]), max_size=12).map(b"".join))
def test_the_content_stands_as_aiosmtplib_would_write_it(raw: bytes) -> None:
    theirs = PERIOD_REGEX.sub(b"..", normalize_message_line_endings(raw)) + b".\r\n"
    assert wire_form(raw) == theirs


def test_a_mail_that_is_known_to_be_ready_is_only_ended() -> None:
    raw = b"To: a@b.example\r\n\r\nabc\r\n"
    assert wire_form(Mail(raw)) == wire_form(raw) == raw + b".\r\n"
