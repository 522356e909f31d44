"""Addresses: parse, normalise, mask. Parsing is validating: you hold an Address, or an error with a code."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from profiles.errors import ProfilesError

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")
_LONGEST = 320
_LONGEST_NAME = 100  # the longest in any register we know has half of that
# Formats (directions, zero width) and halves of characters. What is unassigned stays: rare letters of names.
_SHOWN = {"Cf": "", "Cs": "", "Cc": " "}
_MAINLAND = 86
# Hong Kong, Macao and Taiwan numbers written without their +; no mainland number begins so.
_ABROAD = re.compile(r"(?:852[\s-]*[2-9](?:[\s-]*\d){7}|853[\s-]*[268](?:[\s-]*\d){7}|886[\s-]*9(?:[\s-]*\d){8})$")
_DASHES = re.compile("[\u2010-\u2015\u2212\u30fb·]")
_UNSEEN = re.compile("[\u200b-\u200d\u2060\ufeff]")
# Figures and what sets them apart; telephone keys' letters (138FLOWERS) would read as figures.
_FIGURES = re.compile(r"(?:tel|手机|手机号|手机号码|电话|移动电话)?[:\s]*[\d\s+().-]+")
# Full-width signs only: a wider fold would turn one mailbox (½@…, ①@…) into another.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}


class AddressError(ProfilesError):
    """An address cannot be used: `empty`, `too_long`, `not_mobile`, `not_mainland`, `bad_number`, `bad_email`,
    `bad_token` or `unknown_channel`."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code, "", sentence)

    def __reduce__(self) -> tuple[type[AddressError], tuple[str, str]]:  # type: ignore[override]  # two arguments
        return type(self), (self.code, self.sentence)


@dataclass(frozen=True)
class Address:
    """Where a recipient is reached. `value`: +86 and 11 digits, a mailbox with an ASCII domain
    (a name before @ in other letters needs SMTPUTF8, RFC 6531), or a device token."""

    channel: str
    value: str
    mask: str

    def __repr__(self) -> str:
        return f"Address({self.channel}, {self.mask})"  # never the value: it would end up in a log


def parse_address(channel: str, text: str) -> Address:
    """An address of the channel app, sms or email as people type it. Raises AddressError."""
    plain = text[: _LONGEST + 1].translate(_NARROW).strip()
    if not plain:
        raise AddressError("empty", "The address is empty.")
    if max(len(plain), len(text)) > _LONGEST:
        raise AddressError("too_long", f"An address has at most {_LONGEST} characters.")
    if channel == "sms":
        return _mobile(plain)
    if channel == "email":
        return _mailbox(plain)
    if channel == "app":
        return _device(plain)
    raise AddressError("unknown_channel", "The channel is app, sms or email.")


def seen_name(name: str) -> str:
    """A name as it may stand on a page: on one line, nothing that cannot be seen, turns what follows or has no end."""
    shown = "".join(_SHOWN.get(unicodedata.category(char), char) for char in name)
    short = " ".join(shown.split())
    return short if len(short) <= _LONGEST_NAME else short[: _LONGEST_NAME - 1] + "…"


def mask_name(name: str) -> str:
    """`张三丰` -> `张**`, as operators see it."""
    seen = seen_name(name)
    return seen[:1] + "**" if seen else ""


def mask_number(national: str) -> str:
    """`13800130217` -> `138****0217`."""
    return f"{national[:3]}****{national[-4:]}"


def mask_mailbox(value: str) -> str:
    """`anna@x.cn` -> `a***@x.cn`."""
    local, _, domain = value.rpartition("@")
    return f"{local[:1]}***@{domain}"


def mask_of(channel: str, value: str) -> str:
    """What operators see of a parsed address."""
    if channel == "sms":
        return mask_number(value.removeprefix("+86"))
    return mask_mailbox(value) if channel == "email" else f"{value[:4]}…{value[-4:]}"


def masked(channel: str, value: str) -> Address:
    """A parsed address with its mask."""
    return Address(channel, value, mask_of(channel, value))


def _mobile(text: str) -> Address:
    """A mainland mobile number: fixed lines take no SMS, +852, +853 and +886 no domestic template."""
    import phonenumbers
    from phonenumbers import PhoneNumberType

    text = _DASHES.sub("-", _UNSEEN.sub("", text))
    if not _FIGURES.fullmatch(text.lower()):
        raise AddressError("bad_number", "This is no telephone number.")
    try:
        number = phonenumbers.parse(f"+{text}" if _ABROAD.match(text) else text, "CN")
    except phonenumbers.NumberParseException as exc:
        raise AddressError("bad_number", "This is no telephone number.") from exc
    if number.country_code != _MAINLAND:
        raise AddressError("not_mainland", "Only mainland numbers (+86) can be written to.")
    if number.extension or not phonenumbers.is_valid_number_for_region(number, "CN"):
        raise AddressError("bad_number", "This is no number in use in mainland China.")
    if phonenumbers.number_type(number) != PhoneNumberType.MOBILE:
        raise AddressError("not_mobile", "A fixed line or service number takes no SMS: give a mobile number.")
    return masked("sms", f"+86{number.national_number}")


def _mailbox(text: str) -> Address:
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=True, strict=True)
    except EmailNotValidError as exc:
        raise AddressError("bad_email", f"This is no mailbox: {exc}") from exc
    return masked("email", found.ascii_email or f"{found.local_part}@{found.ascii_domain}")


def _device(text: str) -> Address:
    if not _TOKEN.fullmatch(text):
        raise AddressError("bad_token", "A device token has 16 to 128 letters, digits, - or _.")
    return masked("app", text)
