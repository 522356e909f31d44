"""A person's own subscriptions, or their firm's: asked for, changed, stopped, resumed. Of two alike one is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import uuid4

from profiles.records import RowError, parse_subscription
from profiles.standards.agencies import parse_agency
from profiles.subscriptions import KEYS, alternatives
from pushsvc.context import Context
from pushsvc.pipeline.cadence import pace_wish
from pushsvc.pipeline.errors import PipelineError
from pushsvc.store import people
from pushsvc.store.preferences import take_turns
from pushsvc.store.session import Connection, transaction
from pushsvc.store.subscriptions import (
    Subscription,
    Wish,
    end_subscription,
    live_subscriptions,
    resume_subscription,
    save_wishes,
    subscriptions_of,
)

MOST = 100  # live subscriptions of one profile


class WishError(PipelineError):
    """A subscription cannot be kept: `code` is too_many, same or ended."""


@dataclass(frozen=True)
class Added:
    """The subscription by number, whether it is new, and the cadence that one there already had before."""

    id: int
    new: bool
    before: str = ""


def read_wish(given: Mapping[str, str], profile_id: int, place: str | None = None) -> Wish | list[RowError]:
    """What a form asks for, each key as a cell of a file has it; or all that is wrong with it.

    `place`: where names without one (市发改委) are meant, unless the wish names its own.
    """
    row = {name: text for name, text in given.items() if text}
    found = parse_subscription({"profile": "self", "ref": "new", **row}, 1)
    if isinstance(found, list):
        return found
    near = found.regions[0] if found.regions else place
    agencies = tuple(dict.fromkeys(parse_agency(name, near).name for name in found.agencies))
    asked = {key: getattr(found, key) for key in KEYS} | {"agencies": agencies}
    return Wish(profile_id, found.ref, **asked, keyword=found.keyword, cadence=found.cadence, all_of=found.all_of)


def asked_for(wish: Wish) -> tuple[object, ...]:
    """Equal for wishes that ask for the same, in whatever order and writing."""
    every = frozenset(key for key in wish.all_of if len(set(getattr(wish, key))) > 1)
    words = frozenset(map(frozenset, alternatives(wish.keyword)))
    return (*(frozenset(getattr(wish, key)) for key in KEYS), every, words)


def add_wish(ctx: Context, wish: Wish) -> Added:
    """Subscribe. What is asked for already only takes the new cadence. Raises WishError "too_many"."""
    with transaction(ctx.engine) as conn:
        take_turns(conn, wish.profile_id)
        live = live_subscriptions(conn, [wish.profile_id])
        same = _same(live, wish)
        if same is not None:
            _pace(conn, ctx, same, wish.cadence)
            return Added(same.id, False, same.wish.cadence)
        if len(live) >= MOST:
            raise WishError("too_many", f"There are {MOST} subscriptions already.")
        ref = f"web-{uuid4().hex[:12]}"
        save_wishes(conn, [replace(wish, ref=ref)], ctx.clock())
        return Added(_by_ref(conn, wish.profile_id, ref), True)


def change_wish(ctx: Context, wish: Wish, number: int) -> Wish | None:
    """Let a subscription ask for this instead; what it asked for before, None where it is not theirs.

    Raises WishError: "ended", or "same" where another of theirs asks for it already.
    """
    with transaction(ctx.engine) as conn:
        take_turns(conn, wish.profile_id)
        held = _theirs(conn, wish.profile_id, number)
        if held is None:
            return None
        if held.ended_at is not None:
            raise WishError("ended", "The subscription was ended.")
        others = [one for one in live_subscriptions(conn, [wish.profile_id]) if one.id != number]
        if _same(others, wish) is not None:
            raise WishError("same", "Another subscription asks for the same.")
        save_wishes(conn, [replace(wish, ref=held.wish.ref)], ctx.clock())
        if wish.cadence != held.wish.cadence:
            pace_wish(conn, ctx, wish.profile_id, number, wish.cadence)
        return held.wish


def stop_wish(ctx: Context, profile_id: int, number: int) -> bool:
    """End a subscription, once more is harmless; False where it is not theirs."""
    with transaction(ctx.engine) as conn:
        if _theirs(conn, profile_id, number) is None:
            return False
        end_subscription(conn, number, profile_id, reason="person", at=ctx.clock())
        return True


def resume_wish(ctx: Context, profile_id: int, number: int) -> bool:
    """Undo the end, once more is harmless; False where it is not theirs. Of two that ask for the same one lives."""
    with transaction(ctx.engine) as conn:
        take_turns(conn, profile_id)
        held = _theirs(conn, profile_id, number)
        if held is not None and _same(live_subscriptions(conn, [profile_id]), held.wish) is None:
            resume_subscription(conn, number, profile_id)
        return held is not None


def wish_of(ctx: Context, profile_id: int, number: int) -> Subscription | None:
    """One subscription of the profile, ended or not; None where it is not theirs."""
    with transaction(ctx.engine) as conn:
        return _theirs(conn, profile_id, number)


def place_of(ctx: Context, profile_id: int) -> str | None:
    """Where the profile lives or is registered, as far as it is held."""
    with transaction(ctx.engine) as conn:
        found = people.profile_by_id(conn, profile_id)
    region = found.facts.get("region") if found else None
    return region if isinstance(region, str) else None


def _pace(conn: Connection, ctx: Context, held: Subscription, cadence: str) -> None:
    if held.wish.cadence != cadence:
        save_wishes(conn, [replace(held.wish, cadence=cadence)], ctx.clock())
        pace_wish(conn, ctx, held.wish.profile_id, held.id, cadence)


def _same(live: list[Subscription], wish: Wish) -> Subscription | None:
    asked = asked_for(wish)
    return next((one for one in live if asked_for(one.wish) == asked), None)


def _theirs(conn: Connection, profile_id: int, number: int) -> Subscription | None:
    return next((one for one in subscriptions_of(conn, profile_id) if one.id == number), None)


def _by_ref(conn: Connection, profile_id: int, ref: str) -> int:
    return next(one.id for one in subscriptions_of(conn, profile_id) if one.wish.ref == ref)
