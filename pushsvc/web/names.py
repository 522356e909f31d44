"""Names as pages show them: plain to the person, masked to everybody else."""

from __future__ import annotations

from profiles.address import seen_name
from pushsvc.keyring import KeyringError
from pushsvc.web.current import context

PLACE = "profile:name"  # where a name's ciphertext belongs


def plain_name(cipher: bytes | None) -> str:
    """The name as it may stand on a page, or an empty string where none is held or no key fits."""
    if cipher is None:
        return ""
    try:
        return seen_name(context().keyring.decrypt(cipher, PLACE))
    except KeyringError:
        return ""
