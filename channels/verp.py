"""A return path for each message (variable envelope return path): `local+KEY@domain`, written and read back.

A mail that comes back names its message by the address that it comes back to, whatever its body says.
"""

from __future__ import annotations

import re
from functools import lru_cache

from channels.any_address import LOCAL_LIMIT
from channels.text import TextError, mail_address

KEY = re.compile(r"[A-Za-z0-9_~-]{1,62}", re.ASCII)  # of an atom (RFC 5322, 3.2.3), without what an address parts with
LONGEST = 320
KEY_LENGTH = 32  # of a wire key


def check(address: str) -> str:
    """The bounce address as it is used, its domain in IDNA form. Raises TextError "bad_address" for none, for one with
    a `+` of its own, and where a wire key would not fit before its @."""
    plain = mail_address(address)
    local = plain.partition("@")[0]
    if "+" in local:
        raise TextError("bad_address", "The bounce address may hold no + of its own.")
    if len(local) + 1 + KEY_LENGTH > LOCAL_LIMIT:
        most = LOCAL_LIMIT - 1 - KEY_LENGTH
        raise TextError("bad_address", f"The bounce address may have {most} characters before its @, not more.")
    return plain


def write(address: str, key: str) -> str:
    """`bounces@d`, `k` -> `bounces+k@d`. Raises TextError: bad_address as `check` does, or bad_key for a key that
    cannot stand there."""
    local, domain = _parts(address)
    if KEY.fullmatch(key) is None or len(local) + 1 + len(key) > LOCAL_LIMIT:
        raise TextError("bad_key", "The key cannot stand in a return path.")
    return f"{local}+{key}@{domain}"


def read(address: str, to: str) -> str | None:
    """The key in `to`, a bare address in any case of its domain; None where it is no return path of `address`."""
    if len(to) > LONGEST:
        return None
    local, domain = _parts(address)
    before, _, after = to.rpartition("@")
    name, plus, key = before.partition("+")
    same = plus and name == local and after.isascii() and after.lower() == domain.lower()
    return key if same and len(before) <= LOCAL_LIMIT and KEY.fullmatch(key) else None


@lru_cache(maxsize=8)
def _parts(address: str) -> tuple[str, str]:
    local, _, domain = check(address).partition("@")
    return local, domain
