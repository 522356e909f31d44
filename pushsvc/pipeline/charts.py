"""Bars for mails, as small PNGs without a letter in them: what they say stands beside them and in their alternative
text. Twice as many points as shown, for dense screens; clear where nothing is drawn, so that they suit light and dark.
"""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

DENSE = 2
LEFT_SIZE = (120, 12)  # as shown
WINDOW_SIZE = (520, 16)
SOON_DAYS = 7  # as on the pages: `.soon`
# Each is 3:1 or more against the light and the dark card (WCAG 2, 1.4.11).
EDGE, BAR, SOON = (116, 130, 140), (0, 114, 178), (194, 78, 0)
CLEAR_, EDGE_, BAR_ = range(3)


@lru_cache(maxsize=512)
def left_bar(left: int, scale: int) -> bytes:
    """A bar of `left` days on a scale of so many, as PNG: what is there is full, the rest is an empty frame."""
    width, height = (DENSE * side for side in LEFT_SIZE)
    pen = _Pen(width, height, soon=left <= SOON_DAYS)
    pen.frame(0, width)
    pen.full(0, max(width * min(left, scale) // max(scale, 1), DENSE * 2))
    return pen.png()


@lru_cache(maxsize=512)
def window_bar(days: int, passed: int) -> bytes:
    """A window of so many days as PNG: those that have passed are hatched, those that are left are full."""
    width, height = (DENSE * side for side in WINDOW_SIZE)
    pen = _Pen(width, height, soon=days - passed <= SOON_DAYS)
    today = width * max(min(passed, days), 0) // max(days, 1)
    pen.frame(0, width)
    pen.hatched(0, today)
    pen.full(min(today, width - DENSE * 2), width)
    return pen.png()


class _Pen:
    """A canvas of three colours: clear, the edge's, the bar's."""

    def __init__(self, width: int, height: int, *, soon: bool) -> None:
        from PIL import Image
        from PIL.ImageDraw import Draw

        self._image = Image.new("P", (width, height), CLEAR_)
        self._image.putpalette([*(255, 255, 255), *EDGE, *(SOON if soon else BAR)])
        self._draw: ImageDraw = Draw(self._image)
        self._bottom = height - 1

    def frame(self, start: int, end: int) -> None:
        """An empty frame."""
        self._draw.rounded_rectangle((start, 0, end - 1, self._bottom), radius=6, outline=EDGE_, width=DENSE)

    def hatched(self, start: int, end: int) -> None:
        """Slanting lines."""
        for at in range(start, end, 12):
            self._draw.line((at, self._bottom - 2, min(at + self._bottom, end), 2), fill=EDGE_, width=DENSE)

    def full(self, start: int, end: int) -> None:
        """A full bar."""
        self._draw.rounded_rectangle((start, 0, end - 1, self._bottom), radius=6, fill=BAR_)

    def png(self) -> bytes:
        """The picture."""
        out = BytesIO()
        self._image.save(out, "PNG", transparency=CLEAR_, bits=2, optimize=True)
        return out.getvalue()
