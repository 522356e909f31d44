"""Copies told apart: the same text from elsewhere and two policies with one number, among all that are stored."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from pushsvc.context import Context
from pushsvc.pipeline.policy_gate import note, weighed
from pushsvc.store.fingerprints import Print, prints_like, prints_of, put_print
from pushsvc.store.policies import policy_by_ref
from pushsvc.store.policy_links import DUPLICATES, NewLink, put_links
from pushsvc.store.session import Connection
from pushsvc.texts.findings.among import BAND_BYTES, BANDS
from pushsvc.texts.fingerprints import Fingerprint, fingerprint, share
from pushsvc.texts.policy import PolicyText
from pushsvc.texts.quality import findings_among


def keep_print(conn: Connection, policy_id: int, text: PolicyText) -> None:
    """Keep what tells this text from others."""
    found = fingerprint(text)
    put_print(conn, Print(policy_id, **vars(found), bands=bands_of(found.signature)))


def tell_copies(conn: Connection, ctx: Context, policy_ids: Sequence[int]) -> None:
    """Write down which of these policies repeat another, or bear another's number; a copy is linked to the first."""
    brought = prints_of(conn, policy_ids)
    held = prints_like(conn, brought)
    by_ref = {one.ref: one for one in brought}
    for ref, found in findings_among([_of(one) for one in brought], [_of(one) for one in held]).items():
        mine, stored = by_ref[ref], policy_by_ref(conn, ref)
        for one in (weighed(one, stored) for one in found if stored is not None):
            note(conn, ctx, mine.policy_id, one)
            if one.blocking and one.code == "duplicate":
                first = _first(mine, [*held, *brought])
                put_links(conn, mine.policy_id, [NewLink(DUPLICATES, None, None, first)], relations=[DUPLICATES])


def bands_of(signature: bytes) -> tuple[int, ...]:
    """A signed 64-bit hash for each part of the signature and its place: copies share at least one."""
    parts = (bytes([n]) + signature[n * BAND_BYTES : (n + 1) * BAND_BYTES] for n in range(BANDS if signature else 0))
    return tuple(int.from_bytes(hashlib.blake2b(part, digest_size=8).digest(), signed=True) for part in parts)


def _first(mine: Print, others: Sequence[Print]) -> int:
    """Which one it is a copy of: the one with most in common, the oldest of equals."""
    ranked = [one for one in others if one.policy_id < mine.policy_id] or [one for one in others if one != mine]
    return max(ranked, key=lambda one: (share(one.signature, mine.signature), -one.policy_id)).policy_id


def _of(one: Print) -> Fingerprint:
    return Fingerprint(one.ref, one.host, one.number, one.title, one.digest, one.signature)
