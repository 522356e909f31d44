"""Dates that cannot be, or contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pushsvc.texts.findings.shape import Finding, Page


def find(page: Page, today: date | None = None) -> tuple[Finding, ...]:
    """Written or published after `today` (where it is given) blocks; an order that cannot be is a note."""
    return (*_in_future(page, today), *_order(page))


def _in_future(page: Page, today: date | None) -> Iterator[Finding]:
    for place in ("date_written", "date_published"):
        day: date | None = getattr(page.text, place)
        if day is not None and today is not None and day > today:
            zh, en = f"日期 {day} 在未来", f"The date {day} lies in the future"
            yield Finding("date_in_future", place, zh, en, True)


def _order(page: Page) -> Iterator[Finding]:
    text = page.text
    if text.date_written and text.date_published and text.date_published < text.date_written:
        zh = f"发布日期 {text.date_published} 早于成文日期 {text.date_written}"
        en = f"Published on {text.date_published}, before it was written on {text.date_written}"
        yield Finding("published_before_written", "date_published", zh, en, False)
    if text.valid_to and text.date_effective and text.valid_to < text.date_effective:
        zh = f"有效期止 {text.valid_to} 早于施行日期 {text.date_effective}"
        en = f"Valid until {text.valid_to}, before it takes effect on {text.date_effective}"
        yield Finding("ends_before_start", "valid_to", zh, en, False)
