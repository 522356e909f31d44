"""What a feed says of each policy, apart from the policy: as it is kept, and as it is found again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pushsvc.pipeline.feed_items import Item
from pushsvc.pipeline.fitting import Fit, Said


@dataclass(frozen=True)
class Line:
    """What is said of one policy to the reader, as in `Item`; the policy itself is read anew."""

    policy_id: int
    fit: Fit
    reason: str = ""
    subscribed: bool = False
    tags: tuple[str, ...] = ()


def as_json(item: Item) -> list[Any]:
    """What is said of a policy, as it is kept."""
    return [asdict(item.fit), item.reason, item.subscribed, list(item.tags)]


def line_of(number: int, kept: Sequence[Any]) -> Line:
    """The line from what was kept of it."""
    fit, reason, subscribed, tags = kept
    clauses = tuple(Said(**one | {"missing": tuple(one["missing"])}) for one in fit["clauses"])
    whole = Fit(**fit | {"clauses": clauses, "missing": tuple(fit["missing"])})
    return Line(number, whole, reason, subscribed, tuple(tags))
