"""Mails as the layout makes them, without a database: what is shown, its text twin, its images; and their colours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from lxml import html as pages

from channels.mime import Letter, fill
from pushsvc.pipeline import wording
from pushsvc.settings import Settings

ON = date(2026, 6, 24)
NOW = datetime(2026, 6, 24, 1, 30, tzinfo=UTC)
SETTINGS = Settings(Path("var"), b"secret", (bytes(32),))
VARIANTS = ("entitled", "subscribed", "followed", "recommended", "digest", "digest_one", "digest_more")
CHECK, STOP = "0F0F0F", "https://policy.jianglan.example/u/" + "x" * 120
BASIS = "《江澜市人才条例》第八条"
INK, PAPER = "color", "background-color"


@dataclass(frozen=True)
class Shown:
    """A mail as its reader has it."""

    raw: bytes
    html: str
    text: str
    images: Mapping[str, bytes]  # by Content-ID
    told: wording.Words

    @property
    def page(self) -> pages.HtmlElement:
        """The parsed HTML."""
        return pages.document_fromstring(self.html)


def item(
    number: int, left: int | None, *, opened: int | None = 20, summary: str = "各类人才均可申领。"
) -> dict[str, str]:
    """A policy of a mail whose window closes in so many days and opened so many days ago."""
    closes = None if left is None else ON + timedelta(days=left)
    opens = None if opened is None or left is None else ON - timedelta(days=opened)
    days = {"opens": opens.isoformat() if opens else "", "closes": closes.isoformat() if closes else ""}
    title, url = f"关于第{number}项政策的通知<&>", f"https://policy.jianglan.example/s/code{number:04d}"
    words = {"title": title, "short_title": title, "agency": f"第{number}局", "summary": summary, "url": url}
    return {**words, **days, "until": wording._until(closes, "zh")}


def shown(locale: str, variant: str, items: Sequence[Mapping[str, str]], on: date | None = ON) -> Shown:
    """The mail about these."""
    first, more = items[0], 3 if variant == "digest_more" else 0
    told = wording.Words(
        locale, variant, tuple(items), first["short_title"], first["until"], BASIS if variant == "entitled" else "",
        {}, count=len(items) + more, all_url="https://policy.jianglan.example/m/digests/7",
    )  # fmt: skip
    letter = Letter("a@b.example", "0f" * 16, NOW, STOP, {"check": CHECK})
    raw = fill(wording.render_email(SETTINGS, told, on), letter)
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    html, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert isinstance(html, EmailMessage)
    assert isinstance(text, EmailMessage)
    parts = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    images = {str(part["Content-ID"]).strip("<>"): part.get_content() for part in parts}
    return Shown(raw, html.get_content(), text.get_content().replace("\r\n", "\n"), images, told)


def every_mail() -> Iterator[tuple[str, Shown]]:
    """A name and a mail for each language and reason, with and without bars."""
    for locale in ("zh", "en"):
        for variant in VARIANTS:
            many = [item(n, left) for n, left in enumerate((6, None, 1, 45, 0, 90, 30, 3))]
            items = many if variant in ("digest", "digest_more") else many[:1]
            yield f"{locale}-{variant}", shown(locale, variant, items)
            yield f"{locale}-{variant}-plain", shown(locale, variant, items, None)


def coloured(shown: Shown, *, dark: bool) -> Iterator[tuple[str, str, str]]:
    """Each piece of text with its colour and that of what lies behind it, as a client would compute them."""
    rules = _dark_rules(shown.html) if dark else {}
    yield from _walk(shown.page.find("body"), rules, {INK: "#000000", PAPER: "#ffffff"})


def _walk(
    element: pages.HtmlElement, rules: Mapping[str, Mapping[str, str]], above: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    if not isinstance(element.tag, str):  # a comment
        return
    own = {**above, **_declared(element.get("style", ""))}
    for name in element.get("class", "").split():
        own |= rules.get(name, {})
    for text in (element.text, element.get("alt")):
        if text and text.strip():
            yield text.strip(), own[INK], own[PAPER]
    for child in element:
        yield from _walk(child, rules, own)
        if child.tail and child.tail.strip():
            yield child.tail.strip(), own[INK], own[PAPER]


def _declared(style: str) -> dict[str, str]:
    pairs = (part.split(":", 1) for part in style.replace("!important", "").split(";") if ":" in part)
    return {name.strip(): value.strip() for name, value in pairs if name.strip() in (INK, PAPER)}


def _dark_rules(html: str) -> dict[str, dict[str, str]]:
    """The colours of each class under prefers-color-scheme: dark."""
    block = html.partition("@media (prefers-color-scheme:dark){")[2].partition("</style>")[0]
    return {name: _declared(body) for name, body in re.findall(r"\.(\w+)\{([^}]*)\}", block)}


def contrast(one: str | tuple[int, ...], other: str | tuple[int, ...]) -> float:
    """The ratio of WCAG 2."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str | tuple[int, ...]) -> float:
    parts = bytes.fromhex(colour.removeprefix("#")) if isinstance(colour, str) else colour
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in parts)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
