"""Unified social credit codes (GB 32100), with the organisation code inside (GB 11714)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from profiles.errors import ProfilesError

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_INNER_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

LONGEST = 100
_SEPARATORS = re.compile(r"[\s.·\u200b\ufeff\u2010-\u2015-]")

# What the first two characters say, GB 32100-2015 table 1 (the register, then its kind): (words, our profile kind).
SUBJECTS = {
    "11": ("机关", "other"),
    "12": ("事业单位", "other"),
    "13": ("编办直接管理机构编制的群众团体", "other"),
    "21": ("外国常驻新闻机构", "other"),
    "31": ("律师执业机构", "other"),
    "32": ("公证处", "other"),
    "33": ("基层法律服务所", "other"),
    "34": ("司法鉴定机构", "other"),
    "35": ("仲裁委员会", "other"),
    "41": ("外国在华文化中心", "other"),
    "51": ("社会团体", "other"),
    "52": ("民办非企业单位", "other"),
    "53": ("基金会", "other"),
    "54": ("基层群众性自治组织", "other"),
    "61": ("外国旅游部门常驻代表机构", "other"),
    "62": ("港澳台地区旅游部门常驻内地(大陆)代表机构", "other"),
    "71": ("宗教活动场所", "other"),
    "72": ("宗教院校", "other"),
    "81": ("基层工会", "other"),
    "91": ("企业", "enterprise"),
    "92": ("个体工商户", "self_employed"),
    "93": ("农民专业合作社", "cooperative"),
    "A1": ("军队事业单位", "other"),
    "N1": ("组级集体经济组织", "cooperative"),
    "N2": ("村(股份)经济合作社", "cooperative"),
    "N3": ("乡镇级集体经济组织", "cooperative"),
    "Y1": ("其他机构", "other"),
}


class IdentifierError(ProfilesError):
    """A credit code is malformed: `bad_length`, `bad_letter`, `bad_check` or `bad_inner_check`."""


@dataclass(frozen=True)
class CreditCode:
    """A checked code; `subject` and `kind` are "" where its first two characters are not in our short list."""

    value: str
    subject: str
    kind: str


def parse_credit_code(text: str) -> CreditCode:
    """A unified social credit code, full-width or spaced as people write it. Raises IdentifierError."""
    if len(text) > LONGEST:
        raise IdentifierError("bad_length", "", "A credit code has 18 characters.")
    code = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()
    if len(code) != 18:
        raise IdentifierError("bad_length", "", f"A credit code has 18 characters, not {len(code)}.")
    if any(letter not in _ALPHABET for letter in code):
        raise IdentifierError("bad_letter", "", "A credit code has digits and letters other than I, O, S, V, Z.")
    if code[17] != check_letter(code[:17]):
        raise IdentifierError("bad_check", "", "The last character does not fit the others: a digit is mistyped.")
    if code[16] != inner_check_letter(code[8:16]):
        raise IdentifierError("bad_inner_check", "", "The organisation code inside does not fit its check character.")
    subject, kind = SUBJECTS.get(code[:2], ("", ""))
    return CreditCode(code, subject, kind)


def check_letter(first17: str) -> str:
    """The 18th character (GB 32100, ISO 7064 MOD 31-3)."""
    total = sum(_ALPHABET.index(letter) * weight for letter, weight in zip(first17, _WEIGHTS, strict=True))
    return _ALPHABET[-total % 31]


def inner_check_letter(body: str) -> str:
    """The ninth character of an organisation code (GB 11714): `X` stands for ten."""
    total = sum(_INNER_ALPHABET.index(letter) * weight for letter, weight in zip(body, _INNER_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]
