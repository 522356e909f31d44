"""Life events that a batch of profile rows shows: births, moves, foundings, certificates gained or about to lapse."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from datetime import date, datetime, timedelta

from profiles.said import Said
from profiles.turning import LAPSING_STEPS
from pushsvc.pipeline.days import day_of
from pushsvc.store.life import LifeEvent
from pushsvc.store.profile_parts import Paper

FRESH = timedelta(days=365)  # a birth, a founding or a certificate longer ago is no news
_FIRMS = ("enterprise", "cooperative", "other", "self_employed")


def births(new: Iterable[tuple[int, str, date | None]], now: datetime) -> Iterator[LifeEvent]:
    """An event for each dependant (profile, reference, born) who is new and was born within the year."""
    for profile_id, ref, born in new:
        if born is not None and _fresh(born, now):
            yield LifeEvent(profile_id, "birth", ref, now)


def moves(moved: Iterable[tuple[int, object]], now: datetime) -> Iterator[LifeEvent]:
    """An event for each (profile, region) where the region held became another."""
    for profile_id, region in moved:
        yield LifeEvent(profile_id, "move", f"{region}:{day_of(now).isoformat()}", now)


def foundings(new: Iterable[tuple[int, str, object]], now: datetime) -> Iterator[LifeEvent]:
    """An event for each new (profile, kind, day founded) that is a business founded within the year."""
    for profile_id, kind, founded in new:
        if kind in _FIRMS and isinstance(founded, date) and _fresh(founded, now):
            yield LifeEvent(profile_id, "incorporation", founded.isoformat(), now)


def papers_told(
    written: Iterable[Paper], known: Container[tuple[int, str, date]], now: datetime
) -> Iterator[LifeEvent]:
    """Of the certificates written: those not `known` before and begun within the year, those that lapse soon.

    One that is new and lapses within the last step is told once: its first event speaks of all that it brings.
    """
    today = day_of(now)
    for paper in written:
        new = (paper.profile_id, paper.key, paper.valid_from) not in known
        if new and _fresh(paper.valid_from, now):
            yield LifeEvent(paper.profile_id, "qualified", f"{paper.key}:{paper.valid_from.isoformat()}", now)
        if paper.valid_until is None or paper.valid_until < today:
            continue
        for step in LAPSING_STEPS[:1] if new else LAPSING_STEPS:
            if paper.valid_until <= today + timedelta(days=step):
                yield LifeEvent(paper.profile_id, "lapsing", lapsing_key(paper.key, paper.valid_from, step), now)


def lapsing_key(key: str, start: date, step: int) -> str:
    """The key of the event that a certificate lapses in `step` days; that of the first step names none."""
    return f"{key}:{start.isoformat()}" + ("" if step == LAPSING_STEPS[0] else f":{step}")


def founded_of(said: Said) -> list[object]:
    """The day each row's business was founded."""
    column = said.facts.get("founded_on")
    return [None] * len(said) if column is None else list(column.to_pylist())


def _fresh(day: date, now: datetime) -> bool:
    return day_of(now) - FRESH <= day <= day_of(now) + timedelta(days=1)
