"""Every table of the service."""

from pushsvc.store.tables.access import api_key, audit, login_code, operator, short_link, used_link
from pushsvc.store.tables.base import metadata
from pushsvc.store.tables.people import (
    address,
    consent,
    dependant,
    fact_history,
    life_event,
    member,
    preference,
    profile,
    profile_address,
    sensitive_fact,
    subscription,
    suppression,
)
from pushsvc.store.tables.policies import campaign, feedback, model, policy, selection, visibility
from pushsvc.store.tables.sending import attempt, delivery, delivery_item, inbox, receipt, refusal, run, slice_

__all__ = [
    "address",
    "api_key",
    "attempt",
    "audit",
    "campaign",
    "consent",
    "delivery",
    "delivery_item",
    "dependant",
    "fact_history",
    "feedback",
    "inbox",
    "life_event",
    "login_code",
    "member",
    "metadata",
    "model",
    "operator",
    "policy",
    "preference",
    "profile",
    "profile_address",
    "receipt",
    "refusal",
    "run",
    "selection",
    "sensitive_fact",
    "short_link",
    "slice_",
    "subscription",
    "suppression",
    "used_link",
    "visibility",
]
