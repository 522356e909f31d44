"""Profiles as columns: what criteria, features and gates are decided on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select, text

from profiles.building import build_frame, dependants_of
from profiles.columns import Certificate, Frame, Nested
from profiles.facts import FACTS as PROFILE_FACTS
from profiles.facts import LISTS, YEARLY
from pushsvc.keyring import Keyring
from pushsvc.store.contacts import Contacts, load_contacts
from pushsvc.store.session import Connection
from pushsvc.store.tables import profile

__all__ = ["FACTS", "Contacts", "load_contacts", "load_frame", "sensitive_place", "sensitive_values"]

_NAMES = list(profile.c.keys())
FACTS: tuple[str, ...] = tuple(_NAMES[_NAMES.index("region") :])  # the stored facts, in the order of the table

# A sensitive fact is read only under its own live consent; without it the fact is unknown, not false.
_SENSITIVE = text("""
    select s.profile_id, s.fact, s.value from sensitive_fact s
    join lateral (
        select given from consent c where c.profile_id = s.profile_id and c.purpose = 'sensitive'
        order by id desc limit 1
    ) latest on latest.given
    where s.fact = any(:facts) and (cast(:ids as bigint[]) is null or s.profile_id = any(:ids))
""")
_CERTIFICATES = text("""
    select profile_id, key, valid_from, valid_until from qualification where profile_id = any(:ids)
    order by profile_id, key, valid_from
""")
_YEARLY = text(f"""
    select profile_id, year, {", ".join(YEARLY)} from yearly_fact where profile_id = any(:ids) order by year
""")
_DEPENDANTS = text("""
    select profile_id, birth_date, household_region from dependant where profile_id = any(:ids) and used
    order by profile_id, ref
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
    query = select(profile.c.id, profile.c.kind, *(profile.c[name] for name in (*LISTS, *FACTS)))
    query = query.where(profile.c.erased_at.is_(None)).order_by(profile.c.id)
    if profile_ids is not None:
        query = query.where(text("profile.id = any(:ids)").bindparams(ids=profile_ids.tolist()))
    rows = conn.execute(query).all()
    names = ("id", "kind", *LISTS, *FACTS)
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    held = dict(zip(names, columns, strict=True))
    ids = np.array(held.pop("id"), dtype=np.int64)
    lists = {name: held.pop(name) for name in LISTS}
    interests = lists.pop("interests")
    raw: dict[str, Sequence[object]] = held | _yearly(conn, ids)
    if sensitive and keyring is not None:
        raw |= _sensitive(conn, keyring, ids, sensitive)
    return build_frame(
        ids,
        raw,
        interests=interests,
        dependants=_dependants(conn, ids),
        lists=lists,
        qualifications=_certificates(conn, ids),
    )


def sensitive_place(fact: str) -> str:
    """The place a sensitive fact's ciphertext is bound to."""
    return f"sensitive:{fact}"


def _dependants(conn: Connection, ids: NDArray[np.int64]) -> Nested:
    rows = conn.execute(_DEPENDANTS, {"ids": ids.tolist()})
    return dependants_of(ids, ((row[0], row[1], row[2]) for row in rows))


def _certificates(conn: Connection, ids: NDArray[np.int64]) -> list[list[Certificate]]:
    row_of = {number: row for row, number in enumerate(ids.tolist())}
    held: list[list[Certificate]] = [[] for _ in row_of]
    for owner, key, start, end in conn.execute(_CERTIFICATES, {"ids": list(row_of)}):
        held[row_of[owner]].append((key, start, end))
    return held


def _yearly(conn: Connection, ids: NDArray[np.int64]) -> dict[str, list[object]]:
    """By `fact@year`, for the years that anybody has."""
    row_of = {number: row for row, number in enumerate(ids.tolist())}
    found: dict[str, list[object]] = {}
    for owner, year, *values in conn.execute(_YEARLY, {"ids": list(row_of)}):
        for fact, value in zip(YEARLY, values, strict=True):
            if value is not None:
                found.setdefault(f"{fact}@{year}", [None] * len(row_of))[row_of[owner]] = value
    return found


def _sensitive(
    conn: Connection, keyring: Keyring, ids: NDArray[np.int64], facts: Sequence[str]
) -> dict[str, Sequence[object]]:
    """Values by fact, None where there is none or no consent."""
    row_of = {number: row for row, number in enumerate(ids.tolist())}
    found: dict[str, list[object]] = {fact: [None] * len(row_of) for fact in facts}
    for fact, held in sensitive_values(conn, keyring, facts, list(row_of)).items():
        for profile_id, value in held.items():
            found[fact][row_of[profile_id]] = value
    return dict(found)


def sensitive_values(
    conn: Connection, keyring: Keyring, facts: Sequence[str], ids: Sequence[int] | None = None
) -> dict[str, dict[int, bool | float]]:
    """By fact: the values held of these profiles (all where None) who consent to its use, by profile."""
    found: dict[str, dict[int, bool | float]] = {fact: {} for fact in facts}
    for profile_id, fact, cipher in conn.execute(_SENSITIVE, {"facts": list(facts), "ids": ids}):
        held = keyring.decrypt(cipher, sensitive_place(fact))
        found[fact][profile_id] = held == "1" if PROFILE_FACTS[fact].kind == "flag" else float(held)
    return found
