"""Questions of the ledger about the inbox: each accepted app message has one row there; and about keys."""

from __future__ import annotations

from pushsvc.store.ledger_questions import Check, Group, words
from pushsvc.store.states import ACCEPTED

INBOX = Group(
    """(select id, wire_key, state, attempt_id, recipient_id, profile_id, policy_id from delivery
        where channel = 'app') d
       full join inbox i on i.wire_key = d.wire_key
       left join profile e on e.id = d.recipient_id and e.erased_at is not null
       left join profile f on f.id = d.profile_id and f.erased_at is not null""",
    "coalesce(d.id, i.id)",
    (
        Check(
            "no_letter",
            # The inbox of whoever was erased is emptied, and what others read about them.
            f"d.state in {words(ACCEPTED)} and i.id is null and e.id is null and f.id is null",
            "accepted app deliveries have no inbox row",
        ),
        Check("letter_of_nothing", "d.id is null", "inbox rows belong to no app delivery"),
        Check("letter_to_another", "i.recipient_id <> d.recipient_id", "inbox rows lie in another person's inbox"),
        Check(
            "letter_about_another",
            "i.id is not null and d.id is not null"
            " and (i.profile_id, i.policy_id) is distinct from (d.profile_id, d.policy_id)",
            "inbox rows are about another profile or policy than their delivery",
        ),
        Check(
            "letter_unsent",
            "i.id is not null and d.id is not null and d.attempt_id is null",
            "inbox rows hold messages that nobody ever tried to send",
        ),
    ),
)
KEYS = tuple(
    Group(
        f"(select wire_key, count(*) as n from {table} group by wire_key having count(*) > 1) k",
        "k.wire_key",
        (Check(code, "true", f"wire keys stand for several {what}"),),
    )
    for table, code, what in (("delivery", "key_twice", "deliveries"), ("inbox", "letter_twice", "inbox rows"))
)
LETTERS = (INBOX, *KEYS)
