"""A callback's body read into receipts; its signature is checked first, and an odd entry costs no other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from channels.base import ChannelError, Clock, Receipt, ReceiptStatus
from channels.said import read_json, sound, storable, word
from channels.signing import verify

STATUSES = frozenset(get_args(ReceiptStatus))
BODY_LIMIT = 4 * 1024 * 1024
KEY_LIMIT = 200
CODE_LIMIT = 100


def read_receipts(key: bytes, body: bytes, headers: Mapping[str, str], clock: Clock | None) -> list[Receipt]:
    """The receipts in `{"receipts": [{"key", "status", "code", …}]}`; entries that say nothing usable are left out.

    Raises ChannelError "bad_signature", or "bad_receipt" for a body that is too large or no such object.
    """
    if clock is None:
        raise ChannelError("no_receipts", "This channel was opened without a clock and cannot check receipts.")
    if len(body) > BODY_LIMIT:
        raise ChannelError("bad_receipt", f"The callback is larger than {BODY_LIMIT} bytes.")
    verify(key, body, headers, clock())
    try:
        rows = read_json(body)["receipts"]
    except (ValueError, KeyError, TypeError, RecursionError) as exc:
        raise ChannelError("bad_receipt", "The callback is not a JSON object with receipts.") from exc
    if not isinstance(rows, list):
        raise ChannelError("bad_receipt", "The callback's receipts are not a list.")
    return [_receipt(row) for row in rows if _usable(row)]


def _usable(row: Any) -> bool:
    """A key that cannot be stored is no key of ours."""
    if not isinstance(row, dict):
        return False
    key, status = row.get("key"), row.get("status")
    named = isinstance(key, str) and 0 < len(key) <= KEY_LIMIT and sound(key)
    return named and isinstance(status, str) and status in STATUSES


def _receipt(row: dict[str, Any]) -> Receipt:
    return Receipt(key=row["key"], status=row["status"], code=word(row.get("code"), CODE_LIMIT), raw=storable(row))
