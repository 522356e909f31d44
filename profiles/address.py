"""Addresses: parse, normalise, mask. Parsing is validating: you hold an Address, or an error with a code."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from profiles.errors import ProfilesError

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")
_LONGEST = 320


class AddressError(ProfilesError):
    """An address cannot be used: `empty`, `too_long`, `not_mobile`, `not_mainland`, `bad_number`, `bad_email`,
    `bad_token` or `unknown_channel`."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code, "", sentence)

    def __reduce__(self) -> tuple[type[AddressError], tuple[str, str]]:  # type: ignore[override]  # two arguments
        return type(self), (self.code, self.sentence)


@dataclass(frozen=True)
class Address:
    """Where a recipient is reached. `value`: +86 and 11 digits, a mailbox with an ASCII domain, or a device token."""

    channel: str
    value: str
    mask: str

    def __repr__(self) -> str:
        return f"Address({self.channel}, {self.mask})"  # never the value: it would end up in a log


def parse_address(channel: str, text: str) -> Address:
    """An address of the channel app, sms or email as people type it. Raises AddressError."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        raise AddressError("empty", "The address is empty.")
    if len(plain) > _LONGEST:
        raise AddressError("too_long", f"An address has at most {_LONGEST} characters.")
    if channel == "sms":
        return _mobile(plain)
    if channel == "email":
        return _mailbox(plain)
    if channel == "app":
        return _device(plain)
    raise AddressError("unknown_channel", "The channel is app, sms or email.")


def mask_name(name: str) -> str:
    """`张三丰` -> `张**`, as operators see it."""
    return name[:1] + "**" if name else ""


def mask_number(national: str) -> str:
    """`13800130217` -> `138****0217`."""
    return f"{national[:3]}****{national[-4:]}"


def mask_mailbox(value: str) -> str:
    """`anna@x.cn` -> `a***@x.cn`."""
    local, _, domain = value.rpartition("@")
    return f"{local[:1]}***@{domain}"


def _mobile(text: str) -> Address:
    """A mainland mobile number: fixed lines take no SMS, +852, +853 and +886 no domestic template."""
    import phonenumbers
    from phonenumbers import PhoneNumberType

    try:
        number = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException as exc:
        raise AddressError("bad_number", "This is no telephone number.") from exc
    if number.country_code != 86:
        raise AddressError("not_mainland", "Only mainland numbers (+86) can be written to.")
    if number.extension or not phonenumbers.is_valid_number_for_region(number, "CN"):
        raise AddressError("bad_number", "This is no number in use in mainland China.")
    if phonenumbers.number_type(number) != PhoneNumberType.MOBILE:
        raise AddressError("not_mobile", "A fixed line or service number takes no SMS: give a mobile number.")
    national = str(number.national_number)
    return Address("sms", f"+86{national}", mask_number(national))


def _mailbox(text: str) -> Address:
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as exc:
        raise AddressError("bad_email", f"This is no mailbox: {exc}") from exc
    value = found.ascii_email or found.normalized
    return Address("email", value, mask_mailbox(value))


def _device(text: str) -> Address:
    if not _TOKEN.fullmatch(text):
        raise AddressError("bad_token", "A device token has 16 to 128 letters, digits, - or _.")
    return Address("app", text, f"{text[:4]}…{text[-4:]}")
