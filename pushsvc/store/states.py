"""The states of campaigns, slices and deliveries, and which may follow which (docs: glossary, states)."""

from __future__ import annotations

DELIVERY: dict[str, frozenset[str]] = {
    "gathering": frozenset({"planned"}),
    "planned": frozenset({"sending", "refused", "expired", "cancelled"}),
    "sending": frozenset({"accepted", "rejected", "planned", "unknown"}),
    "unknown": frozenset({"accepted", "delivered", "bounced", "rejected", "planned"}),
    "accepted": frozenset({"delivered", "bounced", "opened"}),
    "delivered": frozenset({"opened", "bounced", "complained"}),
    "opened": frozenset({"complained"}),
    "refused": frozenset(),
    "rejected": frozenset(),
    "expired": frozenset(),
    "cancelled": frozenset(),
    "bounced": frozenset(),
    "complained": frozenset(),
}

# Told: the message left, or may have left, or is about to. A refused, rejected or cancelled one told nobody anything.
TOLD = ("gathering", "planned", "sending", "unknown", "accepted", "delivered", "opened", "complained")
ACCEPTED = ("accepted", "delivered", "opened", "bounced", "complained")
PENDING = ("gathering", "planned", "sending")
LISTED = ("refused", "rejected", "expired", "cancelled", "unknown")

CAMPAIGN: dict[str, frozenset[str]] = {
    "draft": frozenset({"in_review", "cancelled"}),
    "in_review": frozenset({"approved", "changes_requested", "cancelled"}),
    "changes_requested": frozenset({"in_review", "draft", "cancelled"}),
    "approved": frozenset({"scheduled", "running", "draft", "cancelled"}),
    "scheduled": frozenset({"running", "draft", "cancelled", "expired"}),
    "running": frozenset({"paused", "finished", "cancelled", "expired"}),
    "paused": frozenset({"running", "cancelled", "expired"}),
    "finished": frozenset(),
    "cancelled": frozenset(),
    "expired": frozenset(),
}


def may_follow(state: str, new: str) -> bool:
    """Whether a delivery in `state` may become `new`."""
    return new in DELIVERY.get(state, frozenset())


def sources_of(new: str) -> list[str]:
    """The delivery states from which `new` may be reached."""
    return sorted(state for state, after in DELIVERY.items() if new in after)
