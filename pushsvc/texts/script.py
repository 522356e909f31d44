"""One script and one width: Traditional text becomes Simplified, full-width letters and digits become plain ones."""

from __future__ import annotations

from functools import cache
from typing import Protocol

# Share of Chinese characters that OpenCC's table t2s changes: real Simplified texts of law have under 0.03 %,
# Traditional ones over 20 %.
TRADITIONAL = 0.03

_RANGES = ((0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A))
_WIDTHS = {code: code - 0xFEE0 for low, high in _RANGES for code in range(low, high + 1)}


class _Converter(Protocol):
    def convert(self, text: str, /) -> str: ...


def simplified(text: str) -> tuple[str, bool]:
    """The text in Simplified characters, and whether it was Traditional; Simplified text is left as it is.

    Character by character and phrase by phrase (OpenCC t2s): quotation marks and foreign words stay.
    """
    converted = _converter().convert(text)
    return (converted, True) if _share(text, converted) >= TRADITIONAL else (text, False)


def half_width(text: str) -> str:
    """Full-width letters and digits as plain ones. Chinese punctuation is not touched."""
    return text.translate(_WIDTHS)


def _share(text: str, converted: str) -> float:
    chinese = sum("\u4e00" <= letter <= "\u9fff" for letter in text)
    changed = sum(before != after for before, after in zip(text, converted, strict=False))
    return changed / chinese if chinese else 0.0


@cache
def _converter() -> _Converter:
    import opencc  # loads its tables: only an import pays for it

    converter: _Converter = opencc.OpenCC("t2s")
    return converter
