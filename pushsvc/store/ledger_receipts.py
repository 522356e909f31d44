"""Questions of the ledger about receipts and replies: each receipt belongs to a delivery that agrees with it, what only
a receipt or a reading can say has one, and who asked for no more gets none."""

from __future__ import annotations

from pushsvc.store.ledger_questions import Check, Group, words

# Receipt status -> delivery states that it contradicts. One that came before the present attempt speaks of another.
CONTRADICTED = {
    "delivered": (
        *("gathering", "waiting", "planned", "sending", "accepted", "unknown"),
        *("rejected", "refused", "expired", "cancelled", "not_needed"),
    ),
    "bounced": ("opened", "accepted", "delivered", "unknown"),
    "complained": ("rejected", "refused", "expired", "cancelled", "not_needed", "waiting", "unknown"),
    "rejected": ("accepted", "delivered", "opened", "complained", "unknown"),
}
_AGAINST = " or ".join(
    f"(p.status = '{status}' and d.state in {words(states)})" for status, states in CONTRADICTED.items()
)
SAID = Group(
    """receipt p left join delivery d on d.wire_key = p.wire_key left join attempt a on a.id = d.attempt_id
        left join address x on x.id = d.address_id""",
    "p.id",
    (
        Check(
            "receipt_against_state",
            f"p.matched_at is not null and ({_AGAINST}) and (a.id is null or a.started_at <= p.received_at)"
            " and not (p.status = 'rejected' and d.state = 'unknown' and d.doubtful)",
            "receipts say the opposite of their delivery's state",
        ),
        Check(
            "receipt_unmatched",
            # What is about to be sent (again) keeps its receipt waiting until the outcome stands.
            "p.matched_at is null and p.received_at < :late and coalesce(d.state, '') not in ('planned', 'sending')",
            "receipts have waited for over an hour",
        ),
        Check(
            "receipt_of_nothing",
            # After a week one for an unknown key is looked at no longer.
            "p.matched_at < p.received_at + interval '7 days' and d.id is null",
            "receipts were given to deliveries that do not exist",
        ),
        Check(
            "receipt_unsent",
            f"p.matched_at is not null and d.id is not null and a.id is null and not ({_AGAINST})",
            "receipts are for messages that nobody ever tried to send",
        ),
        Check(
            "receipt_misgiven",
            # An attempt that began later is another's: the receipt spoke of the one before it.
            f"p.matched_at is not null and a.started_at <= p.received_at and not ({_AGAINST}) and ("
            " a.route <> '' and p.route <> a.route and not d.doubtful or p.batch_key <> a.batch_key"
            " or p.provider_id <> d.provider_id or p.lookup <> x.lookup)",
            "receipts were given to messages that they do not name, or that another provider sent",
        ),
    ),
)
_SAYS = ", ".join(f"bool_or(status = '{one}') as {one}" for one in ("delivered", "bounced", "complained"))
PROVEN = Group(
    f"""(select * from delivery where state in ('delivered', 'bounced', 'complained', 'opened')) d
        left join (select wire_key, {_SAYS} from receipt where matched_at is not null group by wire_key) q
            on q.wire_key = d.wire_key
        left join inbox i on i.wire_key = d.wire_key
        left join profile e on e.id = d.recipient_id and e.erased_at is not null
        left join profile f on f.id = d.profile_id and f.erased_at is not null
        left join address x on x.id = d.address_id
        left join suppression u on u.channel = x.channel and u.lookup = x.lookup""",
    "d.id",
    (
        Check(
            "unproven",
            """d.state = 'delivered' and d.code is distinct from 'settled_by_query' and q.delivered is not true
               or d.state = 'bounced' and q.bounced is not true or d.state = 'complained' and q.complained is not true
               or d.state = 'opened' and i.read_at is null and e.id is null and f.id is null""",
            "deliveries are called delivered, bounced, opened or complained of, and no receipt or reading says so",
        ),
        Check(
            "unheeded_complaint",
            "d.state = 'complained' and d.channel <> 'app' and x.id is not null"
            " and coalesce(u.reason, 'opt_out') = 'opt_out'",
            "messages were complained of, and their address may still be used",
        ),
    ),
)
ANSWERS = Group(
    "sms_reply p left join suppression u on u.channel = 'sms' and u.lookup = p.lookup",
    "p.id",
    (
        Check(
            "unheeded_stop",
            "p.kind = 'stop' and p.lookup is not null and u.channel is null",
            "numbers answered that they want no more, and may still be used",
        ),
    ),
)
RECEIPTS = (SAID, PROVEN, ANSWERS)
