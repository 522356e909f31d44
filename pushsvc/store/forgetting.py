"""Stored models that may still hold what they learnt of somebody who was erased since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from pushsvc.store.session import Connection


def models_to_look_through(conn: Connection) -> list[int]:
    """Models since whose making, or last forgetting, somebody was erased.

    A model was made when it began to learn, where its card says so. An erasure bears the time at which it began: one
    that was not committed when a model was looked through is met an hour later still.
    """
    query = text("""
        select m.id from model m where exists (
            select from profile p where p.erased_at > coalesce(
                cast(m.card ->> 'forgot_at' as timestamptz) - interval '1 hour',
                least(cast(m.card ->> 'made_at' as timestamptz), m.created_at))
        ) order by m.id
    """)
    return list(conn.execute(query).scalars())


def erased_among(conn: Connection, profile_ids: Sequence[int]) -> NDArray[np.int64]:
    """Those of the profiles that were erased, or are not there."""
    query = text("""
        select given.id from unnest(cast(:ids as bigint[])) as given (id)
        left join profile p on p.id = given.id where p.id is null or p.erased_at is not null
    """)
    return np.array(list(conn.execute(query, {"ids": list(profile_ids)}).scalars()), dtype=np.int64)


def put_back(conn: Connection, model_id: int, arrays: bytes, checksum: str, *, at: datetime) -> None:
    """The model's new bytes; `at` is remembered as the day it forgot."""
    query = text("""
        update model set arrays = :arrays, checksum = :checksum,
            card = card || jsonb_build_object('forgot_at', cast(:at as text)) where id = :id
    """)
    conn.execute(query, {"id": model_id, "arrays": arrays, "checksum": checksum, "at": at.isoformat()})
