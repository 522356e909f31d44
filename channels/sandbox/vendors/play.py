"""What the SMS vendors of the sandbox share: their faults, and what they sent to a number."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from channels.sandbox.desk import Desk
from channels.sandbox.journal import journal_path

Row = dict[str, Any]


def row(desk: Desk, vendor: str, *, batch: str, to: str, number: str, bounced: bool) -> Row:
    """A journal row. `to`: the address as the service keeps it, of which a hash is kept; `number`: the vendor's id."""
    hashed = desk.hash(to)
    found: Row = {"key": f"{batch}:{hashed}", "to": hashed, "at": desk.clock().isoformat(), "batch": batch}
    found |= {"vendor": vendor, "id": number}
    return found | {"bounced": True} if bounced else found


def word(*parts: str, size: int = 16) -> str:
    """An id in hex, the same for the same parts."""
    return hashlib.blake2b("\n".join(parts).encode(errors="replace"), digest_size=size).hexdigest()


@dataclass
class _Ledger:
    """A journal by address, read on from where it was left."""

    end: int = 0
    rows: dict[str, list[Row]] = field(default_factory=dict)


_LEDGERS: dict[Path, _Ledger] = {}


def sent_to(desk: Desk, vendor: str, to: str) -> list[Row]:
    """What this vendor sent to an address, oldest first."""
    path = journal_path(desk.root, "sms")
    ledger = _LEDGERS.setdefault(path, _Ledger())
    with path.open("rb") as file:
        file.seek(ledger.end)
        for line in file:
            if not line.endswith(b"\n"):
                break
            ledger.end += len(line)
            found: Row = json.loads(line)
            ledger.rows.setdefault(found["to"], []).append(found)
    return [found for found in ledger.rows.get(desk.hash(to), []) if found.get("vendor") == vendor]
