"""The ledger on wire keys: each is made anew from what it stands for, and none arrived more often than it may."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from channels.sandbox.journal import Row, journal_path, rows
from pushsvc.keyring import Keyring
from pushsvc.store.ledger import EXAMPLES, Difference, Keyed, keyed

CHANNELS = ("app", "sms", "email")
PIECE = 200_000
Sinks = Mapping[str, Collection[str]]  # channel → the keys that arrived; one that arrived twice stands there twice


def forged(conn: Connection, keyring: Keyring, *, piece: int = PIECE) -> list[Difference]:
    """Deliveries whose wire key is not the one of their run, recipient, channel and step."""
    wrong: list[int] = []
    n, after = 0, -1
    while len(some := keyed(conn, after=after, limit=piece)):
        hit = some.id[(some.key != _made(keyring, some)).any(axis=1)]
        n, after = n + len(hit), int(some.id[-1])
        wrong += hit[: EXAMPLES - len(wrong)].tolist()
    sentence = "deliveries bear another wire key than their run, recipient, channel and step make"
    return [Difference("forged_key", n, sentence, tuple(map(str, wrong)))] if n else []


def _made(keyring: Keyring, some: Keyed) -> NDArray[np.int64]:
    run, step = some.run_id.astype(np.uint64), some.step.astype(np.uint64)
    digits = keyring.wire_keys(run, some.recipient_id, some.channel, step)
    return np.frombuffer(bytes.fromhex(digits.tobytes().decode()), dtype=">i8").reshape(-1, 2)


def sink_keys(root: Path) -> dict[str, list[str]]:
    """The wire keys in a sandbox's journals, by channel, as often as they arrived.

    A push that its gateway dropped as a repeat did not arrive again, and a copy of a mail under the same Message-ID is
    the same mail.
    """
    mails = {(one["key"], one.get("message_id", "")) for one in _arrived(root, "email")}
    others = {channel: [one["key"] for one in _arrived(root, channel)] for channel in CHANNELS if channel != "email"}
    return {**others, "email": [key for key, _ in mails]}


def _arrived(root: Path, channel: str) -> Iterator[Row]:
    return (one for one in rows(journal_path(root, channel)) if not one.get("repeat"))


def arrived_twice(sinks: Sinks) -> list[Difference]:
    """Messages that a sink holds more often than it may."""
    sentence = "messages are at the sink twice"
    twice = {name: {key for key, n in Counter(keys).items() if n > 1} for name, keys in sinks.items()}
    return unlike("sink_duplicates", twice, sentence)


def unlike(code: str, keys: Sinks, sentence: str) -> list[Difference]:
    """A difference that names keys by channel; none where there are none."""
    named = sorted(f"{channel} {key}" for channel, some in keys.items() for key in some)
    return [Difference(code, len(named), sentence, tuple(named[:EXAMPLES]))] if named else []
