"""The service's own tables, asked by the harness itself: plain SQL, so that no code under test answers for itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from benchmarks.faults.count import Sent
from benchmarks.faults.world import World
from pushsvc.pipeline.ledger import check
from pushsvc.store.session import transaction

# A mail that was repeated eight times, or is repeated no more, stays unknown for people to look at; what can be asked
# may not.
_LEFT = """
    select (select count(*) from campaign where state in ('scheduled', 'running', 'paused'))
         + (select count(*) from delivery where state in ('gathering', 'waiting', 'planned', 'sending')
            or state = 'unknown' and (channel <> 'email' or attempts < 8 and code is distinct from 'ended'))
"""
_WAITING = """
    select 'campaigns ' || state, count(*) from campaign where state in ('scheduled', 'running', 'paused') group by 1
    union all select concat_ws(' ', d.channel, d.state, d.code, 'try', d.attempts, 'step', d.step, r.kind,
        'slice', s.state, 'of a campaign', c.state), count(*)
    from delivery d join run r on r.id = d.run_id left join slice s on s.id = d.slice_id
        left join campaign c on c.id = r.campaign_id
    where d.state in ('gathering', 'waiting', 'planned', 'sending', 'unknown') group by 1 order by 1
"""
_FATELESS = """
    select count(*) from selection s join campaign c on c.id = s.campaign_id
        and c.state not in ('draft', 'in_review', 'approved')
    left join run r on r.campaign_id = c.id
    where not exists (select from delivery d where d.run_id = r.id and d.profile_id = s.profile_id)
        and not exists (select from refusal f where f.run_id = r.id and f.profile_id = s.profile_id)
        and not exists (select from delivery_item i where i.campaign_id = c.id and i.profile_id = s.profile_id)
"""


def ask(world: World, query: str, **values: Any) -> list[Any]:
    """The rows."""
    with transaction(world.ctx.engine) as conn:
        return list(conn.execute(text(query), values))


def sent(world: World) -> list[Sent]:
    """Every delivery there is."""
    return [Sent(*row) for row in ask(world, "select channel, wire_key, state from delivery")]


def refused(world: World) -> int:
    """Selections that were given a reason and no message."""
    return int(ask(world, "select count(*) from refusal")[0][0])


def fateless(world: World) -> int:
    """Selections of campaigns that were started, without a delivery, a place in a digest or a refusal."""
    return int(ask(world, _FATELESS)[0][0])


def left(world: World) -> int:
    """Campaigns and messages that are still to change by the service's own doing."""
    return int(ask(world, _LEFT)[0][0])


def pending(world: World) -> int:
    """Messages that are planned or being sent."""
    return int(ask(world, "select count(*) from delivery where state in ('planned', 'sending')")[0][0])


def unknown_keys(world: World) -> list[str]:
    """The wire keys of what is unknown now."""
    return [row[0] for row in ask(world, "select wire_key from delivery where state = 'unknown'")]


def fates(world: World, keys: Sequence[str]) -> list[tuple[str, str, str, str]]:
    """(channel, key, state, code) of these keys."""
    query = "select channel, wire_key, state, coalesce(code, '') from delivery where wire_key = any(:keys) order by 2"
    return [(row[0], row[1], row[2], row[3]) for row in ask(world, query, keys=list(keys))]


def states(world: World) -> dict[str, dict[str, int]]:
    """Channel → state → how many."""
    found: dict[str, dict[str, int]] = {}
    for channel, state, n in ask(world, "select channel, state, count(*) from delivery group by 1, 2 order by 1, 2"):
        found.setdefault(channel, {})[state] = int(n)
    return found


def differences(world: World) -> list[str]:
    """What the service's own ledger names."""
    return list(check(world.ctx).differences)


def waiting(world: World) -> list[str]:
    """What has not settled, in words: campaigns by state, messages and slices by channel and state."""
    return [f"{n} {what}" for what, n in ask(world, _WAITING)]
