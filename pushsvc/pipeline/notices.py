"""Notices: a line in somebody's inbox that something waits for them, where the app reaches them; pages show it too."""

from __future__ import annotations

from pushsvc.context import Context
from pushsvc.pipeline.system import send_words
from pushsvc.pipeline.system_words import SystemWords
from pushsvc.store.addresses import reachable
from pushsvc.store.session import Connection

CHANNEL = "app"  # costs nobody anything


def tell(ctx: Context, conn: Connection, person_id: int, *, key: str, words: str) -> None:
    """Queue `words` for the person's inbox, once for each `key`; nothing where no app of theirs is known."""
    places = (one for one in reachable(conn, person_id) if one.channel == CHANNEL and one.suppressed is None)
    place = next(places, None)
    if place is not None:
        what = (f"{key}:{person_id}", SystemWords(words))
        send_words(ctx, conn, what, recipient_id=person_id, address_id=place.id, channel=CHANNEL)
