"""Text without markup and markup without danger. What is stored as HTML has passed an allow-list (nh3)."""

from __future__ import annotations

import html
import re

import nh3

TAGS = {
    *("p", "br", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "hr"),
    *("table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption"),
    *("strong", "em", "b", "i", "u", "sup", "sub", "span", "div", "a"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_NO_CONTENT = {"script", "style", "noscript", "template", "iframe", "object", "svg", "math", "title"}
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/table|/td|/th)\b[^>]{0,200}>", re.I)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\u2028\u2029\u200b-\u200f\ud800-\udfff\ufffe\uffff]")
_BLANK = re.compile(r"\n{3,}")


def safe_html(markup: str) -> str:
    """The markup with nothing but the allowed tags and web addresses; scripts go with their content."""
    return nh3.clean(
        markup,
        tags=TAGS,
        attributes=_ATTRIBUTES,
        clean_content_tags=_NO_CONTENT,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )


def without_markup(markup: str) -> str:
    """The words alone, each block on a line of its own."""
    cleaned = nh3.clean(_BREAK.sub("\n", markup), tags=set(), clean_content_tags=_NO_CONTENT)
    return tidy(html.unescape(cleaned))


def tidy(text: str) -> str:
    """Line ends, blanks and blank lines evened out; control characters and half surrogates off."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    text = _CONTROL.sub("", text)
    return _BLANK.sub("\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip()
