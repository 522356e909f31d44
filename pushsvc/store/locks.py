"""Advisory locks: steps of which only one may run at a time, held to the end of the transaction."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

_DIGESTS = 7120
_PLANNING, _SWEEPING, _NIGHT, _ADDRESSES, _PUBLISHING, _MODELS = 7101, 7102, 7103, 7104, 7105, 7106


def lock_planning(conn: Connection) -> None:
    """Wait until no other plan runs: caps and shared addresses are decided one after the other."""
    conn.execute(select(func.pg_advisory_xact_lock(_PLANNING)))


def lock_addresses(conn: Connection) -> None:
    """Wait until nobody else writes addresses: two may bring the same new one."""
    conn.execute(select(func.pg_advisory_xact_lock(_ADDRESSES)))


def lock_models(conn: Connection) -> None:
    """Wait until nobody else decides which model serves."""
    conn.execute(select(func.pg_advisory_xact_lock(_MODELS)))


def try_sweeping(conn: Connection) -> bool:
    """Whether this is the only sweep."""
    return bool(conn.execute(select(func.pg_try_advisory_xact_lock(_SWEEPING))).scalar_one())


def try_night(conn: Connection) -> bool:
    """Whether this is the only one that goes over all profiles."""
    return bool(conn.execute(select(func.pg_try_advisory_xact_lock(_NIGHT))).scalar_one())


def try_publishing(conn: Connection) -> bool:
    """Whether this is the only one that makes a snapshot."""
    return bool(conn.execute(select(func.pg_try_advisory_xact_lock(_PUBLISHING))).scalar_one())


def try_digests(conn: Connection) -> bool:
    """Whether this is the only one that releases digests: what one person gathered leaves together."""
    return bool(conn.execute(select(func.pg_try_advisory_xact_lock(_DIGESTS))).scalar_one())
