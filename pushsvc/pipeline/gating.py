"""The gates over contact rows: the same call plans a campaign and re-checks a slice just before it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from profiles.escalation import DEFAULT_ORDER, whole_order
from profiles.gates import CHANNELS, DOORS, GateInput, GateResult, decide_gates
from pushsvc.store import history
from pushsvc.store.contacts import Contacts

CAP_WINDOW = timedelta(days=7)
RECOMMENDED = DOORS.index("recommended")

Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int8]


class Numbers:
    """A growing set of row numbers, asked of many at once: one bit for each number up to the largest."""

    def __init__(self) -> None:
        self._bits = np.zeros(1024, dtype=np.uint8)

    def add(self, ids: Ids) -> None:
        """Put these in; negative ones stand for nobody."""
        ids = ids[ids >= 0]
        if not len(ids):
            return
        need = int(np.max(ids)) // 8 + 1
        if need > len(self._bits):
            self._bits = np.concatenate([self._bits, np.zeros(max(need, len(self._bits)), dtype=np.uint8)])
        np.bitwise_or.at(self._bits, ids >> 3, np.left_shift(1, ids & 7).astype(np.uint8))

    def has(self, ids: Ids) -> Mask:
        """bool, shaped as `ids`: which are in."""
        inside = (ids >= 0) & (ids >> 3 < len(self._bits))
        at = np.where(inside, ids, 0)
        return np.asarray(inside & ((self._bits[at >> 3] >> (at & 7).astype(np.uint8)) & 1 > 0))


@dataclass(frozen=True)
class Terms:
    """What a run's campaign brings: what counts as told, and what it may pass; a digest has none of it."""

    family: str = ""
    event: str = ""
    mandatory: bool = False
    duty: bool = False
    emergency: bool = False


def terms_of(campaign: Mapping[Any, Any]) -> Terms:
    """The terms of a campaign's row (of `get_campaign`); only a recorded duty makes a policy one that must be told."""
    duty = bool(campaign["basis"])
    mandatory = duty and bool(campaign["policy_mandatory"])
    return Terms(campaign["family"], campaign["event"], mandatory, duty, emergency=bool(campaign["emergency"]))


@dataclass(frozen=True, eq=False)
class History:
    """What came before, for n rows: told of this event, recommended this week, and (n × 3) addresses the run uses."""

    told: Mask
    week_count: NDArray[np.int32]
    taken: Mask


@dataclass(frozen=True, eq=False)
class Leaving:
    """How n messages leave: `code` int8[n] into the few ways of `when`, each a moment and the run of the digest that
    they join, 0 for none."""

    code: Codes
    when: Sequence[tuple[datetime, int]]


def at_once(n: int, now: datetime) -> Leaving:
    """All leave now, each alone."""
    return Leaving(np.zeros(n, dtype=np.int8), [(now, 0)])


def no_history(contacts: Contacts) -> History:
    """Nobody was told anything."""
    n = len(contacts)
    return History(np.zeros(n, np.bool_), np.zeros(n, np.int32), np.zeros((n, len(CHANNELS)), np.bool_))


def past(conn: Connection, contacts: Contacts, door: Codes, terms: Terms, *, run_id: int, leaving: Leaving) -> History:
    """What other runs did; `taken` is empty."""
    told = history.told_recipients(conn, contacts.recipient_id, family=terms.family, event=terms.event, run_id=run_id)
    counts = week_counts(conn, contacts.recipient_id, door, leaving, run_id=run_id)
    return replace(no_history(contacts), told=np.isin(contacts.recipient_id, told), week_count=counts)


def week_counts(conn: Connection, people: Ids, door: Codes, leaving: Leaving, *, run_id: int) -> NDArray[np.int32]:
    """int32[n]: what other runs recommend in the week before each message leaves; 0 for what is not recommended."""
    counts, offered = np.zeros(len(people), dtype=np.int32), door == RECOMMENDED
    for code in np.unique(leaving.code[offered]).tolist():
        mine, (at, joins) = offered & (leaving.code == code), leaving.when[code]
        counts[mine] = history.recommended_since(conn, people[mine], at - CAP_WINDOW, run_id=run_id, joins=joins)
    return counts


def decide(contacts: Contacts, door: Codes, before: History, terms: Terms) -> GateResult:
    """Contact or refusal for each contact row; `door` int8[n]: index into DOORS."""
    recommended = (door == RECOMMENDED)[:, None]
    return decide_gates(
        GateInput(
            door=door,
            erased=contacts.erased,
            personalised=contacts.personalised,
            entitled_on=contacts.entitled_on,
            minor=contacts.minor,
            guardian_consent=contacts.guardian_consent,
            muted=contacts.muted,
            paused=contacts.paused,
            told=before.told,
            week_count=before.week_count,
            weekly_max=contacts.weekly_max,
            has_address=contacts.address >= 0,
            suppressed=contacts.suppressed,
            opted_out=contacts.opted_out,
            consent=np.where(recommended, contacts.consent_recommend, contacts.consent_notify),
            enabled=contacts.enabled,
            address=contacts.address,
            taken=before.taken,
            mandatory=terms.mandatory,
            duty=terms.duty,
            emergency=terms.emergency,
            order=channel_order(contacts),
            recipient=contacts.recipient_id,
        )
    )


def channel_order(contacts: Contacts) -> Codes:
    """int8[n, 3]: each row's channels, best first; only elder people have an order of their own."""
    table = np.array([*map(whole_order, map(str.split, contacts.orders)), DEFAULT_ORDER], dtype=np.int8)
    return np.asarray(table[np.where(contacts.elder, contacts.order, -1)])


def only_channel(contacts: Contacts, channels: Codes) -> Contacts:
    """The same rows with every address but that of the given channel (one a row) taken away."""
    keep = channels[:, None] == np.arange(len(CHANNELS))
    return replace(contacts, address=np.where(keep, contacts.address, -1))


def alone(contacts: Contacts) -> Contacts:
    """The same rows as if each were the only one: nobody shares an address or a person. Addresses are numbers only."""
    n = len(contacts)
    own = np.where(contacts.address >= 0, np.arange(n * len(CHANNELS)).reshape(n, len(CHANNELS)), -1)
    return replace(contacts, recipient_id=np.arange(n), address=own)
