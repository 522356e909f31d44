"""One cell of a table -> a typed value, or an error with a code and a sentence."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from profiles.errors import ProfilesError
from profiles.facts import Fact
from profiles.standards.industries import parse_industry
from profiles.standards.regions import parse_region

_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
_DATE = re.compile(r"(\d{4})([-/.年]?)(\d{1,2})([-/.月]?)(\d{1,2})日?")
_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")
_YES = frozenset({"yes", "y", "true", "1", "是"})
_NO = frozenset({"no", "n", "false", "0", "否"})
_LARGEST = 1e12
EARLIEST, LATEST = date(1880, 1, 1), date(2120, 12, 31)
# Whole numbers with a largest value that makes sense; other numbers are amounts.
_PIECES = ("patent_invention", "patent_utility", "patent_design", "software_copyright", "ic_layout")
_WHOLE = {"employees": 10_000_000, "rd_staff": 10_000_000, "insurance_months": 1200, "household_size": 100}
_WHOLE |= dict.fromkeys(_PIECES, 1_000_000)
# Other figures that are no amounts: the parts a household's income is divided by, in halves and quarters.
_HIGHEST = {"household_parts": 100.0}
_MADE_ON = ("birth_date", "founded_on")  # days of something that must have happened when it is recorded
# Nobody's tag: what the law calls sensitive is asked for with consent, never noted as an interest.
SENSITIVE_TAGS = ("残疾", "低保", "疾病", "患病", "病史", "宗教", "特困", "精神障碍", "艾滋")


class CellError(ProfilesError):
    """A cell cannot be read."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code, "", sentence)

    def __reduce__(self) -> tuple[type[CellError], tuple[str, str]]:  # type: ignore[override]  # two arguments
        return type(self), (self.code, self.sentence)


def plain(text: str) -> str:
    """Full-width letters and digits made half-width, outer blanks cut."""
    return unicodedata.normalize("NFKC", text).strip()


def ref(text: str) -> str:
    """An outside key of a profile."""
    found = plain(text)
    if not _REF.fullmatch(found):
        raise CellError("bad_ref", "A reference has 1 to 64 letters, digits, or _ . : - and starts with neither.")
    return found


def number(text: str, *, name: str = "", low: float = 0.0, high: float = _LARGEST) -> float:
    """A figure without its unit; thousands may be set apart by commas."""
    found = plain(text)
    if not _NUMBER.fullmatch(found):
        raise CellError("not_number", f"{found[:30]!r} is no number; leave the unit out.")
    value = float(found.replace(",", ""))
    if not math.isfinite(value) or not low <= value <= high:
        raise CellError("out_of_range", f"{found[:30]} does not lie between {low:g} and {high:g}.")
    if name in _WHOLE and value != int(value):
        raise CellError("not_whole", f"{found[:30]} is no whole number.")
    return value


def flag(text: str) -> bool:
    """yes or no, in a few spellings."""
    found = plain(text).lower()
    if found in _YES:
        return True
    if found in _NO:
        return False
    raise CellError("not_flag", f"{found[:30]!r} is neither yes nor no.")


def day(text: str) -> date:
    """A day: 2026-03-01, 2026/3/1, 20260301 or 2026年3月1日."""
    found = plain(text)
    match = _DATE.fullmatch(found)
    if match is None or (not match[2] and len(found) != 8):
        raise CellError("not_date", f"{found[:30]!r} is no date like 2026-03-01.")
    try:
        value = date(int(match[1]), int(match[3]), int(match[5]))
    except ValueError as exc:
        raise CellError("not_date", f"{found[:30]!r} is no day of the calendar.") from exc
    if not EARLIEST <= value <= LATEST:
        raise CellError("out_of_range", f"{found} lies outside {EARLIEST.year} to {LATEST.year}.")
    return value


def level(text: str, levels: tuple[str, ...]) -> str:
    """One of an enumeration."""
    found = plain(text)
    if found not in levels:
        raise CellError("unknown_level", f"{found[:30]!r} is not one of {', '.join(levels)}.")
    return found


def zone(text: str) -> str:
    """The name of a time zone, e.g. Asia/Shanghai."""
    found = text.strip()
    if not _is_zone(found):
        raise CellError("unknown_zone", f"{found[:40]!r} is no time zone.")
    return found


@lru_cache(maxsize=10_000)  # the same few words in row after row
def tag(text: str) -> str:
    """One interest. Sensitive words are refused, whoever wrote them."""
    found = plain(text)
    if len(found) > 40:
        raise CellError("too_long", "An interest has at most 40 characters.")
    if any(word in found for word in SENSITIVE_TAGS):
        raise CellError("sensitive_tag", f"{found} may not be kept as an interest.")
    return found


def short(text: str, most: int = 200) -> str:
    """A line of text without control characters."""
    found = text.strip()
    if len(found) > most:
        raise CellError("too_long", f"At most {most} characters.")
    if any(unicodedata.category(letter) == "Cc" for letter in found):
        raise CellError("control_character", "The text holds a control character.")
    return found


def parts(text: str, most: int = 200) -> tuple[str, ...]:
    """`a|b|c` -> its parts without blanks and repeats."""
    found = tuple(dict.fromkeys(part for raw in text.split("|") if (part := raw.strip())))
    if len(found) > most:
        raise CellError("too_many", f"At most {most} entries.")
    return found


def highest(fact: Fact) -> float:
    """The largest value of a number that makes sense."""
    return 100.0 if fact.unit_zh == "%" else _WHOLE.get(fact.name, _HIGHEST.get(fact.name, _LARGEST))


def is_whole(fact: Fact) -> bool:
    """Whether the number is a count."""
    return fact.name in _WHOLE


def fact_value(fact: Fact, text: str, as_of: date | None) -> object:
    """The value of a stored or sensitive fact. Raises a ProfilesError with a code and a sentence."""
    value = fact_cell(fact, text, as_of)
    if isinstance(value, date) and as_of and happened(fact) and value > as_of:
        raise future(value, as_of)
    return value


def fact_cell(fact: Fact, text: str, as_of: date | None) -> object:
    """`fact_value` without its look at the day it was recorded, of which only a region's code depends here."""
    if fact.tree == "region":
        return parse_region(plain(text), as_of)
    if fact.tree == "industry":
        return parse_industry(text)
    if fact.kind == "number":
        return number(text, name=fact.name, high=highest(fact))
    if fact.kind == "code" and not fact.levels:
        return short(plain(text), 100)  # a name of no list, such as a school's
    readers: dict[str, Callable[[], object]] = {
        "flag": lambda: flag(text),
        "date": lambda: day(text),
        "code": lambda: level(text, fact.levels),
    }
    return readers[fact.kind]()


def happened(fact: Fact) -> bool:
    """Whether the fact is the day of something that must have happened."""
    return fact.name in _MADE_ON


def future(value: date, as_of: date) -> CellError:
    """What is said of such a day."""
    return CellError("future", f"{value} lies after the day it was recorded, {as_of}.")


@cache
def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError, caught below
        return False
    except KeyError:
        return False
    return bool(name)
