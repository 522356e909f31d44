"""What makes the tables of the ledger's scene disagree, each in one way."""

from __future__ import annotations

from collections.abc import Mapping

RECEIPT = "insert into receipt (provider, raw, checksum, wire_key, status, received_at, matched_at) values ('m', '{}',"
REFUSAL = """insert into refusal (run_id, profile_id, recipient_id, door, code, at)
    values (1, 0, 0, 'subscribed', 'muted', now())"""
ATTEMPT = """insert into attempt (slice_id, provider, route, batch_key, members, started_at, expires_at, finished_at,
    accepted, rejected, deferred, unknown)
    values (0, 'memory', 'main', '9', 1, '2026-06-24', '2026-06-25', '2026-06-25', 0, 0, 0, 0)"""
DELIVERY = """insert into delivery (run_id, profile_id, recipient_id, address_id, policy_id, channel, door, slice_id,
    attempt_id, attempts, state, wire_key, planned_at, updated_at, accepted_at) values"""


def refused(person: int) -> str:
    """A refusal of the first run."""
    return REFUSAL.replace("(1, 0, 0,", f"(1, {person}, {person},")


def tried(slice_id: int, counts: str) -> str:
    """Attempt 5, of one member; `counts`: accepted, rejected, deferred, unknown."""
    return ATTEMPT.replace("(0, 'memory'", f"({slice_id}, 'memory'").replace("0, 0, 0, 0", counts)


# Code of the difference -> what makes it.
DAMAGES: Mapping[str, str] = {
    "unknown_run": "update delivery set run_id = 900 where id = 7",
    "unknown_profile": "update delivery set profile_id = 900 where id = 6",
    "unknown_recipient": "update delivery set recipient_id = 900 where id = 5",
    "unknown_address": "update delivery set address_id = 900 where id = 5",
    "unknown_slice": "update delivery set slice_id = 900 where id = 5",
    "unknown_attempt": "update delivery set attempt_id = 900 where id = 3",
    "unknown_state": "update delivery set state = 'mislaid' where id = 5",
    "foreign_slice": "update delivery set slice_id = 3 where id = 5",
    "foreign_attempt": "update attempt set slice_id = 1 where id = 4",
    "foreign_policy": "update delivery set policy_id = 2 where id = 5",
    "foreign_address": "update profile set updated_at = '2026-06-01' where id = 5;"
    "update delivery set address_id = 26 where id = 5",
    "other_channel": "update delivery set address_id = 13 where id = 5",
    "sending_unheld": "update slice set state = 'done' where id = 4",
    "sending_unattempted": "update delivery set attempt_id = null where id = 4",
    "outcome_unattempted": "update delivery set attempts = 0 where id = 5",
    "outcome_elsewhere": "update delivery set slice_id = 2 where id = 5",
    "planned_homeless": "update slice set state = 'done' where id = 2",
    "waiting_adrift": "update slice set state = 'ready' where id = 6",
    "unknown_unmarked": "update slice set unsettled = false where id = 3",
    "gathering_astray": "update delivery set slice_id = 7 where id = 6",
    "digest_overdue": "update run set due_at = '2026-06-23' where id = 3; update slice set due_at = '2026-06-23'",
    "accepted_without_moment": "update delivery set accepted_at = null; update attempt set route = ''",
    "moment_without_acceptance": "update delivery set accepted_at = updated_at where id = 7",
    "unsent_after_end": "update campaign set state = 'cancelled', finished_at = '2026-06-01' where id = 1;"
    "update delivery set updated_at = '2026-06-01' where id in (2, 7)",
    "unreasoned": "update delivery set state = 'refused' where id = 2",
    "ended_without_cause": "update delivery set state = 'cancelled', code = 'cancelled' where id = 2",
    "lease_lapsed": "update slice set lease_until = now() - interval '1 day' where id = 4",
    "odd_slice": "update slice set state = 'lost' where id = 5",
    "odd_run": "update run set key = 'campaign:3' where id = 2",
    "silent_run": "insert into run (kind, key, created_at) values ('system', 'code:1', now())",
    "odd_campaign": "update campaign set state = 'finished' where id = 2",
    "no_letter": "delete from inbox where id = 1",
    "letter_of_nothing": "insert into inbox (wire_key, recipient_id, profile_id, title, body, at)"
    " values ('stray', 1, 1, 't', 'b', now())",
    "letter_to_another": "update inbox set recipient_id = 2 where id = 1",
    "letter_about_another": "update inbox set policy_id = 2 where id = 1",
    "letter_unsent": f"{tried(1, '0, 0, 1, 0')}; update delivery set channel = 'app', slice_id = 1, state = 'refused',"
    " code = 'muted', address_id = 4 where id = 2; insert into inbox (wire_key, recipient_id, profile_id, policy_id,"
    " title, body, at) values ('key-2', 2, 2, 1, 't', 'b', now())",
    "uneven_attempt": "update attempt set deferred = 1 where id = 1",
    "crowded_attempt": "update delivery set attempt_id = 4 where id = 2",
    "overpaid_attempt": "update attempt set accepted = 0, deferred = 1 where id = 1",
    "underpaid_attempt": tried(5, "1, 0, 0, 0"),
    "missing_member": tried(5, "0, 1, 0, 0"),
    "unanswered_outcome": "update attempt set unknown = 0, deferred = 1 where id = 2",
    "receipt_against_state": RECEIPT + " '1', 'key-5', 'delivered', '2026-06-25', '2026-06-25')",
    "receipt_unmatched": RECEIPT + " '1', 'nobody', 'delivered', '2026-06-01', null)",
    "receipt_of_nothing": RECEIPT + " '1', 'nobody', 'delivered', '2026-06-01', '2026-06-01')",
    "receipt_unsent": RECEIPT + " '1', 'key-2', 'bounced', '2026-06-01', '2026-06-01')",
    "receipt_misgiven": "update receipt set route = 'reserve'",
    "unproven": "delete from receipt",
    "unheeded_complaint": "update delivery set state = 'complained', accepted_at = updated_at where id = 3;"
    + f"{RECEIPT} '1', 'key-3', 'complained', '2026-06-25', '2026-06-25')",
    "unheeded_stop": "insert into sms_reply (route, checksum, lookup, kind, cipher, received_at)"
    " select 'main', 'x', lookup, 'stop', '', now() from address where id = 2",
    "no_fate": "insert into selection (campaign_id, profile_id, door, match, rank) values (1, 9, 'subscribed', 1, 8)",
    "no_fate_of_member": "update profile set kind = 'enterprise', updated_at = '2026-06-01' where id = 2;"
    "insert into member (profile_id, person_id) values (2, 9)",
    "unchosen": "delete from selection where profile_id = 8",
    "other_door": "update delivery set door = 'entitled' where id = 2",
    "beyond_watermark": "update campaign set planned_rank = 6, planned_at = null where id = 1",
    "stranger": "update refusal set recipient_id = 9",
    "missing_selection": "update selection set rank = 8 where profile_id = 8",
    "refused_and_planned": refused(5),
    "refused_and_gathered": refused(6),
    "planned_and_gathered": f"{DELIVERY} (1, 6, 6, 17, 1, 'sms', 'subscribed', 2, null, 0, 'planned', 'key-8', now(),"
    " now(), null)",
    "odd_item": "insert into delivery_item (delivery_id, policy_id, profile_id, campaign_id, position, door)"
    " values (6, 2, 6, 1, 1, 'subscribed')",
    "empty_digest": f"{tried(7, '0, 1, 0, 0')}; delete from delivery_item; {refused(6)};"
    "update delivery set state = 'rejected', slice_id = 7, attempt_id = 5, attempts = 1 where id = 6",
    "unknown_refusal": "update refusal set code = 'banana'",
    "twice_in_run": f"{DELIVERY} (1, 2, 2, 6, 1, 'email', 'subscribed', 4, null, 0, 'planned', 'key-8', now(), now(),"
    " null)",
    "told_twice": f"{tried(8, '1, 0, 0, 0')}; {DELIVERY} (2, 1, 1, 2, 1, 'sms', 'subscribed', 8, 5, 1, 'accepted',"
    " 'key-8', now(), now(), now()); insert into selection (campaign_id, profile_id, door, match, rank)"
    " values (2, 1, 'subscribed', 1, 1)",
    "key_twice": "alter table delivery drop constraint uq_delivery_wire_key;"
    "update delivery set wire_key = 'key-2' where id = 5",
    "letter_twice": "alter table inbox drop constraint uq_inbox_wire_key; insert into inbox (wire_key, recipient_id,"
    " profile_id, policy_id, title, body, at) select wire_key, recipient_id, profile_id, policy_id, title, body, at"
    " from inbox",
}
