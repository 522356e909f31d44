"""The states of campaigns, slices and deliveries, and which may follow which (docs: glossary, states)."""

from __future__ import annotations

DELIVERY: dict[str, frozenset[str]] = {
    "gathering": frozenset({"planned"}),
    "waiting": frozenset({"planned", "not_needed", "cancelled", "expired"}),
    "not_needed": frozenset(),
    "planned": frozenset({"unknown", "sending", "refused", "expired", "cancelled", "not_needed"}),
    "sending": frozenset({"accepted", "rejected", "planned", "unknown"}),
    "unknown": frozenset({"accepted", "delivered", "bounced", "rejected", "planned"}),
    "accepted": frozenset({"delivered", "bounced", "opened"}),
    "delivered": frozenset({"opened", "bounced", "complained"}),
    "opened": frozenset({"complained"}),
    "refused": frozenset({"planned", "waiting"}),  # as told, and nobody told them after all: `pipeline.untold` alone
    "rejected": frozenset({"planned"}),  # a person has it tried again: `pipeline.retry_these` alone
    "expired": frozenset(),
    "cancelled": frozenset(),
    "bounced": frozenset(),
    "complained": frozenset(),
}

# Left: it has left, or may have, or is on its way out.
LEFT = ("sending", "unknown", "accepted", "delivered", "opened", "complained")
# Told: the message left, or may have left, or is about to. A refused, rejected or cancelled one told nobody anything.
TOLD = ("gathering", "waiting", "planned", *LEFT)
ACCEPTED = ("accepted", "delivered", "opened", "bounced", "complained")
UNSENT = ("planned", "waiting")  # in a slice, and not on its way
PENDING = ("gathering", "waiting", "planned", "sending")
LISTED = ("refused", "rejected", "expired", "cancelled", "not_needed", "unknown")

CAMPAIGN: dict[str, frozenset[str]] = {
    "draft": frozenset({"in_review", "cancelled"}),
    "in_review": frozenset({"approved", "changes_requested", "cancelled"}),
    "changes_requested": frozenset({"in_review", "draft", "cancelled"}),
    "approved": frozenset({"scheduled", "running", "draft", "cancelled"}),
    "scheduled": frozenset({"running", "draft", "cancelled", "expired"}),
    "running": frozenset({"paused", "finished", "cancelled", "expired", "draft"}),  # draft: it chose nobody
    "paused": frozenset({"running", "cancelled", "expired"}),
    "finished": frozenset({"running"}),  # a person has some of it tried again
    "cancelled": frozenset(),
    "expired": frozenset(),
}


def sources_of(new: str) -> list[str]:
    """The delivery states from which `new` may be reached."""
    return sorted(state for state, after in DELIVERY.items() if new in after)
