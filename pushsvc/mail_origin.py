"""Whose mails they are, as the settings say it: the sender, where mails come back to, and the keys that sign them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from channels.base import ChannelError
from channels.smtp_envelope import Origin
from channels.verp import check

if TYPE_CHECKING:
    from channels.dkim import Key

FILE_LIMIT = 64 * 1024
KEYS_LIMIT = 4  # each costs a signature a mail


class MailOriginError(ValueError):
    """A key or an address cannot be used; the sentence names the setting, and holds nothing of a key."""


def read_origin(sender: str, bounces: str, dkim: str) -> Origin:
    """What PUSHSVC_SENDER, PUSHSVC_BOUNCE_ADDRESS and PUSHSVC_DKIM say, the key files read. Raises MailOriginError."""
    try:
        back = check(bounces) if bounces else ""
    except ChannelError as exc:
        raise MailOriginError(f"PUSHSVC_BOUNCE_ADDRESS: {exc.sentence}") from exc
    words = dkim.split()
    keys = [_key(word) for word in words]
    if len({key.selector for key in keys}) < len(keys) or len(keys) > KEYS_LIMIT:
        raise MailOriginError(f"PUSHSVC_DKIM holds a selector twice, or more than {KEYS_LIMIT} keys.")
    return Origin(sender, back, tuple(keys))


def _key(word: str) -> Key:
    from channels.dkim import read_key  # only where mails are signed: it takes memory in each process

    selector, equals, path = word.partition("=")
    if not equals or not path:
        raise MailOriginError("PUSHSVC_DKIM must hold `selector=FILE` words.")
    try:
        with Path(path).open("rb") as file:
            return read_key(selector, file.read(FILE_LIMIT))
    except ChannelError as exc:
        raise MailOriginError(f"PUSHSVC_DKIM, {selector}: {exc.sentence}.") from exc
    except (OSError, ValueError) as exc:  # ValueError: a NUL in the path
        raise MailOriginError(f"PUSHSVC_DKIM, {selector}: the file {path!r} cannot be read.") from exc
