"""What composing needs: the ciphertext of addresses, by one statement for a whole batch."""

from __future__ import annotations

from collections.abc import Sequence

from pushsvc.store.bulk import numbers_literal
from pushsvc.store.session import Connection, bare_cursor

_CIPHERS = "select id, cipher from address where id = any(%s::bigint[])"


def ciphers(conn: Connection, address_ids: Sequence[int]) -> dict[int, bytes]:
    """Address id → ciphertext."""
    return dict(bare_cursor(conn).execute(_CIPHERS, (numbers_literal(address_ids),)).fetchall())
