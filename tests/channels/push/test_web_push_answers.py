"""An answer that is read at sight is read as h11 reads it, however it is cut up on its way."""

from __future__ import annotations

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.push import answers
from channels.push.answers import BODY_LIMIT, Answer, Reading

NAMES = st.sampled_from(
    ["Content-Length", "content-length", "Location", "Retry-After", "Connection", "X", "TTL", "Date"]
)
VALUES = st.sampled_from(["0", "2", "5", "+1", "1_0", "", " 2 ", "close", "chunked", "/m/abc", "a: b", "\xe9"])
HEADS = st.sampled_from(["HTTP/1.1 201 Created", "HTTP/1.1 410", "HTTP/1.0 200 OK", "HTTP/1.1 204 No", "HTTP/1.1 99 x"])


def read(*parts: bytes) -> tuple[Answer | None, bool, bool]:
    """The answer, whether the line is kept, and whether it was no answer at all."""
    reading = Reading()
    try:
        for part in parts:
            found = reading.feed(part)
            if found is not None:
                return found, reading.kept, False
    except h11.ProtocolError:
        return None, False, True
    return None, False, False


def by_h11(data: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[Answer | None, bool, bool]:
    """The same by h11 alone."""
    with monkeypatch.context() as patch:
        patch.setattr(answers, "_plain", lambda seen: None)
        return read(data, b"")


@given(HEADS, st.lists(st.tuples(NAMES, VALUES), max_size=4), st.binary(max_size=8))
def test_it_is_read_as_h11_reads_it(head: str, fields: list[tuple[str, str]], body: bytes) -> None:
    lines = [head, *(f"{name}: {value}" for name, value in fields), "", ""]
    data = "\r\n".join(lines).encode("latin-1") + body
    with pytest.MonkeyPatch.context() as patch:
        assert read(data, b"") == by_h11(data, patch)


WHOLE = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nLocation: /m/1\r\nRetry-After: 9\r\n\r\nok"
CHUNKED = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\nLocation: /m/1\r\n\r\n2\r\nok\r\n0\r\n\r\n"


@pytest.mark.parametrize(("data", "retry_after"), [(WHOLE, "9"), (CHUNKED, None)])
def test_it_may_come_in_any_pieces(data: bytes, retry_after: str | None) -> None:
    expected = (Answer(201, "/m/1", retry_after), True, False)
    assert read(data) == read(*(data[at : at + 1] for at in range(len(data)))) == expected
    for cut in range(1, len(data)):
        assert read(data[:cut], data[cut:]) == expected
        assert read(data[:cut]) == (None, False, False)


def test_what_follows_an_answer_costs_the_line() -> None:
    assert read(WHOLE + b"HTTP/1.1 200 OK\r\n") == (Answer(201, "/m/1", "9"), False, False)


def test_a_close_that_is_announced_is_kept_to() -> None:
    told = b"HTTP/1.1 201 Created\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    assert read(told) == (Answer(201), False, False)


def test_a_body_without_end_is_not_read_to_it() -> None:
    head = b"HTTP/1.1 410 Gone\r\nContent-Length: 999999999999\r\n\r\n"
    assert read(head, *[b"x" * 1000] * (BODY_LIMIT // 1000 + 1)) == (Answer(410), False, False)


def test_a_head_without_end_is_no_answer() -> None:
    assert read(b"HTTP/1.1 201 Created\r\n", *[b"X: y\r\n"] * 20_000) == (None, False, True)
