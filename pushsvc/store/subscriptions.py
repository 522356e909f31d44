"""Explicit wishes: always honoured, ended with a reason, never deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from pushsvc.store.bulk import stage
from pushsvc.store.session import Connection


@dataclass(frozen=True)
class Wish:
    """What one profile wants to hear of: every non-empty key must match, within a key any value does."""

    profile_id: int
    ref: str
    themes: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    keyword: str | None = None
    cadence: str = "immediate"


@dataclass(frozen=True)
class Subscription:
    """A stored wish."""

    id: int
    wish: Wish
    created_at: datetime
    ended_at: datetime | None
    ended_reason: str | None


_SHAPE = [
    ("profile_id", "bigint"),
    ("ref", "text"),
    ("themes", "text[]"),
    ("industries", "text[]"),
    ("regions", "text[]"),
    ("keyword", "text"),
    ("cadence", "text"),
]
# An ended wish stays ended: the person ended it, a file does not bring it back.
_UPSERT = text("""
    insert into subscription as s (profile_id, ref, themes, industries, regions, keyword, cadence, created_at)
    select profile_id, ref, themes, industries, regions, keyword, cadence, :at from incoming_subscription
    on conflict (profile_id, ref) do update set themes = excluded.themes, industries = excluded.industries,
        regions = excluded.regions, keyword = excluded.keyword, cadence = excluded.cadence
    where s.ended_at is null and (s.themes, s.industries, s.regions, s.keyword, s.cadence)
        is distinct from (excluded.themes, excluded.industries, excluded.regions, excluded.keyword, excluded.cadence)
    returning s.xmax = 0
""")


def cadences(conn: Connection, subscription_ids: Sequence[int]) -> dict[int, str]:
    """Subscription → how often its owner wants to hear."""
    query = text("select id, cadence from subscription where id = any(:ids)")
    return {int(number): cadence for number, cadence in conn.execute(query, {"ids": list(subscription_ids)})}


_COLUMNS = "id, profile_id, ref, themes, industries, regions, keyword, cadence, created_at, ended_at, ended_reason"


def save_wishes(conn: Connection, wishes: Iterable[Wish], at: datetime) -> tuple[int, int]:
    """Add or change wishes by (profile, ref), each at most once a call. Returns how many are new, how many changed."""
    rows = ((w.profile_id, w.ref, [*w.themes], [*w.industries], [*w.regions], w.keyword, w.cadence) for w in wishes)
    stage(conn, "incoming_subscription", _SHAPE, rows)
    new = list(conn.execute(_UPSERT, {"at": at}).scalars())
    return sum(new), len(new) - sum(new)


def live_subscriptions(conn: Connection, profile_ids: Sequence[int] | None = None) -> list[Subscription]:
    """The wishes not ended, of the given profiles (all where None) that are not erased, by id."""
    query = text(f"""
        select {", ".join(f"s.{name}" for name in _COLUMNS.split(", "))} from subscription s
        join profile p on p.id = s.profile_id and p.erased_at is null
        where s.ended_at is null and (cast(:ids as bigint[]) is null or s.profile_id = any(:ids)) order by s.id
    """)
    ids = None if profile_ids is None else list(profile_ids)
    return [_subscription(tuple(row)) for row in conn.execute(query, {"ids": ids})]


def subscriptions_of(conn: Connection, profile_id: int) -> list[Subscription]:
    """All wishes of one profile, ended ones too, by id."""
    query = text(f"select {_COLUMNS} from subscription where profile_id = :profile_id order by id")
    return [_subscription(tuple(row)) for row in conn.execute(query, {"profile_id": profile_id})]


def end_subscription(conn: Connection, subscription_id: int, profile_id: int, *, reason: str, at: datetime) -> bool:
    """End the profile's wish; False if it is not theirs or already ended."""
    statement = text("""
        update subscription set ended_at = :at, ended_reason = :reason
        where id = :id and profile_id = :profile_id and ended_at is null
    """)
    values = {"id": subscription_id, "profile_id": profile_id, "reason": reason, "at": at}
    return conn.execute(statement, values).rowcount == 1


def resume_subscription(conn: Connection, subscription_id: int, profile_id: int) -> bool:
    """Undo an end; False if it is not theirs or had not ended."""
    statement = text("""
        update subscription set ended_at = null, ended_reason = null
        where id = :id and profile_id = :profile_id and ended_at is not null
    """)
    return conn.execute(statement, {"id": subscription_id, "profile_id": profile_id}).rowcount == 1


def end_all(conn: Connection, profile_id: int, *, reason: str, at: datetime) -> int:
    """End every live wish of the profile; returns how many."""
    statement = text("""
        update subscription set ended_at = :at, ended_reason = :reason
        where profile_id = :profile_id and ended_at is null
    """)
    return conn.execute(statement, {"profile_id": profile_id, "reason": reason, "at": at}).rowcount


def _subscription(row: tuple) -> Subscription:  # type: ignore[type-arg]  # a database row of mixed types
    number, profile_id, ref, themes, industries, regions, keyword, cadence, *life = row
    wish = Wish(profile_id, ref, tuple(themes), tuple(industries), tuple(regions), keyword, cadence)
    return Subscription(number, wish, *life)
