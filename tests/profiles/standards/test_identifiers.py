"""Credit codes, letters in the first places included."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.standards.identifiers import SUBJECTS, IdentifierError, check_letter, parse_credit_code
from tests.profiles.making import credit_code, refusal


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        ("91330100", "enterprise"),
        ("92330106", "self_employed"),
        ("93330106", "cooperative"),
        ("N2330109", "cooperative"),
        ("11330000", "other"),
        ("A1330100", "other"),
        ("Y1330100", "other"),
        ("52330100", "other"),
        ("G9330100", ""),
    ],
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


SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODES = st.builds(
    lambda first, place, body: credit_code(first + place, body),
    st.sampled_from(sorted(SUBJECTS)),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(SIGNS, min_size=8, max_size=8),
)


@given(CODES)
def test_a_code_of_any_register_is_good(code: str) -> None:
    found = parse_credit_code(code)
    assert (found.value, found.subject) == (code, SUBJECTS[code[:2]][0])


@given(CODES, st.integers(0, 17), st.sampled_from(SIGNS + "IOSVZ-*号"))
def test_one_mistyped_character_is_noticed(good: str, place: int, letter: str) -> None:
    bad = good[:place] + letter + good[place + 1 :]
    if bad == good:
        return
    with pytest.raises(IdentifierError):
        parse_credit_code(bad)


@given(CODES, st.integers(0, 16))
def test_two_neighbours_swapped_are_noticed(good: str, place: int) -> None:
    bad = good[:place] + good[place + 1] + good[place] + good[place + 2 :]
    assert bad == good or refusal(parse_credit_code, bad) is not None


@given(CODES, st.integers(0, 9))
def test_a_whole_code_with_a_wrong_inner_check_is_noticed(good: str, digit: int) -> None:
    first17 = good[:16] + str(digit)
    error = refusal(parse_credit_code, first17 + check_letter(first17))
    assert (error is None) == (first17 == good[:17])


@pytest.mark.parametrize("blank", [" ", "-", "　", "\t", "–", "\u200b"])
def test_blanks_between_the_parts_are_passed_over(blank: str) -> None:
    code = credit_code("N2330109", "MA27ABCD")
    assert parse_credit_code(f"{code[:2]}{blank}{code[2:8]}{blank}{code[8:17]}{blank}{code[17]}").value == code
