"""Places in running text, the longest name first: 宁波杭州湾新区 is one place, and 杭州湾 none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from profiles.standards.regions_names import HALF, Index, Names, current, full, gathered, indexed, longest, short_name
from profiles.standards.regions_table import table

# Short names that are everyday words or people's: only the full name counts in running text.
_WORDS = frozenset(
    [
        "朝阳",
        "来宾",
        "长治",
        "日照",
        "大同",
        "白银",
        "大理",
        "普洱",
        "中山",
        "百色",
        "北海",
        "怒江",
        "红河",
        "安康",
        "文山",
        "白山",
        "三明",
        "和田",
    ]
)
_NOT_A_PLACE = re.compile(r"[东南西北中]?[湾路街巷弄岸麓畔]|[东西南北]侧")
_ZONE = re.compile(
    r"[^\W和与及的在对向为等或是由从市区县省支持推进促建设加快发展管理、，。]{0,6}?(?:经济技术开发区|经济开发区|"
    r"高新技术产业开发区|高新技术产业园区|高新技术开发区|高新区|经开区|开发区|产业集聚区|集聚区|综合保税区|保税区|"
    r"旅游度假区|度假区|风景名胜区|自由贸易试验区|自贸试验区|自贸区|工业园区|产业园区|新区)"
)


@dataclass(frozen=True)
class Place:
    """A place a text names, [start, end) in characters. `codes`: all it may mean.

    `zone`: a functional zone; one that is in no table has the codes of the division it is named after, which holds it.
    """

    text: str
    start: int
    end: int
    codes: tuple[str, ...]
    zone: bool = False


def places_in(text: str) -> tuple[Place, ...]:
    """Every place a text names, left to right, none within another: 宁波杭州湾新区 is Ningbo's zone and not 杭州."""
    plain, found, at = text.translate(HALF), [], 0
    while at < len(plain):
        place = _place_at(plain, at)
        if place:
            found.append(place)
        at = place.end if place else at + 1
    return tuple(found)


def _place_at(text: str, at: int) -> Place | None:
    end, codes = longest(_scanned(), text, at)
    if not codes or (text[at:end] in _briefly() and _NOT_A_PLACE.match(text, end)):
        return None
    if any(table()[code].level == "zone" for code in codes):
        return Place(text[at:end], at, end, codes, zone=True)
    zone = _ZONE.match(text, end)
    if zone and not any(longest(_scanned(), text, start)[1] for start in range(end, zone.end())):
        return Place(text[at : zone.end()], at, zone.end(), codes, zone=True)
    return Place(text[at:end], at, end, codes)


@cache
def _scanned() -> Index:
    """What is looked for in running text: full names but of townships, short ones of provinces and cities, zones."""
    kept = {name: codes for name, codes in full().items() if name.endswith("街道") or not _townships(codes)}
    return indexed(_briefly() | kept)


@cache
def _briefly() -> Names:
    cities = gathered((short_name(r.name), r.code) for r in current() if r.level == "city")
    provinces = gathered((short_name(r.name), r.code) for r in current() if r.level == "province")
    return {name: codes for name, codes in (cities | provinces).items() if name not in _WORDS and name not in full()}


def _townships(codes: tuple[str, ...]) -> bool:
    return all(table()[code].level == "street" for code in codes)
