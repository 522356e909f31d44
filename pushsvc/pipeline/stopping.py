"""Stop it all, and take that back: what stood before stands again, by the person's own act and from then on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from profiles.consent import Ledger, latest, ledger
from profiles.gates import CHANNELS
from pushsvc.context import Context
from pushsvc.pipeline.preferences import withdraw_all, write_entries
from pushsvc.store import stopping, subscriptions
from pushsvc.store.deliveries import cancel_recommended
from pushsvc.store.preferences import read_preference, take_turns, write_preference
from pushsvc.store.session import Connection, transaction

TOLD_BY = ("notify", "recommend")  # consents that let us write; those about facts are no notice's business
SWITCHES = ("personalised", "entitled")
_GOES_WITH = {"personalised": "recommend", "entitled": "notify"}  # who speaks of the one decides on the other


@dataclass(frozen=True)
class Stopped:
    """What one stop ended. `at`: its moment; `before` and `after`: the last entry of the consent ledger before it and
    its own last; `switches` that were on; `wishes` ended; `dropped`: queued recommendations that will not come back."""

    at: datetime
    before: int
    after: int
    switches: tuple[str, ...]
    wishes: int
    dropped: int
    consented: bool

    @property
    def anything(self) -> bool:
        """Whether there was something to stop: a second press finds nothing."""
        return bool(self.switches or self.wishes or self.consented)


def stop_all(ctx: Context, profile_id: int, *, source: str = "web") -> Stopped:
    """Stop everything that is no duty: consents withdrawn, wishes ended, recommendations and optional notices off."""
    now = ctx.clock()
    with transaction(ctx.engine) as conn:
        take_turns(conn, profile_id)
        before = stopping.last_entry(conn, profile_id)
        held, consented = read_preference(conn, profile_id), _consents(conn, profile_id, before)
        switches = tuple(name for name in SWITCHES if held[name])
        wishes = subscriptions.end_all(conn, profile_id, reason=stopping.STOPPED, at=now)
        if consented or wishes or switches:  # a second press says nothing new: what the first one ended can come back
            withdraw_all(conn, profile_id, source=source, at=now, purposes=TOLD_BY)
        write_preference(conn, profile_id, dict.fromkeys(SWITCHES, False), now)
        dropped = cancel_recommended(conn, profile_id, now=now)
        after = stopping.last_entry(conn, profile_id)
    return Stopped(now, before, after, switches, wishes, dropped, bool(consented))


def resume_all(ctx: Context, profile_id: int, what: Stopped, *, source: str = "web") -> None:
    """Take one stop back. Again, or after the person decided otherwise, only what is still as the stop left it changes.

    Consent is given anew, now, for what it stood for then; subscriptions that this stop ended go on.
    """
    now = ctx.clock()
    with transaction(ctx.engine) as conn:
        take_turns(conn, profile_id)
        spoken = stopping.spoken_since(conn, profile_id, what.after)
        stood = [key for key in _consents(conn, profile_id, what.before) if key[0] not in spoken]
        write_entries(conn, profile_id, stood, given=True, source=source, at=now)
        stopping.resume_stopped(conn, profile_id, what.at)
        on = [one for one in SWITCHES if one in what.switches and _GOES_WITH[one] not in spoken]
        write_preference(conn, profile_id, dict.fromkeys(on, True), now)


def _consents(conn: Connection, profile_id: int, upto: int) -> list[tuple[str, str]]:
    """The (purpose, channel) of which the ledger said yes at an entry; "any" where it did for every channel."""
    told: Ledger = ledger((0, *entry) for entry in stopping.entries_upto(conn, profile_id, upto))
    found: list[tuple[str, str]] = []
    for purpose in TOLD_BY:
        held = latest(told, n=1, purpose=purpose)[0]
        named = [channel for channel, on in zip(CHANNELS, held.tolist(), strict=True) if on]
        found += [(purpose, channel) for channel in (["any"] if held.all() else named)]
    return found
