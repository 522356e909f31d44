"""Credit codes, letters in the first places included."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.standards.identifiers import IdentifierError, check_letter, parse_credit_code
from tests.profiles.making import credit_code, refusal


@pytest.mark.parametrize(
    ("first", "kind"),
    [("91330100", "enterprise"), ("92330106", "self_employed"), ("N2330109", "cooperative"), ("A1330100", "")],
)
def test_the_first_letters_say_whose_it_is(first: str, kind: str) -> None:
    code = credit_code(first, "12345678")
    assert parse_credit_code(code).kind == kind
    assert parse_credit_code(code).value == code


def test_a_code_is_read_as_people_write_it() -> None:
    code = credit_code("91330100", "MA27ABCD")
    written = code[:8].translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"}) + " " + code[8:].lower()
    assert parse_credit_code(written).value == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "bad_length"), ("9" * 17, "bad_length"), ("9" * 500, "bad_length"), ("O" * 18, "bad_letter")],
)
def test_a_malformed_code_is_an_error(text: str, code: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse_credit_code(text)
    assert caught.value.code == code


def test_the_inner_code_is_checked_too() -> None:
    good = credit_code("91330100", "12345678")
    first17 = good[:16] + ("0" if good[16] != "0" else "1")
    with pytest.raises(IdentifierError) as caught:
        parse_credit_code(first17 + check_letter(first17))
    assert caught.value.code == "bad_inner_check"


@given(st.text("0123456789", min_size=8, max_size=8), st.integers(0, 17), st.sampled_from("0123456789ABCXY"))
def test_one_mistyped_character_is_noticed(body: str, place: int, letter: str) -> None:
    good = credit_code("91330100", body)
    bad = good[:place] + letter + good[place + 1 :]
    if bad == good:
        return
    with pytest.raises(IdentifierError):
        parse_credit_code(bad)


@given(st.text(max_size=40))
def test_no_text_crashes_it(text: str) -> None:
    error = refusal(parse_credit_code, text)
    assert error is None or error.code
