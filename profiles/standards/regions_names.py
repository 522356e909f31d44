"""Places by name: full and short, alone or in a chain (浙江省杭州市西湖区)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from profiles.standards.regions_table import Region, RegionError, lineage, rows_of, table

LONGEST = 80  # characters of a name; longer text is no name
HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_DEAD = re.compile(r"\(.*\)$")
_RANK = re.compile(r"(?:特别行政区|自治区|自治州|自治县|自治旗|地区|林区|特区|[省市区县旗盟])$")
# GB/T 3304: the peoples in the names of autonomous places.
_PEOPLE = re.compile(
    r"(?:蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西|景颇|"
    r"柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|塔吉克|怒|鄂温克|保安|裕固|独龙|鄂伦春|普米|各)族?$"
)


def regions_named(text: str, within: str | None = None) -> tuple[str, ...]:
    """The codes a name may mean, sorted: today's; where there are none, dead ones. `within`: only below that code.

    A full name is taken before a short one: 吉林市 is one place, 吉林 two. Chains such as 杭州西湖区 are read.
    """
    name = _plain(text)
    found = _chain(name, within) if 0 < len(name) <= LONGEST else frozenset()
    return tuple(sorted(found))


def region_of_name(name: str, context: str | None = None) -> str:
    """The one code a name means. Raises RegionError "unknown_region" or "ambiguous_region" with its candidates.

    `context`: a code; of several candidates those nearest to it in the tree are taken. A dead name gives what its
    code became where that is sure, otherwise the dead code, which needs confirmation.
    """
    found = regions_named(name)
    if not found:
        raise RegionError("unknown_region", "", f"{name.strip()[:30]!r} is no known region.")
    near = _nearest(found, context)
    if len(near) > 1:
        said = "、".join(f"{_path(code)} {code}" for code in near[:8])
        raise RegionError("ambiguous_region", "", f"{name.strip()[:30]!r} may mean {said}.", near)
    region = table()[near[0]]
    return region.successors[0] if len(region.successors) == 1 and not region.ask else region.code


def name_at(text: str, at: int = 0) -> tuple[int, tuple[str, ...]]:
    """The longest name, full or short, that starts at `at` of a half-width text: its end and codes, or (at, ())."""
    return longest(_index(), text, at)


def short_name(name: str) -> str:
    """杭州市 → 杭州, 景宁畲族自治县 → 景宁; a name of one sign keeps its rank (忠县)."""
    short = _RANK.sub("", name)
    if "自治" in name[len(short) :] or name.endswith("自治区"):
        while len(cut := _PEOPLE.sub("", short)) >= 2 and cut != short:
            short = cut
    return short if len(short) >= 2 else name


def _chain(name: str, within: str | None, depth: int = 0) -> frozenset[str]:
    whole = _meant(name, within)
    if whole or depth > 4:
        return whole
    found: set[str] = set()
    for end in range(len(name) - 2, 1, -1):
        for code in _meant(name[:end], within):
            if not table()[code].successors:
                found |= _chain(name[end:].lstrip(), code, depth + 1) - {code}
        if found:
            break
    return frozenset(found)


def _meant(name: str, within: str | None) -> frozenset[str]:
    """Today's places first, full names before short ones: 重庆市江北区 is no more, another 江北区 is."""
    for names in (full(), _short(), _dead(), _dead_short()):
        found = frozenset(code for code in names.get(name, ()) if within is None or within in lineage(code))
        if found:
            return found
    return frozenset()


def _nearest(found: tuple[str, ...], context: str | None) -> tuple[str, ...]:
    for above in lineage(context)[:-1] if context else ():
        inside = tuple(code for code in found if above in lineage(code))
        if inside:
            return inside
    return found


def _path(code: str) -> str:
    return "".join(table()[one].name for one in reversed(lineage(code)[:-1]))


Names = dict[str, tuple[str, ...]]
Index = tuple[Names, dict[str, tuple[int, ...]]]


def longest(index: Index, text: str, at: int) -> tuple[int, tuple[str, ...]]:
    """The longest name of the index that starts at `at`: its end and codes, or (at, ())."""
    names, lengths = index
    for length in lengths.get(text[at : at + 2], ()):
        name = text[at : at + length]
        if name in names:
            return at + len(name), names[name]
    return at, ()


@cache
def _index() -> Index:
    return indexed(_short() | full())


def indexed(names: Names) -> Index:
    """Names with the lengths to try for each pair of first signs, longest first."""
    lengths: dict[str, set[int]] = {}
    for name in names:
        lengths.setdefault(name[:2], set()).add(len(name))
    return names, {head: tuple(sorted(found, reverse=True)) for head, found in lengths.items()}


@cache
def full() -> Names:
    """Full names and aliases of today's places."""
    return gathered((name, r.code) for r in current() for name in (_plain(r.name), *map(_plain, r.aliases)))


@cache
def _short() -> Names:
    divisions = [r for r in current() if r.level in ("province", "city", "county")]
    return gathered((short, r.code) for r in divisions for short in _shortened(_plain(r.name)) if short not in full())


def _shortened(name: str) -> Iterator[str]:
    """海南藏族自治州 → 海南, 海南州; 浦东新区 → 浦东."""
    short = short_name(name)
    yield short
    if "自治" in name[len(short) :] and not name.endswith("区"):
        yield short + name[-1]
    if name.endswith("新区") and len(name) > 3:
        yield name[:-2]


@cache
def _dead() -> Names:
    """Names given up: of dead codes (of several one place had within a province the last), and of codes that live."""
    last: dict[tuple[str, str], Region] = {}
    for region in table().values():
        if not region.until or region.level == "street" or region.code.endswith(".old"):
            continue
        key = _DEAD.sub("", region.name), region.parent[:2]
        held = last.get(key)
        if held is None or not held.until or held.until < region.until:
            last[key] = region
    former = ((row["name"], row["code"]) for row in rows_of("regions_former.csv"))
    return gathered([*((name, region.code) for (name, _), region in last.items()), *former])


@cache
def _dead_short() -> Names:
    """Short forms of names given up (江干, 襄樊), where nothing of today is called so."""
    return gathered((short_name(name), code) for name, codes in _dead().items() for code in codes)


def current() -> Iterator[Region]:
    """What has a name today; statistical areas have names that are no names (开发区)."""
    for region in table().values():
        statistical = region.level == "zone" and len(region.code) == 9 and not region.aliases
        if not region.until and not region.successors and not statistical and region.level != "nation":
            yield region


def gathered(pairs: Iterable[tuple[str, str]]) -> Names:
    """Names with all codes they may mean, sorted; names of one sign are none."""
    found: dict[str, set[str]] = {}
    for name, code in pairs:
        if len(name) >= 2:
            found.setdefault(name, set()).add(code)
    return {name: tuple(sorted(codes)) for name, codes in found.items()}


def _plain(text: str) -> str:
    return text[: LONGEST * 2].translate(HALF).strip()
