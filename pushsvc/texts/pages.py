"""A page of a government site -> its document: what stands around the text is read for its labels and taken off.

trafilatura finds the main text of HTML: on pages made of real notices it kept every line with its signature, where a
reader of the tree alone needs a rule a site.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from lxml import etree
from lxml import html as lxml_html

from pushsvc.texts.labels import field_of_label, page_labels
from pushsvc.texts.plain_pages import without_surroundings
from pushsvc.texts.sanitise import safe_html, tidy, without_markup

MAX_NODES = 30_000
MAX_DEPTH = 250
MOST_CELLS = 400  # from the beginning, in which a page speaks of its document
_VALUES = ("td", "th", "dd", "span", "p", "em", "i", "div")
# Meta tags that 国办发〔2017〕47号 (annex 2) asks of every government page; PubDate is the page's own.
_META = {"articletitle": "title", "pubdate": "date_published", "contentsource": "source", "columnname": None}
_ANY_TAG = re.compile(r"<[^<>]{0,2000}>")
_SITE = re.compile(r"[-_—|–]\s*[^-_—|–]{0,30}(?:政府|网|门户|局|委|办公室|厅)[^-_—|–]{0,20}$")


@dataclass(frozen=True)
class Page:
    """The document of a page: plain body, stored markup ("" where there was none), and what the page says of it."""

    body: str
    html: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


def read_page(markup: str, title: str) -> Page:
    """An HTML page or a fragment of one. Never raises: what cannot be parsed is read as words alone."""
    if markup.count("<") > MAX_NODES:
        return plain_page(tidy(_ANY_TAG.sub("\n", markup)), title)
    tree = _tree(markup)
    if tree is None:
        return plain_page(without_markup(markup), title)
    fields = labelled_cells(tree) | _of_head(tree)
    everything = without_markup(markup)
    fields = fields | dict(page_labels(everything).fields)
    body, stored = _main(markup)
    if not body:
        body, stored = everything, safe_html(markup)
    rest = without_surroundings(body, title or fields.get("title", ""))
    return Page(rest, stored, fields | {name: value for name, value in page_labels(body).fields.items() if value})


def labelled_cells(tree: lxml_html.HtmlElement) -> dict[str, str]:
    """What the catalogue's table above a text says: a cell that is a label, and the cell beside it."""
    fields: dict[str, str] = {}
    for cell in islice(tree.iter("td", "th", "dt", "label", "b", "strong", "span"), MOST_CELLS):
        field = field_of_label(_words(cell)) if len(cell) <= 1 else None
        beside = cell.getnext() if field else None
        value = _words(beside) if beside is not None and beside.tag in _VALUES else ""
        if field and value.strip("-—－ 无") and field_of_label(value) is None and len(value) <= 200:
            fields.setdefault(field, value)
    return fields


def _words(element: lxml_html.HtmlElement) -> str:
    return " ".join(str(element.text_content()).split()) if isinstance(element.tag, str) else ""


def plain_page(text: str, title: str) -> Page:
    """A page that a crawler has flattened to words, or a text that was never a page."""
    return Page(without_surroundings(text, title), "", page_labels(text).fields)


def _tree(markup: str) -> lxml_html.HtmlElement | None:
    """The tree of the markup; None where there is none, or one too deep to work on."""
    try:
        tree = lxml_html.fromstring(tidy(markup))
    except (etree.LxmlError, ValueError, AssertionError, TypeError):
        return None
    return tree if isinstance(tree, lxml_html.HtmlElement) and not _too_deep(tree) else None


def _too_deep(tree: lxml_html.HtmlElement) -> bool:
    level = [tree]
    for _ in range(MAX_DEPTH):
        level = [child for parent in level for child in parent]
        if not level:
            return False
    return True


def _main(markup: str) -> tuple[str, str]:
    """(main text, its sanitised markup); ("", "") where none is found."""
    import trafilatura  # costs half a second: only a page pays for it

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # a page without a main text is no event
    try:
        body = trafilatura.extract(markup, favor_recall=True, include_comments=False, include_tables=True)
        stored = trafilatura.extract(
            markup, output_format="html", favor_recall=True, include_comments=False, include_tables=True
        )
    except (etree.LxmlError, ValueError, TypeError, AttributeError, RecursionError):
        return "", ""
    return tidy(body or ""), safe_html(stored or "") if body else ""


def _of_head(tree: lxml_html.HtmlElement) -> dict[str, str]:
    """What meta tags and headings say of the document."""
    fields: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = _META.get(str(meta.get("name", "")).strip().lower())
        if name and str(meta.get("content", "")).strip():
            fields.setdefault(name, str(meta.get("content")).strip())
    if "title" not in fields:
        for tag in ("h1", "title"):
            heading = next(iter(tree.iter(tag)), None)
            words = " ".join(heading.text_content().split()) if heading is not None else ""
            if words:
                fields["title"] = _SITE.sub("", words).strip() if tag == "title" else words
                break
    return fields
