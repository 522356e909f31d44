"""Unified social credit codes (GB 32100), with the organisation code inside (GB 11714)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from profiles.errors import ProfilesError

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_INNER_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

# What the first two characters say: (words, our profile kind).
SUBJECTS = {
    "91": ("企业", "enterprise"),
    "92": ("个体工商户", "self_employed"),
    "93": ("农民专业合作社", "cooperative"),
    "11": ("机关", "other"),
    "12": ("事业单位", "other"),
    "52": ("民办非企业单位", "other"),
    "54": ("基层群众性自治组织", "other"),
    "N2": ("村(股份)经济合作社", "cooperative"),
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
    code = unicodedata.normalize("NFKC", text).replace(" ", "").replace("-", "").upper()
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
