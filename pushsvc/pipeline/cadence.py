"""A cadence that changes: what was gathered for later comes as soon as the new one says, once.

A slower one leaves what is gathered where it is: it comes at the moment that was chosen when it was gathered.
"""

from __future__ import annotations

import numpy as np
from sqlalchemy import Connection

from profiles.gates import CHANNELS
from pushsvc.context import Context
from pushsvc.pipeline.digest import digest_run
from pushsvc.pipeline.digest_days import next_digest
from pushsvc.store import digest_release
from pushsvc.store.digest_release import RECOMMENDED, Which, of_wish


def prefer_cadence(conn: Connection, ctx: Context, person_id: int, cadence: str) -> int:
    """A person wishes recommendations by another cadence; returns how many messages gave items to an earlier one."""
    return _sooner(conn, ctx, person_id, cadence, RECOMMENDED)


def pace_wish(conn: Connection, ctx: Context, profile_id: int, subscription_id: int, cadence: str) -> int:
    """A subscription gets another cadence; returns how many messages gave items to an earlier one."""
    return _sooner(conn, ctx, profile_id, cadence, of_wish(profile_id, subscription_id))


def _sooner(conn: Connection, ctx: Context, profile_id: int, cadence: str, which: Which) -> int:
    now = ctx.clock()
    due = next_digest(now, cadence, ctx.settings.calendar)
    heads = digest_release.later_heads(conn, profile_id, due)
    if not heads:
        return 0
    run_id = digest_run(conn, cadence, due, now)
    people = np.array([head["recipient_id"] for head in heads], dtype=np.int64)
    channels = np.array([CHANNELS.index(head["channel"]) for head in heads], dtype=np.int8)
    keys = [bytes(key).decode() for key in ctx.keyring.wire_keys(run_id, people, channels, 0)]
    new = digest_release.same_heads(conn, run_id, heads, keys)
    digest_release.move_items(conn, list(new), list(new.values()), now, which=which)
    digest_release.drop_empty(conn, list(new.values()))
    return digest_release.drop_empty(conn, list(new))
