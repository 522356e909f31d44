"""What `/algorithm` says of the model that ranks people now: read out of its card, never written by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pushsvc.pipeline.gate import baseline, figure, is_learnt, measured, version_of
from pushsvc.pipeline.scoring import model_in_use
from pushsvc.store.assessments import Assessment, assessment_by_id
from pushsvc.store.models import ModelRow, model_rows
from pushsvc.store.session import Connection
from pushsvc.web.labels import METHODS, MODEL_FEATURES, MODEL_PARTS
from recommenders.columns import token
from recommenders.content import document

DIRECTIONS = ("audience", "feed")


@dataclass(frozen=True)
class Part:
    """One addend of a score: its code, and what it counts in audiences and in feeds; None: it has no part there."""

    code: str
    audience: str | None
    feed: str | None


@dataclass(frozen=True)
class Measured:
    """A way of ranking, and how well it ranked people and policies that it had not seen (AUC)."""

    method: str
    audience: float | None
    feed: float | None


@dataclass(frozen=True)
class Told:
    """The model that ranks people now, as the page tells it."""

    id: int
    version: str
    since: datetime
    learnt: bool
    window: tuple[date, date] | None
    parts: tuple[Part, ...]
    measured: tuple[Measured, ...]
    features: tuple[str, ...]
    never: tuple[str, ...]
    assessment: Assessment | None
    card: Mapping[str, Any]


def told(conn: Connection) -> Told | None:
    """Of the model that ranks people at this moment; None where none does."""
    using = model_in_use(conn)
    rows = model_rows(conn, model_id=using[0]) if using else []
    if not rows:
        return None
    row = rows[0]
    learnt = is_learnt(row.card)
    named = [name for name in row.card.get("features") or [] if name in MODEL_FEATURES and (learnt or _speaks(name))]
    return Told(
        id=row.id,
        version=version_of(row.card),
        since=row.since or row.created_at,
        learnt=learnt,
        window=_window(row.card.get("window") or {}),
        parts=tuple(_parts(row.card)),
        measured=tuple(_measured(measured(row.card))),
        features=tuple(named),
        never=tuple(row.card.get("never_used") or ()),
        assessment=_assessment(conn, row),
        card=row.card,
    )


def _speaks(group: str) -> bool:
    """Whether its values say by themselves what a policy may be about: a model that learnt nothing goes by these."""
    return bool(document(token(group, "x")))


def _assessment(conn: Connection, row: ModelRow) -> Assessment | None:
    return assessment_by_id(conn, row.assessment) if row.assessment else None


def _window(told: Mapping[str, Any]) -> tuple[date, date] | None:
    try:
        return date.fromisoformat(str(told["from"])[:10]), date.fromisoformat(str(told["to"])[:10])
    except (KeyError, ValueError):
        return None


def _parts(card: Mapping[str, Any]) -> Iterator[Part]:
    """By the shares that were chosen where the card has them, else by the weights themselves."""
    recipe = card.get("recipe") or {}
    for code in MODEL_PARTS:
        weights = {side: figure(recipe.get(side) or {}, code) for side in DIRECTIONS}
        if any(weights.values()):
            shown = {side: _counts(card, side, code, weight) if weight else None for side, weight in weights.items()}
            yield Part(code, shown["audience"], shown["feed"])


def _counts(card: Mapping[str, Any], side: str, code: str, weight: float) -> str:
    shares = _shares(measured(card).get("chosen"), side)
    total = sum(abs(value) for value in shares.values())
    return f"{shares[code] / total:.0%}" if code in shares and total else f"{weight:.3g}"


def _shares(chosen: Any, side: str) -> dict[str, float]:
    """The shares of the parts in a direction, wherever the split's name stands."""
    if not isinstance(chosen, Mapping):
        return {}
    if side not in chosen:
        return next((found for one in chosen.values() if (found := _shares(one, side))), {})
    shares = chosen[side].get("shares") if isinstance(chosen[side], Mapping) else None
    told = shares if isinstance(shares, Mapping) else {}
    return {name: value for name in told if (value := figure(told, name)) is not None}


def _measured(figures: Mapping[str, Any]) -> Sequence[Measured]:
    ours = Measured("ours", figure(figures, "audience_auc_cold"), figure(figures, "feed_auc_cold"))
    found = [ours, *(Measured(name, baseline(figures, name), baseline(figures, name, "feed")) for name in METHODS)]
    return [one for one in found if one.audience is not None or one.feed is not None]
