"""What stands for an erased profile's reference: a keyed hash, so that a later file cannot bring it back."""

from __future__ import annotations

from collections.abc import Sequence

from pushsvc.context import Context


def tombstone(ctx: Context, ref: str) -> str:
    """The reference of what is left of an erased profile."""
    return tombstones(ctx, [ref])[0]


def tombstones(ctx: Context, refs: Sequence[str]) -> list[str]:
    """`tombstone` for many."""
    return [f"erased:{found.hex()}" for found in ctx.keyring.lookups("erased", refs)]
