"""A feed by the page: its order and what is said of each policy are kept, its policies' rows and marks are read anew.

What is kept is only ever used for the rows it was worked out from (`feed_stamp`), the day and the settings: a changed
fact, a wish, a deleted tag, the switch, a policy, a shared figure or another model count at the next request.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from profiles.criteria.settling import Question
from profiles.ragged import Rows
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.feed import Reader, Wanted, item_of, order_of, reader_of
from pushsvc.pipeline.feed_cache import recall, remember
from pushsvc.pipeline.feed_items import shown
from pushsvc.pipeline.feed_lines import Line, as_json, line_of
from pushsvc.pipeline.in_force import InForce, in_force_lately
from pushsvc.pipeline.plain_feed import NOT_ASKED, plain_order
from pushsvc.store.contacts import may_be_looked_at
from pushsvc.store.feed_stamp import feed_stamp
from pushsvc.store.session import Connection

MOST = 300  # of a list: nobody turns more pages
_LINES = 60  # lines kept of one profile

Entry = tuple[int, bool, int, int]  # policy, whether asked for, state, ordinal of the day it closes on (0: none)


@dataclass(frozen=True)
class Asked:
    """Whose list, in which language, which page of how many; `hidden`: policies to leave out. `wanted` and `plain` as
    in `read_feed`."""

    profile_id: int
    locale: str = "zh"
    size: int = 10
    page: int = 1
    hidden: frozenset[int] = frozenset()
    wanted: Wanted = field(default_factory=Wanted)
    plain: bool = False

    def number(self, total: int) -> int:
        """The page asked for; the last one where a list of so many is shorter."""
        return max(1, min(self.page, -(-total // self.size)))

    def cut(self, ids: Sequence[int]) -> list[int]:
        """Those of the page."""
        start = (self.number(len(ids)) - 1) * self.size
        return list(ids[start : start + self.size])


@dataclass(frozen=True)
class Page:
    """Page `number` of a list of `total` policies, of which so many `fit` and `might`. `closes`: the first day on which
    one of these closes. `questions` and `personalised` as in `Feed`."""

    lines: tuple[Line, ...] = ()
    total: int = 0
    number: int = 1
    fit: int = 0
    might: int = 0
    closes: date | None = None
    questions: tuple[Question, ...] = ()
    personalised: bool = False


@dataclass(frozen=True)
class _Listed:
    """The list of one profile, best first: what was asked for, what fits and what might. None of it: not personal."""

    personal: bool
    entries: tuple[Entry, ...] = ()
    questions: tuple[Question, ...] = ()


@dataclass
class _Looking:
    """One request: what it stands on, and the reader, read when something has to be worked out."""

    conn: Connection
    ctx: Context
    asked: Asked
    stamp: tuple[str, str]
    held: tuple[InForce, Reader] | None = None

    def looked(self) -> tuple[InForce, Reader]:
        """The policies and the reader."""
        if self.held is None:
            policies = in_force_lately(self.conn, self.ctx, city_day(self.ctx))
            reader = reader_of(self.conn, self.asked.profile_id, self.asked.locale, policies.on)
            self.held = policies, reader
        return self.held

    def kept(self, kind: str, make: Callable[[Any], Any]) -> Any:
        """What is kept of this kind, or what `make` makes of it (None: nothing is kept), which is kept then."""
        found = recall(self.ctx, kind, self.asked.profile_id, self.stamp)
        made = make(found)
        if made != found and self._is_of_today():
            remember(self.ctx, kind, self.asked.profile_id, self.stamp, made)
        return made

    def _is_of_today(self) -> bool:
        """Whether the policies used are those that the stamp stands for, as of today."""
        if self.held is None:
            return True
        policies = self.held[0]
        return policies.on == city_day(self.ctx) and self.stamp[0] == f"{policies.stamp[0]} {policies.stamp[1]}"


def feed_page(conn: Connection, ctx: Context, asked: Asked) -> Page:
    """The page: for the reader, or for everybody where they wish it so (and for minors); an empty one for nobody."""
    if asked.plain:
        return _plain(conn, ctx, asked)
    stamp = feed_stamp(conn, asked.profile_id)
    if stamp is None:
        return Page()
    looking = _Looking(conn, ctx, asked, _stamp(ctx, stamp))
    listed = _listed(looking)
    if not listed.personal:
        return _plain(conn, ctx, asked)
    entries = [one for one in listed.entries if one[0] not in asked.hidden]
    ids = asked.cut([number for number, *_ in entries])
    lines = _lines(looking, ids)
    sure = [state for _, _, state, _ in entries]
    return Page(
        lines=tuple(lines[number] for number in ids if number in lines),
        total=len(entries),
        number=asked.number(len(entries)),
        fit=sure.count(1),
        might=sure.count(-1),
        closes=_first_close(entries, city_day(ctx)),
        questions=listed.questions,
        personalised=True,
    )


def latest_page(conn: Connection, ctx: Context, *, page: int, size: int) -> tuple[list[int], int, int]:
    """One page of all that was published, the newest first: the policies' numbers, how many there are, which page."""
    ids = [policy.id for policy in in_force_lately(conn, ctx, city_day(ctx)).published]
    asked = Asked(0, size=size, page=page)
    return asked.cut(ids), len(ids), asked.number(len(ids))


def regions_in_use(conn: Connection, ctx: Context) -> list[str]:
    """The region codes that published policies bear."""
    return in_force_lately(conn, ctx, city_day(ctx)).regions


def _plain(conn: Connection, ctx: Context, asked: Asked) -> Page:
    policies = in_force_lately(conn, ctx, city_day(ctx))
    ids = [number for number in plain_order(ctx, policies, asked.wanted).tolist() if number not in asked.hidden]
    return Page(tuple(Line(number, NOT_ASKED) for number in asked.cut(ids)), len(ids), asked.number(len(ids)))


def _stamp(ctx: Context, rows: Sequence[str | None]) -> tuple[str, str]:
    """The policies' stamp, and a digest of all the rest: another day or limit is another order."""
    policies, *others = rows
    parts = json.dumps([others, city_day(ctx).isoformat(), ctx.settings.agency_max])
    return policies or "0 ", hashlib.blake2b(parts.encode(), digest_size=16).hexdigest()


def _first_close(entries: Sequence[Entry], today: date) -> date | None:
    days = [closes for _, _, state, closes in entries if state in (1, -1) and closes >= today.toordinal()]
    return date.fromordinal(min(days)) if days else None


def _listed(looking: _Looking) -> _Listed:
    def make(found: Any) -> Any:
        return found if found is not None else _as_json(_work_out(looking))

    personal, entries, questions = looking.kept("order", make)
    return _Listed(personal, tuple(map(tuple, entries)), tuple(Question(*one) for one in questions))


def _as_json(listed: _Listed) -> list[Any]:
    questions = [[one.fact, one.settles, one.touches] for one in listed.questions]
    return [listed.personal, list(map(list, listed.entries)), questions]


def _work_out(looking: _Looking) -> _Listed:
    conn, ctx, asked = looking.conn, looking.ctx, looking.asked
    if not may_be_looked_at(conn, asked.profile_id, city_day(ctx)):
        return _Listed(personal=False)
    policies, reader = looking.looked()
    order = order_of(conn, ctx, reader, policies)
    rows = np.flatnonzero(order.asked | (order.state != 0))[:MOST]
    entries = [
        (number, asked, state, _closing(policies, number))
        for number, asked, state in zip(
            order.ids[rows].tolist(), order.asked[rows].tolist(), order.state[rows].tolist(), strict=True
        )
    ]
    return _Listed(True, tuple(entries), order.questions)


def _closing(policies: InForce, number: int) -> int:
    closes = policies.policies[policies.place[number]].window_closes
    return closes.toordinal() if closes else 0


def _lines(looking: _Looking, ids: Sequence[int]) -> dict[int, Line]:
    def make(found: Any) -> Any:
        known: dict[str, Any] = found or {}
        lacking = [number for number in ids if str(number) not in known]
        if not lacking:
            return found if found is not None else known
        made = _said(looking, np.array(lacking, dtype=np.int64))
        return dict([*known.items(), *made.items()][-_LINES:])

    kept: Mapping[str, Any] = looking.kept(f"lines:{looking.asked.locale[:2]}", make)
    return {int(number): line_of(int(number), one) for number, one in kept.items() if int(number) in set(ids)}


def _said(looking: _Looking, ids: Rows) -> dict[str, Any]:
    policies, reader = looking.looked()
    items = (item_of(reader, one, policies.titles) for one in shown(looking.conn, policies, ids))
    return {str(item.policy.id): as_json(item) for item in items}
