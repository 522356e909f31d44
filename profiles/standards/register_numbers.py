"""Numbers that stand beside a document number and are fields of their own.

A normative document's registered number: ZJAC00-2024-0001 (Zhejiang), HHCR-2023-01005 (elsewhere).
An index number (索引号) of the open-government catalogue: 000014349/2019-00006.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from profiles.errors import ProfilesError

_LONGEST = 100
_NORMATIVE = re.compile(r"([A-Z]{3,6}\d{0,4})-?((?:19|20|21)\d\d)-?(\d{3,7})")
_INDEX = re.compile(r"([0-9A-Z]{8,18}(?:-[0-9A-Z])?)/((?:19|20|21)\d\d)-(\d{1,6})")
_LABEL = re.compile(r"(?:统一编号|规范性文件(?:统一)?(?:登记)?(?:编)?号|登记号|编号|索引号)[:]?")
_DASHES = dict.fromkeys(map(ord, "—–―‐‑‒−"), "-")


class RegisterNumberError(ProfilesError):
    """A number is not shaped like its register's: `too_long`, `bad_normative_number` or `bad_index_number`."""


@dataclass(frozen=True)
class RegisterNumber:
    """`register`: the office's letters and digits; `digits`: the serial number with its leading zeros."""

    register: str
    year: int
    digits: str
    sign: str

    def __str__(self) -> str:
        return f"{self.register}{self.sign}{self.year}-{self.digits}"


def parse_normative_number(text: str) -> RegisterNumber:
    """`ＺＪＡＣ００—２０２４—０００１` -> ZJAC00-2024-0001. Raises RegisterNumberError."""
    if found := _NORMATIVE.fullmatch(_plain(text)):
        return RegisterNumber(found[1], int(found[2]), found[3], "-")
    raise RegisterNumberError("bad_normative_number", "", "A registered number looks like ZJAC00-2024-0001.")


def parse_index_number(text: str) -> RegisterNumber:
    """`000014349/2019-00006`. Raises RegisterNumberError."""
    if found := _INDEX.fullmatch(_plain(text)):
        return RegisterNumber(found[1], int(found[2]), found[3], "/")
    raise RegisterNumberError("bad_index_number", "", "An index number looks like 000014349/2019-00006.")


def registered(text: str) -> bool:
    """Whether a text is a number of one of these registers."""
    plain = _plain(text) if len(text) <= _LONGEST else ""
    return bool(_NORMATIVE.fullmatch(plain) or _INDEX.fullmatch(plain))


def _plain(text: str) -> str:
    if len(text) > _LONGEST:
        raise RegisterNumberError("too_long", "", f"Such a number has at most {_LONGEST} characters.")
    found = re.sub(r"\s", "", unicodedata.normalize("NFKC", text).translate(_DASHES)).upper()
    if found[:1] + found[-1:] == "()":
        found = found[1:-1]
    return found[label.end() :] if (label := _LABEL.match(found)) else found
