"""Whether the audit log is what was written: each entry is bound to the one before it, and now and then all of it to a
key that the database does not hold.

Who may write in the database can make the whole chain anew; a seal (HMAC-SHA256 of a link's number and hash, RFC 2104)
then no longer fits. Entries since the last seal, the newest minutes, are held by the chain alone.
"""

from __future__ import annotations

import hashlib
import hmac
from contextlib import closing
from dataclasses import dataclass

from pushsvc.context import Context
from pushsvc.keyring import Keyring
from pushsvc.store import audit_chain as store
from pushsvc.store.audit_chain import Link, Seal
from pushsvc.store.session import Connection, transaction


@dataclass(frozen=True)
class Checked:
    """What a check found. `broken`: a sentence that names the first entry that is not as it was written, "" where all
    are. `head`: the last hash in hex, to be kept somewhere else."""

    entries: int
    seals: int
    broken: str
    head: str = ""


def seal(ctx: Context) -> bool:
    """Put a seal on what was added since the last one; False where nothing was."""
    with transaction(ctx.engine) as conn:
        newest = store.head(conn)
        if newest is None:
            return False
        number, link = newest
        store.put_seal(conn, Seal(number, ctx.clock(), _mac(ctx.keyring, number, link)))
        return True


def check(conn: Connection, keyring: Keyring) -> Checked:
    """Read the whole log. Every entry, its place and every seal must fit."""
    marks = store.seals(conn)
    macs, before, entries = {one.n: one.mac for one in marks}, b"", 0
    with closing(store.links(conn)) as links:
        for link in links:
            broken = _broken(link, before) or _unsealed(keyring, link, macs.pop(link.n, None))
            if broken:
                return Checked(entries, len(marks), broken)
            before, entries = link.hash, entries + 1
    return Checked(entries, len(marks), _left(conn, macs), before.hex())


def _broken(link: Link, before: bytes) -> str:
    if link.words is None:
        return f"Entry {link.audit_id} of the audit log is gone."
    if not hmac.compare_digest(hashlib.sha256(before + link.words.encode()).digest(), link.hash):
        return f"Entry {link.audit_id} of the audit log, or one just before it, was changed, put in or taken out."
    return ""


def _unsealed(keyring: Keyring, link: Link, mac: bytes | None) -> str:
    if mac is None or hmac.compare_digest(mac, _mac(keyring, link.n, link.hash)):
        return ""
    return f"The seal on entry {link.audit_id} of the audit log is not ours: it, or the chain before it, was made anew."


def _left(conn: Connection, macs: dict[int, bytes]) -> str:
    if macs:
        return f"{len(macs)} sealed links at the end of the audit log are gone, the first of them {min(macs)}."
    unlinked = store.unlinked(conn)
    return f"{unlinked} entries of the audit log are not in its chain." if unlinked else ""


def _mac(keyring: Keyring, number: int, link: bytes) -> bytes:
    return hmac.digest(keyring.secret, b"audit\0" + str(number).encode() + b"\0" + link, hashlib.sha256)
