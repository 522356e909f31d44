"""Who issued a text: an agency's name, its days, who took over, and the place it serves.

Central agencies are in a table with the days of the reforms. A local one is a place and a body (杭州市 + 科学技术局),
so every place has its own without a row of its own.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from profiles.standards.agencies_table import (
    Agency,
    AgencyError,
    bodies,
    full_names,
    named,
    prefixes,
    without_country,
)
from profiles.standards.regions_names import name_at, regions_named, short_name
from profiles.standards.regions_table import lineage, table

__all__ = ["Agency", "AgencyError", "agency_of_prefix", "agency_on", "parse_agencies", "parse_agency"]

LONGEST = 60  # characters of one name
MOST = 20_000  # characters of a field with several
_HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_BETWEEN = re.compile(r"[\s、,;/|]+")
_SPACED = re.compile(r"\S(?:[ \t]+\S)+")
_BODY = re.compile(
    r"[一-龥()]*(?:局|厅|部|署|委员会|委|办公室|办|政府|中心|总队|支队|法院|检察院|协会|联合会|总会|学会|公司|大学)"
)
_LEVELS = {"省": ("province",), "市": ("city",), "区": ("county",), "县": ("county",)}
_ABOVE = "国家税务总局"
# GB/T 2260 short forms of provinces, as numbers of documents begin.
_SHORT = (
    "京北京市 津天津市 冀河北省 晋山西省 内内蒙古自治区 辽辽宁省 吉吉林省 黑黑龙江省 沪上海市 苏江苏省 浙浙江省 "
    "皖安徽省 闽福建省 赣江西省 鲁山东省 豫河南省 鄂湖北省 湘湖南省 粤广东省 桂广西壮族自治区 琼海南省 渝重庆市 "
    "川四川省 黔贵州省 云云南省 藏西藏自治区 陕陕西省 甘甘肃省 青青海省 宁宁夏回族自治区 新新疆维吾尔自治区"
)
_PROVINCES = {pair[0]: pair[1:] for pair in _SHORT.split(" ")}
_PROVINCIAL = re.compile(r"(.)(政|府)(办)?(?:发明电|发|函|规|字|规发)?")


def parse_agency(text: str, context: str | None = None) -> Agency:
    """One agency by its name or a usual short form. Raises AgencyError "no_agency" or "several_agencies".

    `context`: the code of the place the text is from, for names that leave it out (市发改委, 西湖区人民政府). A
    name that is in no table comes back as it is, not known.
    """
    found = parse_agencies(text, context)
    if len(found) > 1:
        raise AgencyError("several_agencies", "", f"{text.strip()[:40]!r} names {len(found)} agencies.")
    return found[0]


def parse_agencies(text: str, context: str | None = None) -> tuple[Agency, ...]:
    """The agencies of a field, separated by 、, commas, spaces or lines, in order and once each.

    Raises AgencyError: "no_agency" for a field without one, "too_long".
    """
    if len(text) > MOST:
        raise AgencyError("too_long", "", f"A field of agencies has at most {MOST} characters.")
    plain = text.translate(_HALF).strip()
    if _SPACED.fullmatch(plain) and len(plain.split()) > 2:
        plain = re.sub(r"\s+", "", plain)  # 杭 州 市 财 政 局, as letterheads are set
    parts = tuple(dict.fromkeys(part for part in _BETWEEN.split(plain) if part))
    if not parts:
        raise AgencyError("no_agency", "", "The field names no agency.")
    if any(len(part) > LONGEST for part in parts):
        raise AgencyError("too_long", "", f"An agency's name has at most {LONGEST} characters.")
    return tuple(_one(part, context) for part in parts)


def agency_on(name: str, day: date) -> Agency:
    """Who did that agency's work on a day: itself, who took over, or who came before.

    Raises AgencyError: "ambiguous_agency" where several did, "no_agency_on_day" where nobody is known to.
    """
    found = parse_agency(name)
    for _ in range(len(named()) + 1):
        if found.on(day):
            return found
        found = _step(found, day)
    raise AgencyError("no_agency_on_day", "", f"It is not known who did the work of {name} on {day}.")


def agency_of_prefix(prefix: str) -> Agency | None:
    """The agency whose document numbers begin so (浙政办发 → 浙江省人民政府办公厅); None where it is not known."""
    text = re.sub(r"\s+", "", prefix.translate(_HALF)[:LONGEST])
    whole = prefixes().get(text)
    if whole:
        return parse_agency(whole[0])
    government = _PROVINCIAL.fullmatch(text)
    if government and government[1] in _PROVINCES:
        return parse_agency(_PROVINCES[government[1]] + ("人民政府办公厅" if government[3] else "人民政府"))
    for end in range(len(text) - 1, 0, -1):
        begun = prefixes().get(text[:end])
        if begun and begun[1]:
            return parse_agency(begun[0])
    return None


def _step(found: Agency, day: date) -> Agency:
    """One step towards the day, to who took over or who came before."""
    later = found.until is not None and day >= found.until
    names = found.successors if later else _before(found.name, day)
    if len(names) > 1:
        raise AgencyError("ambiguous_agency", "", f"{'、'.join(names)} share the work of {found.name} on {day}.")
    if not names:
        raise AgencyError("no_agency_on_day", "", f"It is not known who did the work of {found.name} on {day}.")
    return parse_agency(names[0])


def _before(name: str, day: date) -> tuple[str, ...]:
    """Who handed their work to `name` after the day; of those only the ones of the day where there are any."""
    handed = [row for row in named().values() if name in row.successors]
    held = [row.name for row in handed if row.on(day)]
    return tuple(held or (row.name for row in handed if row.since and day < row.since))


def _one(name: str, context: str | None) -> Agency:
    whole = full_names().get(name) or full_names().get(without_country(name))
    if whole:
        return named()[whole]
    above = _ABOVE if name.startswith(_ABOVE) else ""
    found = _local(name[len(above) :], context)
    if found and above:
        return replace(found, name=above + found.name, current_name=above + found.current_name)
    return found or Agency(name, None, name)


def _local(name: str, context: str | None) -> Agency | None:
    end, place, codes = _place(name, context)
    body = bodies().get(name[end:])
    if not end and body is None:
        return None
    if body is None and not _BODY.fullmatch(name[end:]):
        return None
    region = codes[0] if len(codes) == 1 else None
    whole = place + (body.name if body else name[end:])
    if body is None or body.until is None:
        return Agency(whole, region, whole, known=bool(body and region), body=body.name if body else name[end:])
    successors = tuple(place + one for one in body.successors)
    current = successors[0] if len(successors) == 1 else ""
    known = region is not None
    return Agency(whole, region, current, until=body.until, known=known, body=body.name, successors=successors)


def _place(name: str, context: str | None) -> tuple[int, str, tuple[str, ...]]:
    """How far the place reaches, its name with the last part in full, and the codes it may mean."""
    at, codes, place = 0, tuple[str, ...](), ""
    while True:
        end, here = name_at(name, at)
        below = tuple(code for code in here if not codes or any(one in lineage(code)[1:] for one in codes))
        if not below or (end == len(name)):
            break
        place, codes, at = place + _in_full(name[at:end], below), below, end
    if at:
        return at, place, _settled(name[:at], codes, context)
    return _left_out(name, context)


def _in_full(written: str, codes: tuple[str, ...]) -> str:
    names = {table()[code].name for code in codes if short_name(table()[code].name) == written}
    return names.pop() if len(names) == 1 and len(codes) == 1 else written


def _settled(place: str, codes: tuple[str, ...], context: str | None) -> tuple[str, ...]:
    if len(codes) > 1:
        for above in lineage(context)[:-1] if context else ():
            inside = tuple(code for code in codes if above in lineage(code))
            if inside:
                return inside
    return codes or regions_named(place)


def _left_out(name: str, context: str | None) -> tuple[int, str, tuple[str, ...]]:
    """市发改委, as the place's own texts say: the place is the one of that rank around the context."""
    wanted = _LEVELS.get(name[:1])
    if wanted and context and name[1:] in bodies():
        for code in lineage(context):
            if table()[code].level in wanted:
                return 1, table()[code].name, (code,)
    return (1, name[0], ()) if wanted and name[1:] in bodies() else (0, "", ())
