"""What others say in a callback, made fit to be kept: bounded, sound text, finite numbers, no address.

JSON that PostgreSQL would refuse (RFC 8259 allows NUL and half a surrogate pair in a string, Python NaN) would cost the
whole callback; so one entry's oddity is replaced and the other entries stand.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from channels.masking import ADDRESS

DEEPEST = 8  # levels of a callback; what lies deeper is left out
LEVELS = 3  # of what is kept of one entry
ITEMS = 40  # of each list or object that is kept
TEXT_LIMIT = 300
RAW_LIMIT = 8_000  # characters of one entry's JSON
MASK = "…"
# Where brackets stand outside strings; a string that never ends runs to the end, so that it is looked at once.
TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
AT = re.compile("@|＠|%40|=40|&#64;")
MOBILE = re.compile(r"(?<![0-9A-Za-z])(?:\+?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]){8}(?![0-9A-Za-z])")


def read_json(body: bytes) -> Any:
    """What a body says in UTF-8. NaN, infinities, whole numbers of more than 18 digits and what lies deeper than
    DEEPEST levels become None, broken letters U+FFFD. Raises ValueError for what is no JSON."""
    text = body.decode("utf-8", errors="replace").removeprefix("\ufeff")
    try:
        return _loads(text)
    except RecursionError:
        return _loads(shallow(text))


def shallow(text: str) -> str:
    """JSON text with `null` in the place of what lies deeper than DEEPEST levels; read without recursion."""
    kept, depth, since, start = list[str](), 0, 0, 0
    for found in TOKEN.finditer(text):
        if found[0] in ("[", "{"):
            depth += 1
            if depth == DEEPEST + 1:
                start = found.start()
        elif found[0] in ("]", "}"):
            if depth == DEEPEST + 1:
                kept += [text[since:start], "null"]
                since = found.end()
            depth -= 1
    return "".join([*kept, text[since:start] if depth > DEEPEST else text[since:]])


def sound(text: str) -> bool:
    """Whether a text can be stored as it is: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def word(value: Any, limit: int = TEXT_LIMIT) -> str:
    """A text or number as a text that can be stored, without addresses; "" for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, float) and not math.isfinite(value):
        return ""
    if isinstance(value, int) and abs(value) >= 10**18:
        return ""
    text = str(value)[:limit]
    if not sound(text):
        text = text.replace("\0", "\ufffd").encode(errors="replace").decode()
    text = MOBILE.sub(MASK, text)
    return ADDRESS.sub(MASK, text) if AT.search(text) else text


def storable(value: Any) -> dict[str, Any]:
    """An entry as JSON that a database takes: LEVELS deep, ITEMS wide, RAW_LIMIT long, texts cut, addresses masked."""
    kept = _kept(value, LEVELS) if isinstance(value, dict) else {}
    if len(json.dumps(kept)) > RAW_LIMIT:
        kept = {name: one for name, one in kept.items() if not isinstance(one, dict | list)}
    while len(json.dumps(kept)) > RAW_LIMIT:
        kept.popitem()
    return kept


def _loads(text: str) -> Any:
    return json.loads(text, parse_int=_whole, parse_float=_real, parse_constant=lambda _: None)


def _whole(digits: str) -> int | None:
    return int(digits) if len(digits) <= 18 else None


def _real(digits: str) -> float | None:
    value = float(digits)
    return value if math.isfinite(value) else None


def _kept(value: Any, levels: int) -> Any:
    if isinstance(value, dict):
        some = list(value.items())[:ITEMS] if levels else []
        return {word(name, 100): _kept(one, levels - 1) for name, one in some}
    if isinstance(value, list | tuple):
        return [_kept(one, levels - 1) for one in value[:ITEMS]] if levels else []
    if value is None or isinstance(value, bool):
        return value
    text = word(value)
    return value if text == str(value) and not isinstance(value, str) else text
