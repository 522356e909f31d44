"""Profiles as columns: what criteria, features and gates are decided on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select, text

from profiles.columns import Dependants, Frame, build_frame, dependants_of
from pushsvc.keyring import Keyring
from pushsvc.store.contacts import Contacts, load_contacts
from pushsvc.store.session import Connection
from pushsvc.store.tables import profile

__all__ = ["FACTS", "Contacts", "load_contacts", "load_frame", "sensitive_place"]

_NAMES = list(profile.c.keys())
FACTS: tuple[str, ...] = tuple(_NAMES[_NAMES.index("region") :])  # the stored facts, in the order of the table

# A sensitive fact is read only under its own live consent; without it the fact is unknown, not false.
_SENSITIVE = text("""
    select s.profile_id, s.fact, s.value from sensitive_fact s
    join lateral (
        select given from consent c where c.profile_id = s.profile_id and c.purpose = 'sensitive'
        order by id desc limit 1
    ) latest on latest.given
    where s.fact = any(:facts) and s.profile_id = any(:ids)
""")
_DEPENDANTS = text("""
    select profile_id, birth_date, household_region from dependant where profile_id = any(:ids) order by profile_id, ref
""")


def load_frame(
    conn: Connection,
    *,
    profile_ids: NDArray[np.int64] | None = None,
    keyring: Keyring | None = None,
    sensitive: Sequence[str] = (),
) -> Frame:
    """The given profiles (all where None) that are not erased, by id.

    `sensitive` names the sensitive facts that are needed for what is being decided: only those are decrypted, with
    `keyring`, and only where the person consents; for everybody else they are unknown.
    """
    query = select(profile.c.id, profile.c.kind, profile.c.interests, *(profile.c[fact] for fact in FACTS))
    query = query.where(profile.c.erased_at.is_(None)).order_by(profile.c.id)
    if profile_ids is not None:
        query = query.where(text("profile.id = any(:ids)").bindparams(ids=profile_ids.tolist()))
    rows = conn.execute(query).all()
    columns: list[tuple[object, ...]] = list(zip(*rows, strict=True)) if rows else [()] * (len(FACTS) + 3)
    ids = np.array(columns[0], dtype=np.int64)
    raw: dict[str, Sequence[object]] = {"kind": columns[1], **dict(zip(FACTS, columns[3:], strict=True))}
    if sensitive and keyring is not None:
        raw |= _sensitive(conn, keyring, ids, sensitive)
    interests: Sequence[Sequence[str]] = columns[2]  # type: ignore[assignment]  # a text[] column
    return build_frame(ids, raw, interests=interests, dependants=_dependants(conn, ids))


def sensitive_place(fact: str) -> str:
    """The place a sensitive fact's ciphertext is bound to."""
    return f"sensitive:{fact}"


def _dependants(conn: Connection, ids: NDArray[np.int64]) -> Dependants:
    rows = conn.execute(_DEPENDANTS, {"ids": ids.tolist()})
    return dependants_of(ids, ((row[0], row[1], row[2]) for row in rows))


def _sensitive(
    conn: Connection, keyring: Keyring, ids: NDArray[np.int64], facts: Sequence[str]
) -> dict[str, Sequence[object]]:
    """Values by fact, None where there is none or no consent."""
    row_of = {number: row for row, number in enumerate(ids.tolist())}
    found: dict[str, list[object]] = {fact: [None] * len(row_of) for fact in facts}
    for profile_id, fact, cipher in conn.execute(_SENSITIVE, {"facts": list(facts), "ids": list(row_of)}):
        found[fact][row_of[profile_id]] = keyring.decrypt(cipher, sensitive_place(fact)) == "1"
    return dict(found)
