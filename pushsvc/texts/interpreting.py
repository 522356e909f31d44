"""A raw text -> the policy we understand: the document's own words first, the page's labels next, the crawl's last."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from profiles.standards import regions
from profiles.standards.doc_numbers import DocNumber
from profiles.standards.themes import ThemeError, parse_theme
from pushsvc.texts import families, issuers, kinds, scope
from pushsvc.texts.amounts import amount_of
from pushsvc.texts.dates import Dates, Sources, dates_of
from pushsvc.texts.headings import joined, numbers_of, own_numbers, title_in
from pushsvc.texts.links import links_of
from pushsvc.texts.pages import Page, plain_page, read_page
from pushsvc.texts.policy import Note, PolicyText
from pushsvc.texts.raw import RawText
from pushsvc.texts.sanitise import tidy, without_markup
from pushsvc.texts.script import half_width, simplified
from pushsvc.texts.signatures import Signature, own_signature

MAX_TITLE = 500
_NORMATIVE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{3,6}\d{0,4}-(?:19|20)\d\d-\d{3,6}(?![0-9])")


@dataclass(frozen=True)
class _Reading:
    """A text on its way: the header in our script, its page, and what the page's labels add."""

    header: Mapping[str, Any]
    page: Page
    whole: str
    title: str
    traditional: bool

    def word(self, name: str) -> str | None:
        """One line of a field: the page's own label, then the header's."""
        for source in (self.page.fields, self.header):
            value = source.get(name)
            text = " ".join(str(value).split()) if isinstance(value, str | int) else ""
            if text.strip("-—－ ") and not isinstance(value, bool):
                return text[:1000]
        return None


def interpret(raw: RawText) -> PolicyText:
    """The policy in a raw text. Never raises: what cannot be told is None, what was corrected is a note."""
    reading = _read(raw)
    numbers, notes = _numbers(reading)
    named, signature, more = _agencies(reading, numbers)
    agencies = issuers.in_full(named, scope.code_of(reading.header.get("region")))
    dates = _dates(reading, signature)
    region, moved = scope.region_of(reading.header.get("region"), reading.title, agencies)
    kind, rule = kinds.kind_of(reading.title, reading.page.body, str(reading.header.get("level") or ""))
    family, version = families.family_of(reading.title)
    amount, wan = amount_of(reading.header.get("amount"), reading.header.get("amount_wan"))
    return PolicyText(
        ref=_ref(reading, raw),
        title=reading.title,
        body=reading.page.body,
        html=reading.page.html,
        kind=kind,
        doc_no=numbers[0].key if numbers else None,
        doc_nos=tuple(number.key for number in numbers),
        normative_no=_normative(reading),
        index_no=reading.word("index_no"),
        agency="、".join(agencies) or None,
        agencies=agencies,
        themes=_themes(reading),
        region=region,
        **_days(dates),
        family=str(reading.header.get("family") or family)[:200],
        version=version or ("征求意见稿" if rule == "draft" else ""),
        amount=amount,
        amount_wan=wan,
        url=reading.word("url"),
        links=links_of(reading.title, reading.page.body),
        notes=(*notes, *more, *dates.notes, *moved, *_of_kind(rule)),
        traditional=reading.traditional,
    )


def _days(dates: Dates) -> dict[str, Any]:
    return {
        "date_written": dates.written,
        "date_published": dates.published,
        "date_effective": dates.effective,
        "valid_to": dates.valid_to,
    }


def _read(raw: RawText) -> _Reading:
    """One script and one width, then the page around the text read and taken off."""
    body, traditional = simplified(half_width(tidy(raw.body)))
    header = {name: _plain(value, traditional) for name, value in raw.fields.items()}
    told = _title(header.get("title"))
    page = read_page(body, told) if raw.markup == "html" else plain_page(body, told)
    title = told or _title(page.fields.get("title")) or title_in(without_markup(body) if raw.markup == "html" else body)
    return _Reading(header, page, body if raw.markup == "plain" else page.body, title, traditional)


def _plain(value: Any, traditional: bool) -> Any:
    if isinstance(value, str):
        text = half_width(tidy(value))
        return simplified(text)[0] if traditional or len(text) >= 4 else text
    return value


def _title(value: Any) -> str:
    return joined(without_markup(value))[:MAX_TITLE] if isinstance(value, str) else ""


def _numbers(reading: _Reading) -> tuple[tuple[DocNumber, ...], tuple[Note, ...]]:
    """The document's own numbers: its page's label, its head, then the header."""
    own = numbers_of(reading.page.fields.get("doc_no")) or own_numbers(reading.page.body, reading.title)
    header = numbers_of(reading.header.get("doc_no"))
    if not own or not header or {one.key for one in own} & {one.key for one in header}:
        return (header if len(header) > len(own) else own or header), ()
    zh, en = f"文号由{header[0]}更正为{own[0]}", f"The text bears {own[0]}, the header says {header[0]}."
    return own, (Note("number_corrected", "doc_no", zh, en),)


def _agencies(
    reading: _Reading, numbers: tuple[DocNumber, ...]
) -> tuple[tuple[str, ...], Signature | None, tuple[Note, ...]]:
    """Who issued it, its signature, and a note where the header named another."""
    header = issuers.told(reading.header.get("agency"))
    named = (
        issuers.in_title(reading.title) or issuers.in_title(title_in(reading.page.body)) or issuers.in_order(numbers)
    )
    signature = own_signature(reading.page.body, named or header)
    passed = issuers.of_congress(reading.header.get("events"), reading.title, _place(reading)) if _law(reading) else ()
    source, found = issuers.first_told(
        (
            ("title", named),
            ("signature", issuers.signed_by(signature)),
            ("page", issuers.told(reading.page.fields.get("agency"))),
            ("events", passed),
            ("header", header),
            ("number", issuers.by_letters(numbers)),
            ("crumbs", issuers.in_crumbs(reading.whole)),
            ("source", issuers.told(reading.page.fields.get("source"))),
        )
    )
    given = reading.header.get("agency")
    if not given or source == "header" or (issuers.same(header, found) and header):
        return (
            (header if header and issuers.same(header, found) and len(header) == len(found) else found),
            signature,
            (),
        )
    shown = " ".join(str(given).split())[:40]
    zh = f"发布机构由“{shown}”更正为“{'、'.join(found)}”" if found else f"发布机构“{shown}”不可信，已略去"
    en = f"The header's agency {shown!r} is not the document's: {', '.join(found) or 'none is named'}."
    return found, signature, (Note("agency_corrected", "agency", zh, en),)


def _law(reading: _Reading) -> bool:
    return "events" in reading.header or "法规" in str(reading.header.get("level") or "")


def _place(reading: _Reading) -> str:
    code = scope.code_of(reading.header.get("region"))
    return regions.name_of(code) if code else ""


def _dates(reading: _Reading, signature: Signature | None) -> Dates:
    url = reading.word("url") or ""
    page = dict(reading.page.fields)
    if signature is None and (passed := issuers.day_passed(reading.header.get("events"))):
        page["date_written"] = passed
    return dates_of(Sources(reading.header, page, signature, url, reading.page.body))


def _normative(reading: _Reading) -> str | None:
    told = " ".join(str(reading.header.get(name) or "") for name in ("normative_no", "doc_no"))
    for words in (str(reading.page.fields.get("normative_no", "")), told, reading.whole[:2000]):
        found = _NORMATIVE.search(words)
        if found:
            return found.group()
    return None


def _themes(reading: _Reading) -> tuple[str, ...]:
    """Themes of both levels: 财政、金融、审计\\银行 is two. The header's list, else the page's label."""
    header = [reading.header.get(name) for name in ("themes", "theme_l1", "theme_l2")]
    values = header if any(header) else [reading.page.fields.get("themes")]
    words: list[str] = []
    for value in values:
        for part in value if isinstance(value, list) else [value]:
            words += _levels(part) if isinstance(part, str) else []
    return tuple(dict.fromkeys(word.strip()[:200] for word in words if word.strip("-— ")))[:50]


def _levels(text: str) -> list[str]:
    """A theme of the library's list by its name or number; whatever else is told, as it is printed."""
    try:
        theme = parse_theme(text)
    except ThemeError:
        return re.split(r"[\\|/;；]", text)
    return [theme.first, theme.second]


def _ref(reading: _Reading, raw: RawText) -> str:
    """The row's own key; without one, the beginning of the checksum, so the same text always has the same key."""
    value = reading.header.get("ref")
    told = " ".join(str(value).split())[:200] if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return told or f"text-{raw.checksum[:20]}"


def _of_kind(rule: str) -> tuple[Note, ...]:
    if rule != "names":
        return ()
    return (Note("not_a_policy", "kind", "名单或公示，不是政策", "A list of names or results: no policy."),)
