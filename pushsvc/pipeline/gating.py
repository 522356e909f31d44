"""The gates over contact rows: the same call plans a campaign and re-checks a slice just before it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.gates import CHANNELS, GateInput, GateResult, decide_gates
from pushsvc.store.contacts import Contacts

DOOR_CODE = {"entitled": 0, "subscribed": 1, "recommended": 2}
CAP_WINDOW = timedelta(days=7)


@dataclass(frozen=True)
class History:
    """What came before: who was told of this event, how much was recommended lately, what this run already uses."""

    told: frozenset[int] = frozenset()
    week_count: Mapping[int, int] | None = None
    recipients: frozenset[int] = frozenset()
    addresses: frozenset[int] = frozenset()


def decide(contacts: Contacts, doors: Sequence[str], history: History, *, mandatory: bool, duty: bool) -> GateResult:
    """Contact or refusal for each contact row; `doors` is aligned with the rows."""
    door = np.array([DOOR_CODE[name] for name in doors], dtype=np.int8)
    recipients = contacts.recipient_id
    counts = history.week_count or {}
    recommended = (door == 2)[:, None]
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
            told=_member(recipients, history.told),
            week_count=np.array([counts.get(int(r), 0) for r in recipients], dtype=np.int32),
            weekly_max=contacts.weekly_max,
            has_address=contacts.address >= 0,
            suppressed=contacts.suppressed,
            consent=np.where(recommended, contacts.consent_recommend, contacts.consent_notify),
            enabled=contacts.enabled,
            address=contacts.address,
            taken=_member(contacts.address, history.addresses) | _member(recipients, history.recipients)[:, None],
            mandatory=mandatory,
            duty=duty,
            recipient=recipients,
        )
    )


def cap_window(now: datetime) -> datetime:
    """The start of the rolling week that caps count."""
    return now - CAP_WINDOW


def only_channel(contacts: Contacts, channels: Sequence[str]) -> Contacts:
    """The same rows with every address but that of the given channel (one a row) taken away."""
    keep = np.array([[name == channel for name in CHANNELS] for channel in channels], dtype=bool).reshape(-1, 3)
    return replace(contacts, address=np.where(keep, contacts.address, -1))


def alone(contacts: Contacts) -> Contacts:
    """The same rows as if each were the only one: nobody shares an address or a person. Addresses are numbers only."""
    n = len(contacts)
    own = np.where(contacts.address >= 0, np.arange(n * len(CHANNELS)).reshape(n, len(CHANNELS)), -1)
    return replace(contacts, recipient_id=np.arange(n), address=own)


def take(contacts: Contacts, rows: NDArray[np.intp]) -> Contacts:
    """Some of the rows, in the given order."""
    picked: dict[str, Any] = {}
    for name, column in vars(contacts).items():
        picked[name] = [column[i] for i in rows] if isinstance(column, list) else column[rows]
    return Contacts(**picked)


def _member(values: NDArray[np.int64], known: frozenset[int]) -> NDArray[np.bool_]:
    if not known:
        return np.zeros(values.shape, dtype=bool)
    return np.isin(values, np.fromiter(known, dtype=np.int64, count=len(known)))
