"""Drawings as SVG text: shapes with escaped words, readable on light and dark ground and by a screen reader."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

# Okabe and Ito's colours: told apart whatever colours one sees. Shape and words tell the same.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9")
DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 2", "12 4")
_STYLE = (
    "svg{color:#1a1a1a;font:13px system-ui,sans-serif}text{fill:currentColor}"
    "@media(prefers-color-scheme:dark){svg{color:#eeeeee}}"
)


def drawing(title: str, description: str, size: tuple[int, int], shapes: Iterable[str]) -> str:
    """A whole SVG file. The description says in words what the drawing shows."""
    width, height = size
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="img" aria-labelledby="title desc">'
    )
    named = f'<title id="title">{escape(title)}</title><desc id="desc">{escape(description)}</desc>'
    return "\n".join([head, named, f"<style>{_STYLE}</style>", *shapes, "</svg>", ""])


def text(x: float, y: float, words: str, *, anchor: str = "start", bold: bool = False) -> str:
    """Words at a place; `anchor` is start, middle or end."""
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight}>{escape(words)}</text>'


def bar(x: float, y: float, size: tuple[float, float], colour: str, words: str) -> str:
    """A filled bar, with words that are shown when it is pointed at."""
    width, height = size
    shape = f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.1f}" fill={quoteattr(colour)}>'
    return f"{shape}<title>{escape(words)}</title></rect>"


def line(
    points: Iterable[tuple[float, float]], *, colour: str = "currentColor", dash: str = "", width: float = 1
) -> str:
    """A line through points."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashes = f" stroke-dasharray={quoteattr(dash)}" if dash else ""
    return f'<polyline points="{path}" fill="none" stroke={quoteattr(colour)} stroke-width="{width}"{dashes}/>'


def spread(places: list[float], least: float) -> list[float]:
    """The places moved apart so that neighbours are `least` from each other, in the order they had."""
    order = sorted(range(len(places)), key=lambda one: places[one])
    moved, last = list(places), float("-inf")
    for one in order:
        moved[one] = last = max(places[one], last + least)
    return moved
