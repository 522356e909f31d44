"""Whom a trial lists, and whose policies are on trial."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BigInteger, Connection, LargeBinary, Text, func, or_, select

from pushsvc.store.arrays import array
from pushsvc.store.tables import address, policy, profile, profile_address


def listed(conn: Connection, recipients: Sequence[int], *, refs: Sequence[str], lookups: Sequence[bytes]) -> set[int]:
    """Those of the recipients who have one of these references, or an address of one of these keyed hashes."""
    held = (
        select(profile_address.c.profile_id)
        .join(address, address.c.id == profile_address.c.address_id)
        .where(address.c.lookup == func.any(array(lookups, LargeBinary)))
    )
    named = or_(profile.c.ref == func.any(array(refs, Text)), profile.c.id.in_(held))
    mine = profile.c.id == func.any(array(recipients, BigInteger))
    return set(conn.scalars(select(profile.c.id).where(mine, named)))


def agencies_of(conn: Connection, policy_ids: Sequence[int]) -> dict[int, str]:
    """The agency of each policy."""
    mine = policy.c.id == func.any(array(policy_ids, BigInteger))
    return {number: str(agency) for number, agency in conn.execute(select(policy.c.id, policy.c.agency).where(mine))}
