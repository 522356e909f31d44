"""The region a document holds in: told by its title, its agency, or the header, in the terms of the table of divisions.

A title names its place first: 宁波杭州湾新区条例 is Ningbo's, though Hangzhou's name stands in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from profiles.standards import regions
from profiles.standards.agencies import AgencyError, parse_agency
from profiles.standards.regions_places import places_in
from profiles.standards.regions_table import table
from pushsvc.texts.policy import Note

LOOK = 60  # letters in which a title names its place
_FRONT = ("中华人民共和国", "中共", "关于", "支持", "促进", "推进", "印发", "在", "《", "“")


def region_of(told: Any, title: str, agencies: Sequence[str]) -> tuple[str | None, tuple[Note, ...]]:
    """(code, notes). A place in the title outranks a header that says another; one inside the header's is finer."""
    header = code_of(told)
    for words in (title, *agencies):
        named = leading_place(words, near=header)
        if named is None or named == header:
            continue
        if header is None or header == regions.NATION:
            return (named if header is None or _closed(named, agencies) else header), ()
        if regions.within(named, header):
            return named, ()
        if not regions.within(header, named):
            return named, (_corrected(header, named),)
    served = _served(agencies) if header is None else None
    if served:
        return served, ()
    if header is None and any(name.startswith(("国务院", "中共中央", "国家", "中央军委")) for name in agencies):
        return regions.NATION, ()
    return header, ()


def code_of(told: Any) -> str | None:
    """A header's code or name as a code: 330100, 330106001 (a street), 徐汇区. None where no table has it."""
    text = str(told).strip() if isinstance(told, str | int) and not isinstance(told, bool) else ""
    if text.isascii() and text.isdigit() and len(text) in (2, 4, 6, 9, 12):
        code = text.ljust(6, "0") if len(text) < 6 else text[:9]
        candidates = [code, code[:6]]
        found = next((one for one in candidates if regions.known(one)), None)
        return _parsed(found) if found else None
    return leading_place(text, near=None) if text else None


def leading_place(words: str, *, near: str | None) -> str | None:
    """The finest division the words begin with: 浙江省杭州市西湖区… -> 330106. An ambiguous name needs `near`.

    A functional zone (杭州湾新区) is no division: it stands for the one it lies in.
    """
    rest = words.strip()[:LOOK]
    for front in _FRONT:
        rest = rest.removeprefix(front)
    found, end = None, 0
    for place in places_in(rest):
        codes = _meant(place.codes, found, near)
        if place.start != end or len(codes) != 1:
            break
        found, end = codes[0], place.end
    return _division(found, near) if found else None


def _meant(codes: Sequence[str], parent: str | None, near: str | None) -> list[str]:
    """What a name can mean inside its parent; of several, what lies near."""
    inside = [code for code in codes if parent is None or (code != parent and regions.within(code, parent))]
    if len(inside) > 1 and near:
        inside = [code for code in inside if regions.within(code, near) or regions.within(near, code)]
    return inside


def _division(code: str, near: str | None = None) -> str | None:
    """The division a zone lies in; `near` itself where it holds the zone, for a zone may cross its counties."""
    known = table().get(code)
    if known is not None and known.level == "zone" and near and regions.within(code, near):
        return near
    while known is not None and known.level == "zone":
        code, known = known.parent, table().get(known.parent)
    return _parsed(code)


def _closed(named: str, agencies: Sequence[str]) -> bool:
    """Whether a place below a national header is the issuer's own, not what the State Council writes about."""
    return any(leading_place(agency, near=None) == named for agency in agencies)


def _parsed(code: str) -> str | None:
    try:
        return regions.parse_region(code)
    except regions.RegionError:
        return None


def _served(agencies: Sequence[str]) -> str | None:
    """The place that the first known agency serves."""
    for name in agencies:
        try:
            region = parse_agency(name).region
        except AgencyError:
            continue
        if region:
            return _division(region)
    return None


def _corrected(header: str, named: str) -> Note:
    left, right = regions.name_of(header), regions.name_of(named)
    return Note(
        "region_corrected",
        "region",
        f"地区由{left}更正为标题所称{right}",
        f"The header says region {header}, the title and agency say {named}.",
    )
