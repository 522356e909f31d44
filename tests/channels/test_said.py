"""What others say, made fit to be kept: whatever it was, PostgreSQL takes it, and no number of a person is in it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.said import DEEPEST, ITEMS, RAW_LIMIT, TEXT_LIMIT, read_json, shallow, sound, storable, word

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=30,
)


def levels(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(levels, inner), default=0) if isinstance(value, dict | list) else 0


@given(JSON)
def test_what_is_kept_can_be_stored_and_is_bounded(value: object) -> None:
    kept = storable({"a": value})
    written = json.dumps(kept, allow_nan=False, ensure_ascii=False)
    assert sound(written)
    assert len(json.dumps(kept)) <= RAW_LIMIT
    assert levels(kept) <= 4


@given(st.dictionaries(st.sampled_from("abcdef"), st.text("xyz 0", max_size=40) | st.integers(-999, 999), max_size=6))
def test_what_is_sound_is_kept_as_it_is(value: dict[str, object]) -> None:
    assert storable(value) == value


@given(JSON)
def test_json_is_read_as_others_read_it(value: object) -> None:
    text = json.dumps(value)
    plain = json.loads(text, parse_int=lambda one: int(one) if len(one) <= 18 else None, parse_constant=lambda _: None)
    assert read_json(text.encode()) == plain


@pytest.mark.parametrize("n", [DEEPEST, DEEPEST + 1, 1_000, 100_000])
def test_what_is_too_deep_costs_nothing_beside_it(n: int) -> None:
    body = b'[{"a": ' + b"[" * n + b'"]"' + b"]" * n + b'}, {"b": "\\"[{"}]'
    found = read_json(body)
    assert found[1] == {"b": '"[{'}


@given(JSON)
def test_what_is_shallow_is_left_alone(value: object) -> None:
    text = json.dumps(value)
    assert json.loads(shallow(text)) == json.loads(text) or levels(value) > DEEPEST


@pytest.mark.parametrize("text", ['"' + '\\"' * 200_000, "[" * 300_000, "]" * 300_000, '["' * 100_000, "{" * 9 + "]"])
def test_what_is_broken_is_refused_and_soon(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(text.encode())


@pytest.mark.parametrize("body", [b"\xff\xfe{", b"", b"{", b"nul", b"1" * 10 + b"e"])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(body)


def test_numbers_that_no_database_takes_are_none() -> None:
    assert read_json(b"[NaN, Infinity, -Infinity, 1e999, " + b"9" * 5000 + b", 12]") == [None] * 5 + [12]


def test_broken_letters_cost_no_other_entry() -> None:
    assert read_json(b'["\xff", "b"]') == ["\ufffd", "b"]


@pytest.mark.parametrize(
    "text",
    ["13800130217", "to +8613800130217 failed", "8613800130217", "138 0013 0217", "138-0013-0217", "wang@city.example"],
)
def test_numbers_and_mailboxes_are_masked(text: str) -> None:
    kept = str(storable({"a": text, "b": [text], text: 1, "n": 13800130217}))
    assert "0217" not in kept
    assert "wang" not in kept


@pytest.mark.parametrize(
    "text", ["900619746936498440^0", "20170525110000", "1716600000000", "a13800130217b", "LT:0059"]
)
def test_other_figures_stay(text: str) -> None:
    assert word(text) == text


@pytest.mark.parametrize("value", [None, True, [], {}, float("nan"), 10**400, b"bytes", object()])
def test_what_is_no_word_is_none(value: object) -> None:
    assert word(value) == ""


def test_texts_and_lists_are_cut() -> None:
    kept = storable({"a": "x" * 1000, "b": list(range(1000))})
    assert (len(kept["a"]), len(kept["b"])) == (TEXT_LIMIT, ITEMS)


def test_a_large_entry_keeps_what_is_short() -> None:
    kept = storable({"id": "7", "more": [["x" * 300] * 40] * 40})
    assert kept == {"id": "7"}
    assert len(json.dumps(storable({f"{n}": "x" * 300 for n in range(40)}))) <= RAW_LIMIT
