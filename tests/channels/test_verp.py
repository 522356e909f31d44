"""Return paths: what was written is read back, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.any_address import LOCAL_LIMIT
from channels.text import MAIL_ADDRESS, TextError
from channels.verp import check, read, write

ADDRESS = "bounces@jianglan.example"
KEYS = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_~-", min_size=1, max_size=LOCAL_LIMIT - len("bounces+"))
HEX = st.text("0123456789abcdef", min_size=32, max_size=32)


@given(KEYS | HEX)
def test_a_key_is_read_back_as_it_was_written(key: str) -> None:
    path = write(ADDRESS, key)
    assert path == f"bounces+{key}@jianglan.example"
    assert MAIL_ADDRESS.fullmatch(path)
    assert len(path.partition("@")[0]) <= LOCAL_LIMIT
    assert read(ADDRESS, path) == key


@given(HEX, st.data())
def test_the_domain_is_read_in_any_case(key: str, data: st.DataObject) -> None:
    local, _, domain = write(ADDRESS, key).partition("@")
    swapped = "".join(data.draw(st.sampled_from((char, char.upper()))) for char in domain)
    assert read(ADDRESS, f"{local}@{swapped}") == key


PIECES = st.sampled_from(["bounces", "+", "@", "jianglan.example", "JIANGLAN.example", "k", "\r\n", "<", "长", "", "."])


@given(st.lists(PIECES, max_size=6).map("".join) | st.text(max_size=400))
def test_whatever_is_read_would_be_written_so(to: str) -> None:
    key = read(ADDRESS, to)
    assert key is None or write(ADDRESS, key) == to.replace("JIANGLAN", "jianglan")


@pytest.mark.parametrize(
    "to",
    [
        "", "@", "bounces@jianglan.example", "bounces+@jianglan.example", "other+k@jianglan.example",
        "bounces+k@other.example", "bounces+k@x@jianglan.example", "bounces+k+l@jianglan.example",
        "<bounces+k@jianglan.example>", "bounces+k@jianglan.example\r\n", "bounces+k@jianglan.exam\u017fle",
        "bounces+\ud800@jianglan.example", "bounces+" + "k" * 57 + "@jianglan.example", "bounces+k" * 10**5,
    ],
)  # fmt: skip
def test_anything_else_names_no_message(to: str) -> None:
    assert read(ADDRESS, to) is None


@pytest.mark.parametrize("key", ["", "a b", "a@b", "a>", "k\r\n", "长", "a.b", "a+b", "k" * 57])
def test_a_key_that_cannot_stand_there_is_refused(key: str) -> None:
    with pytest.raises(TextError) as caught:
        write(ADDRESS, key)
    assert caught.value.code == "bad_key"


def test_a_wire_key_fits_after_31_characters_and_not_after_32() -> None:
    assert check("b" * 31 + "@d.example") == "b" * 31 + "@d.example"
    assert len(write("b" * 31 + "@d.example", "f" * 32).partition("@")[0]) == LOCAL_LIMIT
    for address in ("b" * 32 + "@d.example", "a+b@d.example", "nobody", "长@d.example"):
        with pytest.raises(TextError) as caught:
            check(address)
        assert caught.value.code == "bad_address"
        assert address not in caught.value.sentence


def test_a_domain_in_chinese_stands_in_its_ascii_form() -> None:
    path = write("bounces@江澜.example", "k1")
    assert path.isascii()
    assert read("bounces@江澜.example", path) == "k1"
