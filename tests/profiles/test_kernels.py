"""Kernels read usual spellings of a whole column; what they give is what the one cell parser gives."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles import kernels
from profiles.address import parse_address
from profiles.column_cells import FEW, parse_column
from profiles.errors import ProfilesError
from profiles.profile_cells import COLUMNS, Known, spec_of
from tests.draws import DRAWS
from tests.profiles.making import refusal

DIGITS = "0123456789"
EVERY = (*COLUMNS, "revenue@2025")
WITH_KERNEL = [name for name in EVERY if spec_of(name).kernel]
SPELLINGS = {
    "phone": st.from_regex(r"(\+86|86|0086)?[ -]?1\d{10}", fullmatch=True)
    | st.from_regex(r"1[3-9]\d{9}", fullmatch=True),
    "email": st.from_regex(r"[A-Za-z0-9._+-]{1,70}@[A-Za-z0-9.-]{1,30}", fullmatch=True),
    "date": st.from_regex(r"[12]\d{3}-[01]\d-[0-3]\d", fullmatch=True),
    "number": st.from_regex(r"[+-]?\d{1,14}(\.\d{1,12})?", fullmatch=True),
    "text": st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30),
    "ref": st.from_regex(r"[A-Za-z0-9_.:-]{1,70}", fullmatch=True),
}


def one_by_one(name: str, texts: list[str]) -> list[Any]:
    found = []
    for text in texts:
        try:
            found.append(spec_of(name).parse(text, None))
        except ProfilesError as exc:
            found.append(exc.code)
    return found


def at_once(name: str, texts: list[str]) -> list[Any]:
    padded = [*texts, *["x"] * (FEW + 1)]  # few rows go without the kernel
    found = parse_column(pa.array(padded), spec_of(name), pa.nulls(len(padded), pa.date32()))
    assert isinstance(found.values, pa.Array)
    values = found.values.to_pylist()
    for row, exc in found.wrong:
        values[row] = exc.code
    return list(values[: len(texts)])


@pytest.mark.parametrize("name", WITH_KERNEL)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_column_at_once_is_read_as_cell_by_cell(name: str, data: st.DataObject) -> None:
    texts = [text.strip() for text in data.draw(st.lists(st.one_of(*SPELLINGS.values()), max_size=12))]
    texts = [text for text in texts if text]
    assert at_once(name, texts) == one_by_one(name, texts)


@settings(max_examples=300, deadline=None)
@given(st.lists(SPELLINGS["phone"] | st.from_regex(r"1\d{10}", fullmatch=True), min_size=1, max_size=40))
def test_a_mobile_the_kernel_reads_is_one_for_the_library(texts: list[str]) -> None:
    for text, value in zip(texts, kernels.mobiles(pa.array(texts)).to_pylist(), strict=True):
        if value is not None:
            assert parse_address("sms", text).value == value


def test_every_prefix_of_a_mobile_is_judged_as_the_library_does() -> None:
    texts = [f"1{prefix:04d}{ending}" for prefix in range(3000, 10_000, 7) for ending in ("000000", "123456")]
    assert at_once("phone", texts) == one_by_one("phone", texts)
    assert kernels.mobiles(pa.array(["13800130217", "+8613800130217"])).to_pylist() == ["+8613800130217"] * 2


@settings(max_examples=300, deadline=None)
@given(st.lists(SPELLINGS["email"], min_size=1, max_size=10))
def test_a_mailbox_the_kernel_reads_is_one_for_the_library(texts: list[str]) -> None:
    for text, value in zip(texts, kernels.mailboxes(pa.array(texts)).to_pylist(), strict=True):
        if value is not None:
            assert parse_address("email", text).value == value


def test_every_day_of_a_year_and_no_other() -> None:
    texts = [f"2024-{month:02}-{day:02}" for month in range(14) for day in range(33)]
    assert at_once("resident_since", texts) == one_by_one("resident_since", texts)
    assert kernels.dates(pa.array(["2024-02-29", "2023-02-29", "1879-12-31"])).to_pylist() == [
        date(2024, 2, 29),
        None,
        None,
    ]


def test_a_yearly_column_is_a_known_one() -> None:
    known = Known()
    assert "revenue@2025" in known
    for name in ("revenue@25", "region@2025", "revenue@", "@2025", "revenue@2025@2024", "revenue@９９９９", 5):
        assert name not in known


@settings(max_examples=DRAWS // len(EVERY) + 1, deadline=None)
@given(st.text(max_size=20))
def test_no_cell_crashes_its_parser(text: str) -> None:
    for name in EVERY:
        error = refusal(spec_of(name).parse, text, date(2026, 6, 24))
        assert error is None or (error.code and error.sentence)
