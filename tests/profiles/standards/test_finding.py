"""Trees to choose from: everything is reached by walking down, whatever is found is in the tree, nothing breaks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.standards import industries, regions
from profiles.standards import industries_finding as trades
from profiles.standards import regions_finding as places

WORDS = st.text(max_size=12) | st.sampled_from([*industries.table()]) | st.from_regex(r"\d{1,12}", fullmatch=True)


def below(tree: object, code: str) -> list[str]:
    """All codes that one comes to by walking down."""
    found = [row.code for row in tree.children(code)]  # type: ignore[attr-defined]  # either of the two modules
    return [*found, *(one for part in found for one in below(tree, part))]


def test_every_industry_is_reached_once_and_tells_its_way() -> None:
    reached = below(trades, "")
    assert sorted(reached) == sorted(industries.table())
    assert [row.code for row in trades.lineage("I6513")] == ["I", "I65", "I651", "I6513"]


def test_every_place_of_today_is_reached_once() -> None:
    reached = below(places, places.NATION)
    living = [
        r.code for r in regions.table().values() if not (r.until or r.successors or r.level in ("zone", "nation"))
    ]
    assert sorted(reached) == sorted(living)


def test_usual_words_name_industries_that_exist() -> None:
    named = {code for codes in trades.SPOKEN.values() for code in codes.split("|")}
    assert named <= set(industries.table())


@given(WORDS)
def test_whatever_is_typed_only_industries_are_found_each_once(typed: str) -> None:
    found = [row.code for row in trades.find(typed)]
    assert set(found) <= set(industries.table())
    assert len(found) == len(set(found))


@given(WORDS, st.sampled_from([None, "330106", "990101", "nowhere"]))
def test_whatever_is_typed_only_places_of_today_are_found(typed: str, near: str | None) -> None:
    found = [region.code for region in places.find(typed, near)]
    assert len(found) == len(set(found))
    assert all(not places.line(code)[-1].successors for code in found)


@pytest.mark.parametrize("code", ["I", "I65", "I651", "I6513"])
def test_a_code_with_its_name_in_whatever_shape_finds_itself_first(code: str) -> None:
    name = industries.name_of(code)
    for typed in (code, code.lower(), f"{code} {name}", name if code != "I651" else code):
        assert trades.find(typed)[0].code == code
    if len(code) > 1:
        assert trades.find(code[1:])[0].code == code


def test_places_near_the_reader_come_first() -> None:
    assert places.find("湖街道", "330106")[0].parent == "330106"
    assert places.find("330110")[0].code == "330110"
    assert {one.code for one in places.find("330110")} <= {"330110", *(c.code for c in places.children("330110"))}
    assert places.find("000000") == places.find("市") == ()
