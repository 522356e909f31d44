"""Routing: which provider takes a channel's next slice. What the breaker decides is written, and audited."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from channels.base import Channel
from channels.health import Calls, Health, Limits, health
from channels.routing import (
    PROBE,
    Route,
    State,
    after_probe,
    choose,
    draws_probe,
    evidence_from,
    half_open,
    judge,
    shares,
)
from pushsvc.context import Context
from pushsvc.offers import Offer, of_channel
from pushsvc.pipeline.errors import PipelineError
from pushsvc.store import providers
from pushsvc.store.audit import record
from pushsvc.store.providers import Call, Decision
from pushsvc.store.session import Connection, transaction

log = logging.getLogger(__name__)
URGENT = "urgent"
BREAKER = "breaker"  # who changed a provider, where no person did
REFRESH = timedelta(seconds=1)
LOOK_BACK = timedelta(hours=6)  # for a provider's own normal
CALLS = 60  # of each provider: the latest, and what was normal before them
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ProviderError(PipelineError):
    """A provider cannot be changed so; `code` says why."""


@dataclass(frozen=True)
class Standing:
    """A provider as it stands: the settings' offer, what was decided, the route of both, and how it does."""

    offer: Offer
    decided: Decision | None
    route: Route
    health: Health


@dataclass
class Routes:
    """What a process knows of its providers, read anew once a second at most."""

    ctx: Context
    offers: Sequence[Offer]
    limits: Limits = field(default_factory=Limits)
    standing: dict[str, Standing] = field(default_factory=dict)
    read_at: datetime | None = None

    def pick(self, channel: str, token: int, lane: str = "", barred: frozenset[str] = frozenset()) -> str | None:
        """The route for the channel's next slice; None when all rest or are paused: then nothing is to be claimed.

        May take the one probe of a half-open route: ask only when a slice of that lane is due. Those `barred` get
        nothing, unless they are all that the channel has: who claims the slice then says why it waits.
        """
        return pick(self, channel, token, lane, barred)


def pick(routes: Routes, channel: str, token: int, lane: str = "", barred: frozenset[str] = frozenset()) -> str | None:
    """As `Routes.pick` says; the same token draws the same route for as long as nothing changes."""
    now = routes.ctx.clock()
    if routes.read_at is None or not timedelta(0) <= now - routes.read_at < REFRESH:  # a clock may step back
        refresh(routes, now)
    mine = [routes.standing[offer.name] for offer in of_channel(routes.offers, channel)]
    mine = [standing for standing in mine if standing.offer.name not in barred] or mine
    parts = shares([standing.route for standing in mine], micros(now))
    if draws_probe(token, others=bool(parts), urgent=lane == URGENT):
        for standing in mine:
            if half_open(standing.route, micros(now)) and _take_probe(routes, standing, now):
                return standing.offer.name
    return choose(parts, token)


def refresh(routes: Routes, now: datetime) -> None:
    """Read what was decided and how the providers do; write what the breaker makes of it. Two workers that judge at
    once agree: one of them writes."""
    ctx = routes.ctx
    with transaction(ctx.engine) as conn:
        for standing in look(conn, routes.offers, now, routes.limits):
            routes.standing[standing.offer.name] = standing
    for standing in list(routes.standing.values()):
        change = judge(standing.route, standing.health, micros(now))
        if change is not None:
            until = moment(change.until) if change.until else None
            new = replace(_stands(standing, now), state=change.state, until=until, reason=change.reason)
            _write(routes, standing, new, f"provider.{'open' if until else 'close'}")
    routes.read_at = now


def look(conn: Connection, offers: Sequence[Offer], now: datetime, limits: Limits) -> list[Standing]:
    """Each offered provider as it stands, in the order of the settings."""
    decided = providers.decisions(conn)
    calls: dict[str, list[Call]] = {offer.name: [] for offer in offers}
    for call in providers.recent_calls(conn, list(calls), since=now - LOOK_BACK, limit=CALLS):
        calls[call.route].append(call)
    return [_standing(offer, decided.get(offer.name), calls[offer.name], now, limits=limits) for offer in offers]


def must_ask(channels: Mapping[str, Channel], route: str) -> bool:
    """Whether what is unknown at a route may only be settled by asking it: an SMS always; an app message where another
    provider, which has not seen its key, might get the repeat and push it a second time."""
    channel = channels[route]
    several = sum(other.name == channel.name for other in channels.values()) > 1
    return channel.after_unknown == "settle" or (channel.after_unknown == "repeat" and several)


def route_of(offer: Offer, decided: Decision | None) -> Route:
    """The route of an offer, with what was decided about it."""
    if decided is None:
        return Route(offer.name, offer.weight)
    weight = offer.weight if decided.weight is None else decided.weight
    changed, until = micros(decided.changed_at), micros(decided.until) if decided.until else 0
    drifting = decided.state == "on" and decided.changed_by == BREAKER
    state: State = "paused" if decided.state == "paused" else "open" if decided.state == "open" else "on"
    return Route(offer.name, weight, state, changed, until, drifting)


def micros(at: datetime) -> int:
    """Microseconds since the epoch."""
    return (at - EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    """The aware moment of so many microseconds."""
    return EPOCH + timedelta(microseconds=at)


def _standing(
    offer: Offer, decided: Decision | None, calls: Sequence[Call], now: datetime, *, limits: Limits
) -> Standing:
    route = route_of(offer, decided)
    columns = Calls(
        started=np.array([micros(call.started_at) for call in calls], dtype=np.int64),
        seconds=np.array([call.seconds for call in calls], dtype=np.float64),
        members=np.array([call.members for call in calls], dtype=np.int64),
        troubled=np.array([call.troubled for call in calls], dtype=np.int64),
    )
    limits = replace(limits, calls=PROBE.calls, least=PROBE.least) if route.state == "open" else limits
    return Standing(offer, decided, route, health(columns, micros(now), limits, since=evidence_from(route)))


def _take_probe(routes: Routes, standing: Standing, now: datetime) -> bool:
    """One worker wins the probe, by moving on the moment until which the route rests."""
    if standing.decided is None:
        return False
    new = replace(standing.decided, until=moment(after_probe(standing.route, micros(now))))
    return _write(routes, standing, new, None)


def _write(routes: Routes, standing: Standing, new: Decision, action: str | None) -> bool:
    """Write a decision unless somebody else decided meanwhile; either way what stands is read before the next pick."""
    with transaction(routes.ctx.engine) as conn:
        won = providers.decide(conn, standing.decided, new)
        if won and action:
            detail = {"reason": new.reason, "channel": new.channel}
            object_ = f"provider:{new.route}"
            record(conn, at=routes.ctx.clock(), actor=BREAKER, action=action, object=object_, detail=detail)
            log.warning("provider %s is %s: %s", new.route, new.state, new.reason)
    if won:
        route = route_of(standing.offer, new)
        routes.standing[new.route] = replace(standing, decided=new, route=route)
    else:
        routes.read_at = None
    return won


def _stands(standing: Standing, now: datetime) -> Decision:
    """What stands, to be changed by the breaker."""
    weight = standing.decided.weight if standing.decided else None
    return Decision(standing.offer.name, standing.offer.channel, "on", weight, None, BREAKER, now, None)
