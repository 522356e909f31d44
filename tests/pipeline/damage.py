"""Ways in which a stored model goes bad in the database."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import numpy as np
from sqlalchemy import text

from pushsvc.context import Context
from pushsvc.store.session import transaction

DAMAGES = ("byte", "cut", "empty", "not finite", "newer format")


def damage(ctx: Context, number: int, how: str) -> None:
    """Spoil the arrays of a model: behind its checksum, or (as a faulty writer would) with a checksum that fits."""
    with transaction(ctx.engine) as conn:
        arrays = bytes(conn.execute(text("select arrays from model where id = :id"), {"id": number}).scalar_one())
        spoilt = _spoilt(arrays, how)
        fits = how in ("not finite", "newer format")
        checksum = hashlib.sha256(spoilt).hexdigest() if fits else None
        conn.execute(
            text("update model set arrays = :arrays, checksum = coalesce(:checksum, checksum) where id = :id"),
            {"arrays": spoilt, "checksum": checksum, "id": number},
        )


def _spoilt(arrays: bytes, how: str) -> bytes:
    middle = len(arrays) // 2
    if how == "byte":
        return arrays[:middle] + bytes([arrays[middle] ^ 1]) + arrays[middle + 1 :]
    if how in ("cut", "empty"):
        return arrays[: middle if how == "cut" else 0]
    with np.load(io.BytesIO(arrays)) as archive:
        held = {name: archive[name] for name in archive.files}
    if how == "not finite":
        held["audience.b_profile"] = np.full_like(held["audience.b_profile"], np.nan)
    else:
        held["format"] = held["format"] + 1
    held["digest"] = np.frombuffer(_digest({name: one for name, one in held.items() if name != "digest"}), np.uint8)
    target = io.BytesIO()
    np.savez(target, **held)
    return target.getvalue()


def _digest(arrays: dict[str, Any]) -> bytes:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        values = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {values.dtype.str} {values.shape}\n".encode())
        digest.update(values.tobytes())
    return digest.digest()
