"""Chinese numerals: 九十一, 一百零五, and digits in a row like 二〇二一."""

from __future__ import annotations

import re

ZEROS = "〇零○OoΟ"  # people type a circle or a Latin letter where the sign 〇 is missing
DIGITS = "一二三四五六七八九"
UNITS = {"十": 10, "百": 100, "千": 1000}
# For patterns: every sign that may stand in a numeral.
SIGNS = f"{ZEROS}{DIGITS}两廿卅{''.join(UNITS)}"

_VALUES = {sign: value for value, sign in enumerate(DIGITS, start=1)} | dict.fromkeys(ZEROS, 0) | {"两": 2}


def chinese_number(text: str) -> int | None:
    """The number below 10,000 that a numeral means; None where it is none."""
    signs = text.replace("廿", "二十").replace("卅", "三十")
    if not 0 < len(signs) <= 12:
        return None
    if all(sign in _VALUES for sign in signs):
        return int("".join(str(_VALUES[sign]) for sign in signs))
    return _with_units(signs)


def _with_units(signs: str) -> int | None:
    total, digit, last_unit = 0, 0, 10_000
    if signs[-1] in ZEROS or re.search(f"[百千][{DIGITS}]$", signs):
        return None  # 一百二 is 120 to one reader and 102 to another
    for sign in signs:
        unit, value = UNITS.get(sign), _VALUES.get(sign)
        if unit is not None:
            if unit >= last_unit or (not digit and unit != 10):
                return None  # only ten may stand without a digit: 十六, 一百十六
            total, digit, last_unit = total + (digit or 1) * unit, 0, unit
        elif value is None or digit:
            return None
        else:
            digit = value
    return total + digit
