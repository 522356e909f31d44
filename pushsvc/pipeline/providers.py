"""Providers in people's hands: see how they do, pause one, let it go on, change its weight. All audited."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from channels.health import Limits
from channels.routing import half_open, recovered, shares
from pushsvc.context import Context
from pushsvc.offers import Offer, of_channel
from pushsvc.pipeline.four_eyes import is_name
from pushsvc.pipeline.policy_gate import clean
from pushsvc.pipeline.routing import ProviderError, Standing, look, micros
from pushsvc.store import providers
from pushsvc.store.audit import record
from pushsvc.store.providers import Decision
from pushsvc.store.session import Connection, transaction

REASON = 500  # characters
MOST_WEIGHT = 1e6


@dataclass(frozen=True)
class Seen:
    """A provider for people: `state` is on, drifting, paused, open, half_open, or removed (from the settings, while
    what it got is still unknown); `share` of its channel's slices now; `unknown` messages it alone can settle."""

    name: str
    channel: str
    state: str
    weight: float
    share: float
    calls: int
    failed: float
    seconds: float
    unknown: int
    reason: str


def list_providers(ctx: Context) -> list[Seen]:
    """Every provider of the settings, then those removed from them that still hold unknown messages."""
    now, offers = ctx.clock(), ctx.settings.offers()
    with transaction(ctx.engine) as conn:
        standing = look(conn, offers, now, Limits())
        unknown = providers.unsettled_by_route(conn)
    part: dict[str, float] = {}
    for channel in {offer.channel for offer in offers}:
        mine = {offer.name for offer in of_channel(offers, channel)}
        part |= shares([one.route for one in standing if one.route.name in mine], micros(now))
    seen = [_seen(one, part.get(one.offer.name, 0.0), unknown.pop(one.offer.name, 0), micros(now)) for one in standing]
    return seen + [Seen(name, "", "removed", 0.0, 0.0, 0, 0.0, 0.0, n, "") for name, n in sorted(unknown.items())]


def pause(ctx: Context, name: str, *, by: str, reason: str) -> None:
    """No slice goes to this provider any more; where it was the channel's last, its slices stay due, and wait.

    Raises ProviderError: unknown_provider, no_reason, changed_meanwhile.
    """
    if not is_name(reason) or len(reason) > REASON:
        raise ProviderError("no_reason", f"A provider is paused with a reason of at most {REASON} characters.")
    _change(ctx, name, by, action="provider.pause", state="paused", reason=clean(reason))


def resume(ctx: Context, name: str, *, by: str) -> None:
    """The provider takes its whole share again at once, whether a person paused it or the breaker opened.

    Raises ProviderError: unknown_provider, changed_meanwhile.
    """
    _change(ctx, name, by, action="provider.resume", state="on")


def weigh(ctx: Context, name: str, weight: float | None, *, by: str) -> None:
    """A new weight, from 0 on; None gives it back to the settings. What is open or paused stays so.

    Raises ProviderError: unknown_provider, bad_weight, no_weight (all of the channel would be 0), changed_meanwhile.
    """
    if weight is not None and not (math.isfinite(weight) and 0 <= weight <= MOST_WEIGHT):
        raise ProviderError("bad_weight", f"A weight lies between 0 and {MOST_WEIGHT:,.0f}.")
    offers = ctx.settings.offers()
    offer = _offer(offers, name)
    with transaction(ctx.engine) as conn:
        decided = providers.decisions(conn)
        weights = [_weight(other, decided) for other in of_channel(offers, offer.channel) if other.name != name]
        if sum(weights) + (offer.weight if weight is None else weight) <= 0:
            raise ProviderError("no_weight", f"All providers of {offer.channel} would weigh 0: nothing would leave.")
        stands = decided.get(name) or _untouched(offer, by, ctx)
        _write(conn, ctx, decided.get(name), replace(stands, weight=weight), (by, "provider.weight"))


def _change(ctx: Context, name: str, by: str, *, action: str, state: str, reason: str | None = None) -> None:
    offer = _offer(ctx.settings.offers(), name)
    with transaction(ctx.engine) as conn:
        decided = providers.decisions(conn).get(name)
        stands = decided or _untouched(offer, by, ctx)
        new = replace(stands, state=state, reason=reason, until=None, changed_by=by, changed_at=ctx.clock())
        _write(conn, ctx, decided, new, (by, action))


def _write(conn: Connection, ctx: Context, seen: Decision | None, new: Decision, done: tuple[str, str]) -> None:
    actor, action = done
    if not providers.decide(conn, seen, new):
        raise ProviderError("changed_meanwhile", f"The provider {new.route} changed this moment; look again.")
    detail = {"state": new.state, "before": seen.state if seen else "on", "weight": new.weight, "reason": new.reason}
    object_ = f"provider:{new.route}"
    record(conn, at=ctx.clock(), actor=actor, action=action, object=object_, detail=detail)


def _offer(offers: Sequence[Offer], name: str) -> Offer:
    for offer in offers:
        if offer.name == name:
            return offer
    names = ", ".join(offer.name for offer in offers)
    raise ProviderError("unknown_provider", f"There is no provider {name!r}; the settings name {names}.")


def _untouched(offer: Offer, by: str, ctx: Context) -> Decision:
    """The row of a provider about which nobody decided yet."""
    return Decision(offer.name, offer.channel, "on", None, None, by, ctx.clock(), None)


def _weight(offer: Offer, decided: dict[str, Decision]) -> float:
    own = decided[offer.name].weight if offer.name in decided else None
    return offer.weight if own is None else own


def _seen(one: Standing, share: float, unknown: int, now: int) -> Seen:
    route, found = one.route, one.health
    state: str = route.state
    if half_open(route, now):
        state = "half_open"
    elif state == "on" and recovered(route, now) < 1.0:
        state = "drifting"
    reason = (one.decided.reason or "") if one.decided else ""
    about = one.offer.name, one.offer.channel, state, route.weight, share
    return Seen(*about, found.calls, found.failed, found.seconds, unknown, reason)
