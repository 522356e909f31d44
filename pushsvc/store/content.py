"""What composing needs: ciphertext addresses and locales, each by one statement for a whole batch."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BigInteger, Connection, func, select

from pushsvc.store.arrays import array
from pushsvc.store.tables import address, campaign, profile


def ciphers(conn: Connection, address_ids: Sequence[int]) -> dict[int, bytes]:
    """Address id → ciphertext."""
    mine = address.c.id == func.any(array(address_ids, BigInteger))
    return {i: bytes(cipher) for i, cipher in conn.execute(select(address.c.id, address.c.cipher).where(mine))}


def locales(conn: Connection, recipient_ids: Sequence[int]) -> dict[int, str]:
    """Recipient → locale."""
    mine = profile.c.id == func.any(array(recipient_ids, BigInteger))
    return {int(i): locale for i, locale in conn.execute(select(profile.c.id, profile.c.locale).where(mine))}


def campaign_words(conn: Connection, campaign_id: int | None) -> tuple[dict[str, dict[str, str]], str]:
    """The campaign's own words by locale (empty: the standard ones) and its basis."""
    if campaign_id is None:
        return {}, ""
    row = conn.execute(select(campaign.c.content, campaign.c.basis).where(campaign.c.id == campaign_id)).one()
    return row.content, row.basis or ""
