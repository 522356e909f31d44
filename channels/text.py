"""Short texts: how many parts an SMS takes, and what a body may not hold."""

from __future__ import annotations

import re
from functools import lru_cache

from channels.base import ChannelError

ONE_PART = 70
EACH_PART = 67  # a part of several loses three units to the joining header
SMS_LIMIT = 500
PUSH_TITLE_LIMIT = 20
PUSH_TEXT_LIMIT = 50
MAIL_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-][A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{0,63}@[A-Za-z0-9.-]{1,253}")


class TextError(ChannelError):
    """A text that the channel would refuse; `code` is empty_text, too_long, brackets_in_body, control_character or
    bad_address."""


def units(text: str) -> int:
    """UTF-16 units, as carriers count: a Chinese character is 1, an emoji 2."""
    return len(text) + sum(char > "\uffff" for char in text)


def sms_text(signature: str, text: str) -> str:
    """What arrives on the phone: the signature in 【】 before the body. An empty signature adds nothing."""
    if not signature or (signature[0] == "【" and signature[-1] == "】"):
        return signature + text
    return f"【{signature}】{text}"


def sms_parts(signature: str, text: str) -> int:
    """How many parts the SMS takes, its signature counted: up to 70 units one, else 67 each."""
    length = units(sms_text(signature, text))
    return 1 if length <= ONE_PART else -(-length // EACH_PART)


def check_sms(signature: str, text: str) -> int:
    """The parts of an SMS that may be sent. Raises TextError."""
    if not text.strip():
        raise TextError("empty_text", "The text is empty.")
    if "【" in text or "】" in text:
        raise TextError("brackets_in_body", "The text may not hold 【 or 】: carriers read them as a second signature.")
    if any(char < " " for char in text):
        raise TextError("control_character", "The text may not hold line ends, tabs or other control characters.")
    length = units(sms_text(signature, text))
    if length > SMS_LIMIT:
        raise TextError("too_long", f"The text with its signature has {length} characters; {SMS_LIMIT} are allowed.")
    return sms_parts(signature, text)


@lru_cache(maxsize=64)  # a batch says the same to many
def shorten(text: str, limit: int) -> str:
    """The text cut to `limit` UTF-16 units, its last one an ellipsis if anything was cut."""
    if units(text) <= limit:
        return text
    kept, left = [], limit - 1
    for char in text:
        left -= 2 if char > "\uffff" else 1
        if left < 0:
            break
        kept.append(char)
    return "".join(kept) + "…"


def mail_address(text: str) -> str:
    """The address as it stands in a command or a header: ASCII, its domain in IDNA form, nothing that could end
    the one or begin the other. Raises TextError "bad_address"; the sentence does not repeat the address."""
    if MAIL_ADDRESS.fullmatch(text):
        return text
    local, _, domain = text.rpartition("@")
    try:
        plain = f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"
    except UnicodeError as exc:
        raise TextError("bad_address", "The mail address has a domain that cannot be written.") from exc
    if MAIL_ADDRESS.fullmatch(plain) is None:
        raise TextError("bad_address", "The mail address cannot stand in a mail.")
    return plain
