"""What people did with earlier policies: latent interest that follows the truth, habit, season and noise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from profiles.criteria import decide, parse
from pushsvc.sample.draw import Floats, Ints, flip, pick
from pushsvc.sample.places import CITY
from pushsvc.sample.population import CITIZEN, TOPICS, Population

OPENS = 55_000  # in a city of 20,000, before what follows from them
NEVER, STAFF, KEENEST = 0.6, 25 / 20_000, 0.7
ZONE = ZoneInfo("Asia/Shanghai")
_HOURS = (0, 0, 0, 0, 0, 1, 3, 6, 8, 9, 9, 7, 8, 6, 6, 6, 5, 6, 8, 10, 11, 9, 5, 2)
_SPRING = 1.8  # the filing season weighs this much more
Act = tuple[str, str, str, datetime]


@dataclass(frozen=True)
class History:
    """The time people's deeds are drawn for: whole months before the city's day."""

    start: date
    end: date


def history_before(on: date) -> History:
    """From January two years ago to the end of the month before last Monday's."""
    return History(date(on.year - 2, 1, 1), on.replace(day=1) - timedelta(days=1))


def interactions(
    rng: np.random.Generator, people: Population, policies: Sequence[dict[str, Any]], span: History
) -> Iterator[Act]:
    """(profile ref, policy ref, kind, when) of everything that happened in the span, policy by policy."""
    activity = _activity(rng, people)
    staff = rng.choice(len(people), max(2, round(len(people) * STAFF)), replace=False)
    past = [policy for policy in policies if span.start.isoformat() <= policy["date_published"] < span.end.isoformat()]
    chances = [_chance(rng, people, policy) * activity for policy in past]
    scale = _scale(chances, OPENS * len(people) / 20_000)
    for policy, chance in zip(past, chances, strict=True):
        openers = np.flatnonzero(rng.random(len(people)) < _eased(chance * scale))
        everyone = np.union1d(openers, staff[flip(rng, 0.6, len(staff))])
        yield from _acts(rng, people, policy, rows=everyone, staff=frozenset(staff.tolist()), end=span.end)


def _scale(chances: Sequence[Floats], wanted: float) -> float:
    """The factor at which `wanted` opens are to be expected, found by trying."""
    scale = 1.0
    for _ in range(12):
        expected = sum(float(_eased(chance * scale).sum()) for chance in chances)
        scale *= wanted / expected if expected else 0.0
    return scale


def _eased(chance: Floats) -> Floats:
    """Nobody is certain to open anything: chances level off at `KEENEST`."""
    return np.asarray(chance / (1 + chance / KEENEST))


def _activity(rng: np.random.Generator, people: Population) -> Floats:
    """float64[n]: 60 % never open, fewer of those who told us tags; the others differ, but not wildly."""
    told = people.interests.sizes() > 0
    share = float(told.mean())
    never = np.where(told, NEVER - 0.3, NEVER + 0.3 * share / (1 - share))
    return np.where(flip(rng, never, len(people)), 0.0, rng.lognormal(0, 0.35, len(people)))


def _chance(rng: np.random.Generator, people: Population, policy: dict[str, Any]) -> Floats:
    """float64[n]: how likely each opens this policy: does it fit, is it near, do they care for its topic and tags."""
    topic = people.tastes[:, TOPICS.index(policy["topic"])]
    want = 3.2 * topic + 1.1 * _tagged(people, policy) + 2.6 * _fit(people, policy) + 0.9 * _near(people, policy)
    noisy = want + rng.normal(0, 0.5, len(people))
    popular = float(rng.lognormal(0, 0.5)) * (_SPRING if policy["date_published"][5:7] in ("03", "04", "05") else 1.0)
    return np.asarray(popular / (1 + np.exp(-2.2 * (noisy - 4.6))))


def _fit(people: Population, policy: dict[str, Any]) -> Floats:
    """1 where the truth meets the criteria, -0.5 where it does not, 0 where nothing is asked."""
    if policy["criteria"] is None:
        return np.zeros(len(people))
    on = date.fromisoformat(policy["date_published"])
    state = decide(parse(policy["criteria"]), people.frame, on=on).state
    return np.where(state == 1, 1.0, np.where(state == 0, -0.5, 0.2))


def _near(people: Population, policy: dict[str, Any]) -> Floats:
    if policy["region"] == CITY:
        return np.full(len(people), 0.3)
    region = people.frame.columns["region"]
    here = region.levels.index(policy["region"]) if policy["region"] in region.levels else -2
    return np.where(region.values == here, 1.0, -0.8)


def _tagged(people: Population, policy: dict[str, Any]) -> Floats:
    wanted = np.array([level in policy["tags"] for level in people.interests.levels], dtype=np.bool_)
    return people.interests.any_of(wanted).astype(np.float64)


def _acts(
    rng: np.random.Generator,
    people: Population,
    policy: dict[str, Any],
    *,
    rows: Ints,
    staff: frozenset[int],
    end: date,
) -> Iterator[Act]:
    """Opened; then some click within minutes, some save or turn away, some apply weeks after the click."""
    fits = _fit(people, policy) > 0
    published = datetime.fromisoformat(policy["date_published"]).replace(tzinfo=ZONE)
    days, hours = np.floor(rng.exponential(9, len(rows))), pick(rng, _HOURS, len(rows))
    seconds, luck = rng.integers(0, 3600, len(rows)), rng.random((len(rows), 4))
    weeks = rng.uniform(9, 46, len(rows))
    for place, row in enumerate(rows.tolist()):
        office = row in staff
        hour = 9 + int(hours[place]) % 8 if office else int(hours[place])
        opened = published + timedelta(days=float(days[place]), hours=hour, seconds=int(seconds[place]))
        acts = [("opened", opened)]
        if not office and luck[place, 0] < (0.55 if fits[row] else 0.3):
            clicked = opened + timedelta(seconds=20 + int(seconds[place]) // 6)
            acts.append(("clicked", clicked))
            acts += [("saved", clicked + timedelta(seconds=45))] if luck[place, 1] < 0.2 else []
            applies = (
                fits[row]
                and policy["kind"] == "fund"
                and luck[place, 2] < (0.4 if people.kinds[row] != CITIZEN else 0.3)
            )
            acts += [("applied", clicked + timedelta(days=float(weeks[place])))] if applies else []
        elif luck[place, 3] < 0.09:
            acts.append(("dismissed", opened + timedelta(seconds=30)))
        yield from ((people.refs[row], policy["ref"], kind, at) for kind, at in acts if at.date() <= end)
