"""The ledger's questions: every selection has a fate, every accepted message a wire key that a sink can confirm."""

from __future__ import annotations

from sqlalchemy import Connection, TextClause, select, text

from pushsvc.store.states import ACCEPTED
from pushsvc.store.tables import delivery

# A planned campaign's selection without a delivery, a digest item or a refusal has been lost on the way.
_FATELESS = text("""
    select c.id, count(*) from selection s
    join campaign c on c.id = s.campaign_id and s.rank <= c.planned_rank
    join run r on r.campaign_id = c.id
    where not exists (select from delivery d where d.run_id = r.id and d.profile_id = s.profile_id)
      and not exists (select from refusal f where f.run_id = r.id and f.profile_id = s.profile_id)
      and not exists (select from delivery_item i where i.campaign_id = c.id and i.profile_id = s.profile_id)
    group by c.id order by c.id
""")
_NO_LETTER = text("""
    select count(*) from delivery d where d.channel = 'app' and d.state = any(:accepted)
    and not exists (select from inbox i where i.wire_key = d.wire_key)
""")
_STRAYS = text("""
    select count(*) from delivery d join slice s on s.id = d.slice_id where d.state = 'sending' and s.state <> 'leased'
""")
_NO_MOMENT = text("select count(*) from delivery where state = any(:accepted) and accepted_at is null")


def counts(conn: Connection) -> dict[str, dict[str, int]]:
    """Channel → state → number of deliveries."""
    rows = conn.execute(text("select channel, state, count(*) from delivery group by channel, state order by 1, 2"))
    table: dict[str, dict[str, int]] = {}
    for channel, state, n in rows:
        table.setdefault(channel, {})[state] = int(n)
    return table


def accepted_keys(conn: Connection, channel: str) -> set[str]:
    """Wire keys of deliveries that a provider ever accepted."""
    return set(
        conn.scalars(
            select(delivery.c.wire_key).where(delivery.c.channel == channel, delivery.c.accepted_at.is_not(None))
        )
    )


def keys_in(conn: Connection, channel: str, states: tuple[str, ...]) -> set[str]:
    """Wire keys of deliveries in these states."""
    return set(
        conn.scalars(select(delivery.c.wire_key).where(delivery.c.channel == channel, delivery.c.state.in_(states)))
    )


def differences(conn: Connection) -> list[str]:
    """What does not add up, a sentence each; empty when all is well."""
    found = [f"campaign {c}: {n} selections have neither a delivery nor a refusal" for c, n in conn.execute(_FATELESS)]
    accepted = {"accepted": list(ACCEPTED)}
    questions: tuple[tuple[TextClause, dict[str, list[str]], str], ...] = (
        (_NO_LETTER, accepted, "accepted app deliveries have no inbox row"),
        (_STRAYS, {}, "deliveries are being sent in a slice that nobody holds"),
        (_NO_MOMENT, accepted, "accepted deliveries lack the moment they were accepted"),
    )
    for query, values, sentence in questions:
        if n := conn.execute(query, values).scalar_one():
            found.append(f"{n} {sentence}")
    return found
