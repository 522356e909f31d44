"""The four days of a document. Where the header disagrees with text or page, the text is right and a note says so.

Real crawls are a month early or late, because a programming language counts months from zero: exactly that is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pushsvc.texts.days import day_in_address, parse_day
from pushsvc.texts.policy import Note
from pushsvc.texts.signatures import Signature
from pushsvc.texts.validity import force_of

NAMES = ("date_written", "date_published", "date_effective", "valid_to")
_ZH = {"date_written": "成文日期", "date_published": "发布日期", "date_effective": "施行日期", "valid_to": "失效日期"}


@dataclass(frozen=True)
class Dates:
    """What is held of each day, and what was corrected."""

    written: date | None
    published: date | None
    effective: date | None
    valid_to: date | None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Sources:
    """Where days come from: the row's header, the page's own labels, the signature, the address, the text."""

    header: Mapping[str, Any]
    page: Mapping[str, Any]
    signature: Signature | None
    url: str
    text: str


def dates_of(sources: Sources) -> Dates:
    """The days, the text's own first."""
    notes: list[Note] = []
    told = {name: _told(sources.header, name, notes) for name in NAMES}
    signed = sources.signature.day if sources.signature else None
    labels = {name: parse_day(sources.page.get(name)) for name in NAMES}
    written = _settled("date_written", told, signed or labels["date_written"], notes)
    seen = labels["date_published"] or day_in_address(sources.url)
    published = _settled("date_published", told, seen, notes)
    if seen is None:
        published = _shifted_too(told, written, notes) or published
    force = force_of(sources.text, written=written, published=published)
    said = None if force.from_issue and told["date_effective"] else force.effective
    effective = _settled("date_effective", told, said or labels["date_effective"], notes)
    if effective is None:
        effective = force.effective
    valid_to = _settled("valid_to", told, force.valid_to or labels["valid_to"], notes)
    notes += _order(written, published)
    return Dates(written, published, effective, valid_to, tuple(notes))


def months_apart(left: date, right: date) -> int | None:
    """Whole months from right to left where only the month differs (a day that a month lacks is its last), or None."""
    months = (left.year - right.year) * 12 + left.month - right.month
    same = left.day == right.day or (min(left.day, right.day) >= 28 and abs(left.day - right.day) <= 3)
    return months if same and months else None


def _told(header: Mapping[str, Any], name: str, notes: list[Note]) -> date | None:
    value = header.get(name)
    day = parse_day(value)
    if day is None and value not in (None, "", "-"):
        shown = str(value)[:40]
        notes.append(
            Note(
                "date_unreadable",
                name,
                f"{_ZH[name]}“{shown}”不是日期",
                f"{shown!r} in {name} is no date of the calendar.",
            )
        )
    return day


def _settled(name: str, told: Mapping[str, date | None], seen: date | None, notes: list[Note]) -> date | None:
    """The day the text shows; a header that says another is corrected and the note says what was wrong."""
    header = told[name]
    if seen is None or header is None or header == seen:
        return seen or header
    notes.append(_correction(name, header, seen))
    return seen


def _correction(name: str, header: date, seen: date) -> Note:
    zh, en = f"{_ZH[name]}由{header}更正为{seen}", f"{name} is {seen} in the text, {header} in the header"
    if months_apart(header, seen) == -1:
        return Note("date_corrected", name, f"{zh}：来源早一个月（月份从零起算）", f"{en}: its months count from zero.")
    if months_apart(header, seen) == 1:
        return Note("date_corrected", name, f"{zh}：来源晚一个月", f"{en}: a month late.")
    return Note("date_corrected", name, zh, f"{en}.")


def _shifted_too(told: Mapping[str, date | None], written: date | None, notes: list[Note]) -> date | None:
    """The day of publication of a header whose other day is proven a month off: one clock made both."""
    header, published = told["date_written"], told["date_published"]
    shift = months_apart(header, written) if header and written else None
    if shift not in (1, -1) or published is None:
        return None
    months = published.year * 12 + published.month - 1 - shift
    day = parse_day(f"{months // 12:04d}-{months % 12 + 1}-{published.day}")
    if day is None:
        return None
    zh = f"发布日期由{published}推定为{day}：同一来源的成文日期差一个月"
    en = f"date_published is taken as {day}, not {published}: the same header's other day is a month off."
    notes.append(Note("date_inferred", "date_published", zh, en))
    return day


def _order(written: date | None, published: date | None) -> list[Note]:
    if written is None or published is None or written <= published:
        return []
    zh = f"成文日期{written}晚于发布日期{published}"
    return [
        Note("dates_disagree", "date_published", zh, f"Written on {written}, after it was published on {published}.")
    ]
