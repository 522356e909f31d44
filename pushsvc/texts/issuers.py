"""Who issued a document: its title and signature say so; a crawler's word counts where the document is silent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from profiles.standards.agencies import AgencyError, agency_of_prefix, parse_agency
from profiles.standards.doc_numbers import DocNumber
from profiles.standards.regions import NATION
from pushsvc.texts.signatures import AGENCY_END, Signature

_TITLE = re.compile(r"^(.{2,60}?)(?:关于|转发|批转|印发|发布|公布|对|令(?:$|[（(第])|公告|通告|通报)")
_PARTY = re.compile(r"(?:中共中央|党中央)$")
_CONGRESS = re.compile(
    r"^(.{0,9}?[省市县区州旗])?(?:第?[一二三四五六七八九十]{1,4}届)?(?:人民代表大会|人大)(常务委员会|常委会)?"
)
# Who reports on a document does not issue it.
_MEDIA = re.compile(
    r"(?:日报|晚报|早报|晨报|时报|商报|新闻|新闻网|在线|网|网站|电视台|广播|客户端|公众号|微信|微博|频道|社|头条|号)$"
)
_MOST = 4  # agencies from which a field is the menu of a site, not the head of a document
_CRUMB = re.compile(r"/\s*([\u4e00-\u9fff]{4,30}(?:局|委员会|办公室|办|政府|厅|处|中心))\s*/")


def in_title(title: str) -> tuple[str, ...]:
    """The agencies a title begins with: 国务院办公厅、中央军委办公厅关于… -> both."""
    found = _TITLE.match(title)
    return _names(found.group(1)) if found else ()


def in_order(numbers: Sequence[DocNumber]) -> tuple[str, ...]:
    """Whose order it is: 国务院令第706号 -> 国务院. 主席令 and the like name an office, not an agency."""
    found = numbers[0].prefix.removesuffix("令") if numbers and numbers[0].prefix.endswith("令") else ""
    return (found,) if AGENCY_END.search(found) else ()


def told(value: Any) -> tuple[str, ...]:
    """The agencies of a header field, () for a placeholder or for a site's menu."""
    if not isinstance(value, str) or not value.strip("-—－/ 无"):
        return ()
    lines = [line.strip() for line in re.split(r"[\n\t|;；]", value) if line.strip()]
    if len(lines) >= _MOST:
        return ()
    names = _names("、".join(lines))
    if names:
        return names if len(names) <= 12 else ()
    return tuple(lines) if len(lines) == 1 and len(lines[0]) <= 60 and not _MEDIA.search(lines[0]) else ()


def of_congress(events: Any, title: str, region_name: str) -> tuple[str, ...]:
    """Who passed a local regulation, from its history: 杭州市人民代表大会常务委员会."""
    for event, _ in _passed(events):
        found = _CONGRESS.match(event)
        if found:
            place = found.group(1) or region_name
            if place in ("省", "市", "") or not place.endswith(tuple("省市县区州旗")):
                place = region_name
            whole = "人民代表大会" + ("常务委员会" if found.group(2) else "")
            return (place + whole,) if place else ()
    found = re.match(r"(.{2,9}?[省市])", title)
    return (f"{found.group(1)}人民代表大会常务委员会",) if found and not _passed(events) else ()


def day_passed(events: Any) -> Any:
    """The day (as told) on which a regulation was last passed as a whole; None where its history does not say."""
    days = [day for _, day in _passed(events) if isinstance(day, str)]
    return max(days, default=None)


def in_crumbs(text: str) -> tuple[str, ...]:
    """The agency whose shelf of a site a page stands on (首页/政务公开/…/徐汇区…办公室/…)."""
    found = _CRUMB.search(text[:800])
    return (found.group(1),) if found else ()


def by_letters(numbers: Sequence[DocNumber]) -> tuple[str, ...]:
    """Whose letters a number begins with: 杭政办函 -> 杭州市人民政府办公厅."""
    found = agency_of_prefix(numbers[0].prefix) if numbers else None
    return (found.name,) if found else ()


def in_full(names: Sequence[str], region: str | None) -> tuple[str, ...]:
    """Local short forms in full where the table knows them: 市民政局 of 330100 -> 杭州市民政局."""
    return tuple(dict.fromkeys(_full(name, region) for name in names))


def _full(name: str, region: str | None) -> str:
    try:
        found = parse_agency(name, region)
    except AgencyError:
        return name
    return found.name if found.known and found.region != NATION else name


def first_told(sources: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[str, tuple[str, ...]]:
    """The first source that says something."""
    return next(((source, names) for source, names in sources if names), ("", ()))


def same(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether two sources mean the same agencies: one may shorten the other's names."""
    mine, yours = ({_short(name) for name in names} for names in (left, right))
    return all(any(a.endswith(b) or b.endswith(a) for b in yours) for a in mine) if mine and yours else not mine


def signed_by(signature: Signature | None) -> tuple[str, ...]:
    """The agencies of a signature, () where there is none."""
    return signature.agencies if signature else ()


def _short(name: str) -> str:
    return re.sub(r"人民政府", "政府", name)


def _names(text: str) -> tuple[str, ...]:
    names = [name for name in re.split(r"[\s、]+", text.strip()) if name]
    if len(names) > 1 and all(len(name) == 1 for name in names):
        names = ["".join(names)]
    good = all((AGENCY_END.search(name) or _PARTY.search(name)) and len(name) <= 40 for name in names)
    return tuple(names) if names and good and not re.search(r"[，。；：《》]", text) else ()


def _passed(events: Any) -> list[tuple[str, Any]]:
    """(what happened, day) of the votes on the whole text; amendments of single articles and approvals are none."""
    rows = [event for event in events[:50] if isinstance(event, Mapping)] if isinstance(events, list) else []
    told = [(str(event.get("event") or ""), event.get("date")) for event in rows]
    return [(event, day) for event, day in told if re.search(r"会议(?:审议)?(?:通过|(?:第.{1,3}次)?修订)", event)]
