"""Calendar days as Chinese texts write them: 2021年6月17日, 二〇二一年六月十七日, 2021-08-04, 2021.8.4, 2021/8/4."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from profiles.standards.numerals import DIGITS, ZEROS, chinese_number

FIRST_YEAR, LAST_YEAR = 1900, 2199
_CHINESE_YEAR = rf"[一二三四五六七八九{ZEROS}]{{4}}"
_CHINESE_DAY = f"[元正十廿卅{DIGITS}{ZEROS}]{{1,3}}"
# A letter l is read as 1 where a scan has put it between the marks of a date.
_PLACES = r"(?P<y>(?<!\d)\d{4})\s?年\s?(?P<m>[\dl]{1,2})\s?月\s?(?P<d>[\dl]{1,2})\s?[日号]"
_CHINESE = rf"(?P<cy>{_CHINESE_YEAR})\s?年\s?(?P<cm>{_CHINESE_DAY})\s?月\s?(?P<cd>{_CHINESE_DAY})\s?[日号]"
_SIGNS = r"(?P<sy>(?<![\d.])\d{4})\s?(?P<sign>[-./－—])\s?(?P<sm>\d{1,2})\s?(?P=sign)\s?(?P<sd>\d{1,2})(?!\d)"
_DAY = re.compile(f"{_PLACES}|{_CHINESE}|{_SIGNS}")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{4}|\d{6})?")
_SINCE_1970 = re.compile(r"(1\d{9})(?:\d{3})?(?:\.\d{1,9})?")
_ZONED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)")
_CHINA = timezone(timedelta(hours=8))
# Addresses of government sites: /2019-02/15/content_1.htm, /202104/t20210415_1.html, /art/2021/4/15/art_1.html
_IN_ADDRESS = (
    re.compile(r"/(\d{4})-(\d{1,2})/(\d{1,2})/"),
    re.compile(r"/t?(\d{4})(\d{2})(\d{2})_\d+"),
    re.compile(r"/(\d{4})/(\d{1,2})/(\d{1,2})/"),
    re.compile(r"/(\d{4})-(\d{2})-(\d{2})/"),
)


@dataclass(frozen=True)
class Day:
    """A day and where it stands."""

    start: int
    end: int
    day: date


def find_days(text: str) -> Iterator[Day]:
    """Every day that exists in the calendar, in the order of the text."""
    for found in _DAY.finditer(text):
        day = _of(found)
        if day:
            yield Day(found.start(), found.end(), day)


def parse_day(value: Any) -> date | None:
    """The one day a header field means: a date, a time with its date, any written shape, a moment. Else None."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value).strip()[:40] if isinstance(value, str | int) and not isinstance(value, bool) else ""
    compact = _COMPACT.fullmatch(text)
    if compact:
        return _day(*map(int, compact.groups()))
    if _SINCE_1970.fullmatch(text) or _ZONED.fullmatch(text):
        return _moment(text)
    found = _DAY.match(text)
    return _of(found) if found else None


def _moment(text: str) -> date | None:
    """The day in China of a moment: seconds or milliseconds since 1970, or a time with its zone."""
    since = _SINCE_1970.fullmatch(text)
    try:
        moment = datetime.fromtimestamp(int(since[1]), _CHINA) if since else datetime.fromisoformat(text)
        return moment.astimezone(_CHINA).date()
    except (ValueError, OverflowError):
        return None


def day_in_address(url: str) -> date | None:
    """The day of publication that an address carries, None where it carries none."""
    for pattern in _IN_ADDRESS:
        found = pattern.search(url[:2000])
        day = _day(*map(int, found.groups())) if found else None
        if day:
            return day
    return None


def _of(found: re.Match[str]) -> date | None:
    if found["y"]:
        return _day(*(int(found[part].replace("l", "1")) for part in "ymd"))
    if found["sy"]:
        return _day(*(int(found[f"s{part}"]) for part in "ymd"))
    year, month, day = (chinese_number(_first(found[f"c{part}"])) for part in "ymd")
    return _day(year or 0, month or 0, day or 0)


def _first(numeral: str) -> str:
    """元月 and 正月 are January, 初 is not used in official dates."""
    return "一" if numeral in ("元", "正") else numeral


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if FIRST_YEAR <= year <= LAST_YEAR else None
    except ValueError:
        return None
