"""Every table of the service."""

from pushsvc.store.tables.access import api_key, audit, login_code, operator, short_link, used_link
from pushsvc.store.tables.base import metadata
from pushsvc.store.tables.facts import (
    correction,
    dependant,
    fact_history,
    fact_source,
    profile,
    qualification,
    sensitive_fact,
    yearly_fact,
)
from pushsvc.store.tables.models import impact_assessment, model, model_serving
from pushsvc.store.tables.parameters import parameter
from pushsvc.store.tables.people import (
    address,
    consent,
    life_event,
    member,
    preference,
    profile_address,
    refused_tag,
    subscription,
    suppression,
)
from pushsvc.store.tables.policies import campaign, feedback, policy, policy_change, selection, visibility
from pushsvc.store.tables.sending import attempt, delivery, delivery_item, inbox, receipt, refusal, run, slice_
from pushsvc.store.tables.snapshots import profile_change, snapshot, snapshot_part
from pushsvc.store.tables.texts import policy_finding, policy_fingerprint, policy_link, policy_source

__all__ = [
    "address",
    "api_key",
    "attempt",
    "audit",
    "campaign",
    "consent",
    "correction",
    "delivery",
    "delivery_item",
    "dependant",
    "fact_history",
    "fact_source",
    "feedback",
    "impact_assessment",
    "inbox",
    "life_event",
    "login_code",
    "member",
    "metadata",
    "model",
    "model_serving",
    "operator",
    "parameter",
    "policy",
    "policy_change",
    "policy_finding",
    "policy_fingerprint",
    "policy_link",
    "policy_source",
    "preference",
    "profile",
    "profile_address",
    "profile_change",
    "qualification",
    "receipt",
    "refusal",
    "refused_tag",
    "run",
    "selection",
    "sensitive_fact",
    "short_link",
    "slice_",
    "snapshot",
    "snapshot_part",
    "subscription",
    "suppression",
    "used_link",
    "visibility",
    "yearly_fact",
]
