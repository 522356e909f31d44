"""What subscriptions would have brought: of the policies of the last 90 days those that answer each, by its own rule.

All that is the same for everybody is kept in the process until a policy is published, changed or withdrawn: what these
policies are about as columns, and their words, folded, up to a bound. So a wish costs a look into the columns, and a
keyword nobody asked for yet one reading of the words in memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import chain
from threading import Lock

import numpy as np

from profiles.ragged import Mask
from profiles.subscriptions import PolicyColumns, alternatives, fold
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day, day_of
from pushsvc.pipeline.in_force import InForce, columns_of, in_force_lately
from pushsvc.pipeline.wished import meets, stands_in
from pushsvc.pipeline.wishes import issuers
from pushsvc.store.in_force import LightPolicy, words_of
from pushsvc.store.session import Connection, transaction
from pushsvc.store.subscriptions import Wish

DAYS = 90
CHARACTERS = 16_000_000  # of folded texts, the newest first: about 32 MB; older ones are read when they are asked for
_MOST = 2000  # keywords kept


@dataclass(frozen=True)
class Brought:
    """How many policies a wish would have brought, and the newest of them."""

    n: int
    sample: tuple[LightPolicy, ...] = ()


@dataclass(frozen=True, eq=False)
class Lately:
    """The policies of the last DAYS, the newest first; and of all there are, who issued them and on what."""

    stamp: tuple[int, str]
    on: date
    policies: tuple[LightPolicy, ...]
    published: Sequence[LightPolicy]
    columns: PolicyColumns
    said: dict[str, Mask] = field(default_factory=dict)

    @cached_property
    def agencies(self) -> Mapping[str, int]:
        """Everybody who issued a policy, the busiest first."""
        return dict(Counter(chain.from_iterable(map(issuers, self.published))).most_common())

    @cached_property
    def themes(self) -> Mapping[str, int]:
        """The themes and tags that policies bear, the most used first."""
        return dict(Counter(word for one in self.published for word in {*one.themes, *one.tags}).most_common())


@dataclass
class _Kept:
    """`texts`: folded words by the key of their policy, as `read` needs them."""

    found: Lately | None = None
    read: Lately | None = None
    texts: dict[tuple[int, str], str] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)


def brought(conn: Connection, ctx: Context, wishes: Sequence[Wish], *, most: int = 1) -> list[Brought]:
    """Of each wish: how many policies of the last DAYS answer it, and the newest `most` of them."""
    held = lately(conn, ctx)
    found = []
    for wish in wishes:
        rows = np.flatnonzero(meets(held.columns, wish, lambda word: _saying(conn, ctx, held, word)))
        found.append(Brought(len(rows), tuple(held.policies[row] for row in rows[:most].tolist())))
    return found


def lately(conn: Connection, ctx: Context) -> Lately:
    """The policies of the last DAYS; as fresh as a page's policies in force are."""
    return _lately(ctx, in_force_lately(conn, ctx, city_day(ctx)))


def keep_up(ctx: Context) -> None:
    """Bring what this process keeps up to date, so that no page has to wait for it."""
    with transaction(ctx.engine) as conn:
        held = lately(conn, ctx)
        _ = held.agencies, held.themes
        _read_words(conn, ctx, held)


def issued_on(policy: LightPolicy) -> date:
    """The day on which the office put it out, or else on which it came out here."""
    if policy.date_published is not None:
        return policy.date_published
    return day_of(policy.published_at) if policy.published_at else date.min


def _lately(ctx: Context, policies: InForce) -> Lately:
    kept = ctx.kept.of(_Kept)
    with kept.lock:
        found = kept.found
        if found is None or (found.stamp, found.on) != (policies.stamp, policies.on):
            since = policies.on - timedelta(days=DAYS)
            recent = tuple(one for one in policies.published if issued_on(one) > since)
            found = Lately(policies.stamp, policies.on, recent, policies.published, columns_of(recent))
            kept.found = found
        return found


def _saying(conn: Connection, ctx: Context, held: Lately, keyword: str) -> Mask:
    """bool[policies]: in whose words the keyword stands."""
    found = held.said.get(keyword)
    if found is None:
        asked = alternatives(keyword)
        found = np.fromiter((stands_in(text, asked) for text in _texts(conn, ctx, held)), np.bool_, len(held.policies))
        if len(held.said) >= _MOST:
            held.said.clear()
        held.said[keyword] = found
    return found


def _texts(conn: Connection, ctx: Context, held: Lately) -> Iterator[str]:
    """The folded words of each policy, in order: from memory, and what is beyond its bound from the database."""
    texts = _read_words(conn, ctx, held)
    within = [texts.get(one.key) for one in held.policies]
    others = [one.id for one, text in zip(held.policies, within, strict=True) if text is None]
    read = {number: fold(text) for number, text in words_of(conn, others)}
    return (read.get(one.id, "") if text is None else text for one, text in zip(held.policies, within, strict=True))


def _read_words(conn: Connection, ctx: Context, held: Lately) -> Mapping[tuple[int, str], str]:
    """What is kept of the words of the newest, with what was missing of them; of older policies nothing is."""
    kept = ctx.kept.of(_Kept)
    with kept.lock:
        if kept.read is held:
            return kept.texts
        texts = {one.key: kept.texts[one.key] for one in held.policies if one.key in kept.texts}
        size = sum(map(len, texts.values()))
        missing = {one.id: one.key for one in held.policies if one.key not in texts}
        for number, text in words_of(conn, list(missing)):
            if size >= CHARACTERS:
                break
            texts[missing[number]] = fold(text)
            size += len(text)
        kept.texts, kept.read = texts, held
    return texts
