"""Numbers as Chinese texts write them: 12,345.6, 二十, 一百零五, 壹佰万, 1亿5000万, 二〇二一. Exact, bounded."""

from __future__ import annotations

import re
from decimal import Decimal, localcontext

_DIGITS = {
    sign: value
    for value, signs in enumerate(("零〇", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for sign in signs
}
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}
_UNITS = _SMALL | _LARGE
WRITTEN = "".join(_DIGITS) + "".join(_UNITS)
LONGEST = 40
_ATOM = re.compile(rf"\d+(?:,\d{{3}})*(?:\.\d+)?|[{WRITTEN}]", re.ASCII)


def decimal_of(written: str) -> Decimal | None:
    """The number that `written` says (blanks do not count); None where it says none, or is longer than 40 signs."""
    plain = "".join(written.split())
    atoms = _ATOM.findall(plain) if len(plain) <= LONGEST else []
    if not atoms or sum(map(len, atoms)) != len(plain):
        return None
    with localcontext() as exact:
        exact.prec = 2 * LONGEST + 20
        if len(plain) > 1 and all(sign in _DIGITS for sign in plain):
            return Decimal("".join(str(_DIGITS[sign]) for sign in plain))
        return _added(atoms)


def whole_number(written: str) -> int | None:
    """As `decimal_of`, where it says a whole number."""
    value = decimal_of(written)
    return int(value) if value is not None and value == value.to_integral_value() else None


def _added(atoms: list[str]) -> Decimal:
    """Units sum up inside a section of four places; 万 and 亿 close the section."""
    total = section = current = Decimal(0)
    for atom in atoms:
        if atom in _SMALL:
            section += (current or Decimal(1)) * _SMALL[atom]
            current = Decimal(0)
        elif atom == "万":
            total, section, current = total + (section + current or Decimal(1)) * _LARGE[atom], Decimal(0), Decimal(0)
        elif atom == "亿":
            total, section, current = (total + section + current or Decimal(1)) * _LARGE[atom], Decimal(0), Decimal(0)
        elif atom in _DIGITS:
            current = current * 10 + Decimal(_DIGITS[atom])
        else:
            current = Decimal(atom.replace(",", ""))
    return total + section + current * _short_for(atoms)


def _short_for(atoms: list[str]) -> Decimal:
    """二百五 is 250, 三万五 is 35000: a last digit right after a unit counts in that unit's tenth."""
    if len(atoms) >= 3 and atoms[-1] in _DIGITS and atoms[-2] in _UNITS and atoms[-2] not in "十拾":
        return Decimal(_UNITS[atoms[-2]]) / 10
    return Decimal(1)
