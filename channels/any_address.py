"""Mail addresses in any script (SMTPUTF8): for those who can be written to only through servers that offer it."""

from __future__ import annotations

from channels.text import TextError, mail_address

LOCAL_LIMIT = 64  # octets before the @ (RFC 5321, 4.5.3.1.1)


def any_mail_address(text: str) -> str:
    """`mail_address`, but the name before the @ may be in any script (RFC 6531, 3.3): letters, figures and signs, no
    space and nothing unseen. Raises TextError "bad_address"."""
    local, at, domain = text.rpartition("@")
    if local.isascii():
        return mail_address(text)
    if not local.isprintable() or len(local.encode(errors="replace")) > LOCAL_LIMIT:
        raise TextError("bad_address", "The mail address has a name that cannot stand in a mail.")
    latin = "".join("a" if char > "\x7f" else char for char in local)
    return f"{local}@{mail_address(f'{latin}{at}{domain}').rpartition('@')[2]}"
