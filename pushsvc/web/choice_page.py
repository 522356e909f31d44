"""The page of preferences: what stands, what was typed and could not be kept, and what both mean in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import render_template, session

from profiles.escalation import may_choose_order
from pushsvc.pipeline.choice_fields import FIELDS, GRID, RECOMMENDED, TIMES, UNREAD, fields_of
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.quiet_preview import Arrival, arrivals
from pushsvc.pipeline.topic_counts import topic_counts
from pushsvc.store import consents, people, preferences
from pushsvc.store.access import Person
from pushsvc.store.addresses import Reachable, reachable
from pushsvc.store.people import Profile
from pushsvc.store.session import Connection, transaction
from pushsvc.web import choice_words as words
from pushsvc.web.access import current_person
from pushsvc.web.current import context
from pushsvc.web.i18n import t
from pushsvc.web.labels import CADENCES, CHANNELS, TOPICS

WEEKLY = (1, 3, 5, 10, 0)
HOURS = (4, 8, 12, 24, 48, 72, 168)
SIZES = (
    ("standard", "1", "标准"),
    ("elder", "1", "大字"),
    ("elder", "2", "特大字"),
    ("elder", "3", "最大字"),
)
# Where on the page it is said what is wrong, other than at the part of the form's own name.
PLACES = {"quiet_from": "q1", "quiet_to": "q1", "paused_until": "z", "weekly_max": "recommended"}
PLACES |= {
    "cadence": "recommended",
    "escalate_hours": "unread",
    "channel_order": "unread",
    **dict.fromkeys(GRID, "grid"),
}
FORMS = {"recommended": RECOMMENDED, "grid": GRID, "unread": UNREAD, "quiet": TIMES}


@dataclass(frozen=True)
class Refused:
    """What a form asked for and could not have: the fields that were changed, and what is wrong by field or form."""

    typed: Mapping[str, str | None] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Read:
    """What one look into the database tells of the reader."""

    choice: Mapping[str, Any]
    counts: Mapping[str, int]
    whens: Sequence[Arrival]
    reached: Sequence[Reachable]
    language: str
    told: bool
    profile: Profile | None
    own: Profile | None


def may_change_own(who: Person) -> bool:
    """Whether what is the reader's own may be changed: by themselves for whomever they act, by a proxy with leave."""
    return who.by is None or who.may("manage")


def page(refused: Refused | None = None, **more: object) -> str:
    """The page; with what was typed where it was refused."""
    who, refused = current_person(), refused or Refused()
    with transaction(context().engine) as connection:
        read = _read(connection, who)
    today = city_day(context())
    stands = fields_of(read.choice, today)
    shown = {form: urlencode({name: stands[name] for name in names if name in stands}) for form, names in FORMS.items()}
    return render_template(
        "m/preferences.html",
        v={name: value for name in FIELDS if (value := refused.typed.get(name, stands.get(name)))},
        shown=shown,
        wrong=refused.wrong,
        at={place: PLACES.get(place, place) for place in refused.wrong},
        mine=may_change_own(who),
        theirs=who.may("manage"),
        proxied=who.by is not None,
        personalised=read.choice["personalised"],
        may_order=may_choose_order(_born(read.own), today),
        paused=date.fromisoformat(stands["paused_until"]) if "paused_until" in stands else None,
        tomorrow=today + timedelta(days=1),
        **_told(read),
        **_said(read, stands),
        **more,
    )


def _told(read: _Read) -> dict[str, object]:
    """What the page shows of the reader as it is held."""
    found: dict[str, object] = {"told": read.told, "language": read.language, "counts": read.counts}
    found |= {"tags": read.profile.interests if read.profile else (), "reached": read.reached}
    return found | {"channels": CHANNELS, "topics": TOPICS, "cadences": CADENCES}


def _said(read: _Read, stands: Mapping[str, str]) -> dict[str, object]:
    """What it says in words, and the lists to choose from."""
    usable = [one for one in CHANNELS if one in stands and any(one == each.channel for each in read.reached)]
    return {
        "arrivals": words.arrival_lines(read.whens, usable or list(CHANNELS)) if read.told else [],
        "unread_now": words.unread_line(stands),
        "address_state": words.address_state,
        "weekly_words": [(n, t("{n} 条", n=n) if n else t("不限")) for n in _with(WEEKLY, stands["weekly_max"])],
        "hour_words": [(n, t("{n} 小时", n=n)) for n in sorted(_with(HOURS, stands["escalate_hours"]))],
        "cadence_words": [(code, t(zh)) for code, zh in CADENCES.items()],
        "sizes": [(mode, size, t(text)) for mode, size, text in SIZES],
        "this_size": session.get("size", "1"),
    }


def _read(connection: Connection, who: Person) -> _Read:
    latest = consents.latest_consents(connection, [who.id])
    profile = people.profile_by_id(connection, who.profile_id)
    return _Read(
        choice=preferences.read_preference(connection, who.id),
        counts=topic_counts(connection, context()),
        whens=arrivals(connection, context(), who.id),
        reached=reachable(connection, who.id),
        language=preferences.own_language(connection, who.id),
        told=any(entry.given for (_, purpose, _), entry in latest.items() if purpose == "notify"),
        profile=profile,
        own=profile if who.own else people.profile_by_id(connection, who.id),
    )


def _born(own: Profile | None) -> date | None:
    born = own.facts.get("birth_date") if own else None
    return born if isinstance(born, date) else None


def _with(offered: Sequence[int], held: str) -> list[int]:
    """What is offered; with what is held, should it be another."""
    return list(dict.fromkeys([*offered, int(held)]))
