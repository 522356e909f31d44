"""Noise for the parsers of places and agencies: what is known, or an error with a code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.errors import ProfilesError
from profiles.standards.agencies import agency_of_prefix, agency_on, parse_agencies
from profiles.standards.regions import needs_confirmation, parse_region, places_in, region_of_name, regions_named, table
from tests.draws import DRAWS

CODES = "01234567890133 .９杭"
NAMES = "杭州西湖浙江宁波南昌城街道海自治县高新区干湾路市省（) 3301😀\n余"
AGENCIES = "国务院办公厅人民政府市省区县局委 、，（）\n杭州西湖浙江发改科财税总环保中华共和a1😀"
PREFIXES = "国浙杭政办发函府科苏财沪规令电 1〔号"
DAYS = (None, date(1999, 1, 1), date(2020, 1, 1), date(2024, 1, 1))
REFUSALS = {"no_agency", "several_agencies", "too_long", "ambiguous_agency", "no_agency_on_day"}


# All parsers in one run: drawing the noise costs most.
@settings(max_examples=DRAWS, deadline=None)
@given(st.binary(max_size=16))
def test_noise_is_known_or_refused(noise: bytes) -> None:
    _check_code(_written(CODES, noise[:13]))
    _check_name(_written(NAMES, noise))
    _check_agency(_written(AGENCIES, noise))
    for prefix in (_written(AGENCIES, noise), _written(PREFIXES, noise[:6])):
        found = agency_of_prefix(prefix)
        assert found is None or found.known


def _check_code(text: str) -> None:
    code = _read(lambda: parse_region(text, DAYS[len(text) % 4]))
    assert code == "unknown_region" or needs_confirmation(code) or not table()[code].successors


def _check_name(text: str) -> None:
    context = (None, "330100", "x")[len(text) % 3]
    assert all(code in table() for code in regions_named(text, context))
    found = _read(lambda: region_of_name(text, context))
    assert found in table() or found in ("unknown_region", "ambiguous_region")
    places = places_in(text)
    assert all(place.codes and 0 <= place.start < place.end <= len(text) for place in places)
    assert all(one.end <= other.start for one, other in pairwise(places))


def _check_agency(text: str) -> None:
    context = (None, "330106", "x")[len(text) % 3]
    assert _read(lambda: " ".join(one.name for one in parse_agencies(text, context)) and "") in {"", *REFUSALS}
    assert _read(lambda: agency_on(text, date(2000 + len(text), 3, 1)).name and "") in {"", *REFUSALS}


def _written(signs: str, noise: bytes) -> str:
    return "".join(signs[byte % len(signs)] for byte in noise)


def _read(call: Callable[[], str]) -> str:
    """What is answered, or the code of the library's own error; any other error is one of the test."""
    try:
        return call()
    except ProfilesError as exc:
        return exc.code
