"""What was worked out for a feed, kept in Redis for a while: as ciphertext, since it says what fits somebody.

Redis may be emptied, away or hold anything at all: what cannot be opened, or was worked out from other rows, is worked
out anew. One value a profile and kind: what is out of date is overwritten, and forgotten with its profile.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis.exceptions import RedisError

from pushsvc.context import Context
from pushsvc.keyring import KeyringError

SECONDS = 900
_AWAY_SECONDS = 5.0  # after a failure Redis is left alone this long: what saves time must not cost it
_FORM = 1  # of the values: another one where the code that makes or reads them changes
KINDS = ("order", "lines:zh", "lines:en")


@dataclass
class _Away:
    """Until when Redis is left alone."""

    until: float = 0.0


def recall(ctx: Context, kind: str, profile_id: int, stamp: Sequence[object]) -> Any:
    """What was remembered of this kind for the profile, worked out from what `stamp` stands for; None otherwise."""
    cipher = _asked(ctx, lambda redis: redis.get(_key(kind, profile_id)))
    if not isinstance(cipher, bytes):
        return None
    try:
        form, of, value = json.loads(ctx.keyring.decrypt(cipher, _key(kind, profile_id)))
    except (KeyringError, ValueError, TypeError):
        return None
    return value if form == _FORM and of == list(stamp) else None


def remember(ctx: Context, kind: str, profile_id: int, stamp: Sequence[object], value: object) -> None:
    """Keep a value (JSON) for all processes; a Redis that is away is no error."""
    key = _key(kind, profile_id)
    text = json.dumps([_FORM, list(stamp), value], ensure_ascii=False, separators=(",", ":"))
    _asked(ctx, lambda redis: redis.set(key, ctx.keyring.encrypt(text, key), ex=SECONDS))


def forget(ctx: Context, profile_id: int) -> None:
    """Nothing is kept of the profile any more."""
    _asked(ctx, lambda redis: redis.delete(*(_key(kind, profile_id) for kind in KINDS)))


def _key(kind: str, profile_id: int) -> str:
    return f"feed:{kind}:{profile_id}"


def _asked(ctx: Context, ask: Any) -> Any:
    """The answer of Redis; None where it is away."""
    away, now = ctx.kept.of(_Away), ctx.clock().timestamp()
    if ctx.redis is None or now < away.until:
        return None
    try:
        return ask(ctx.redis)
    except (RedisError, OSError):
        away.until = now + _AWAY_SECONDS
        return None
