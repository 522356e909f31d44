"""What changed between two versions of a policy: fields first, then one sentence, in Chinese and English. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from profiles.building import build_frame
from profiles.criteria import CriteriaError, parse, prove
from pushsvc.pipeline.value_words import pick, say_day

DAYS = ("window_opens", "window_closes", "date_effective", "valid_to")
TEXTS = ("amount", "agency")
NAMES = {
    "amount": ("金额", "the amount"),
    "window_opens": ("申报开始", "the opening of the window"),
    "window_closes": ("申报截止", "the close of the window"),
    "date_effective": ("施行日期", "the day it takes effect"),
    "valid_to": ("有效期", "its last day"),
    "criteria": ("条件", "conditions"),
    "agency": ("机关", "the agency"),
    "body": ("正文", "the text"),
}  # in the order in which they are said
CLAUSES_SAID = 3
_FROM_TO = ("{name}由{before}改为{after}", "{name} changed from {before} to {after}")
_SET = ("{name}定为{after}", "{name} is set to {after}")
_DROPPED = ("{name}不再规定（原为{before}）", "{name} is no longer given (it was {before})")
_ADDED = ("新增条件：{clauses}", "new conditions: {clauses}")
_REMOVED = ("取消条件：{clauses}", "conditions dropped: {clauses}")
_REWORDED = ("条件有调整", "the conditions were rearranged")
_BODY = ("正文有修改", "the text was revised")
_MORE = ("等{n}项", " and {n} in all")
_WHOLE = ("变化：{said}", "What changed: {said}")
_STOPS = {"zh": "；", "en": "; "}
Words = tuple[str, str]


@dataclass(frozen=True)
class Change:
    """One field and what it was and is, as JSON holds it: text, an ISO day, or for criteria the clauses [zh, en] that
    only one of the versions has. `body` says only that it changed."""

    field: str
    before: Any = None
    after: Any = None

    def stored(self) -> dict[str, Any]:
        """As a campaign's detail keeps it."""
        return {"field": self.field, "before": self.before, "after": self.after}


def changes(before: Mapping[str, Any], after: Mapping[str, Any], *, on: date) -> tuple[Change, ...]:
    """The fields of NAMES that differ, in that order. Days are dates or None, `criteria` a tree or None.

    `on`: the day by which ages and the like in the criteria are put into words; shared figures are bound before.
    """
    found = []
    for name in NAMES:
        old, new = before.get(name), after.get(name)
        if name == "criteria":
            found += _criteria(old, new, on)
        elif name in DAYS and old != new:
            found.append(Change(name, _iso(old), _iso(new)))
        elif name in TEXTS and _plain(old) != _plain(new):
            found.append(Change(name, _plain(old) or None, _plain(new) or None))
        elif name == "body" and _plain(old) != _plain(new):
            found.append(Change(name))
    return tuple(found)


def sentence(stored: Iterable[Mapping[str, Any]], locale: str) -> str:
    """The stored changes as one sentence; "" where there is none to tell. A revised text is said only by itself."""
    told = [(str(one["field"]), words) for one in stored if (words := _said(one, locale))]
    parts = [words for field, words in told if field != "body"] or [words for _, words in told]
    lang = "zh" if locale.startswith("zh") else "en"
    return pick(_WHOLE, locale).format(said=_STOPS[lang].join(parts)) if parts else ""


def clauses_of(criteria: object, on: date) -> tuple[Words, ...] | None:
    """The conditions in words (zh, en), in order; None for a tree that cannot be read."""
    if criteria is None:
        return ()
    try:
        tree = parse(criteria)
    except CriteriaError:
        return None
    return tuple((one.asked_zh, one.asked_en) for one in prove(tree, build_frame([0], {}), 0, on=on))


def _criteria(old: object, new: object, on: date) -> list[Change]:
    if old == new:
        return []
    was, now = clauses_of(old, on), clauses_of(new, on)
    if was is None or now is None:  # of one that cannot be read nothing is said to be gone
        return [Change("criteria", [], [])]
    gone, come = [list(one) for one in was if one not in now], [list(one) for one in now if one not in was]
    return [Change("criteria", gone, come)]


def _said(one: Mapping[str, Any], locale: str) -> str:
    field, before, after = str(one["field"]), one.get("before"), one.get("after")
    if field not in NAMES:
        return ""
    if field == "body":
        return pick(_BODY, locale)
    if field == "criteria":
        return _said_clauses(before or [], after or [], locale)
    pattern = _FROM_TO if before and after else _SET if after else _DROPPED
    name = pick(NAMES[field], locale)
    return pick(pattern, locale).format(
        name=name, before=_shown(field, before, locale), after=_shown(field, after, locale)
    )


def _said_clauses(gone: Sequence[Sequence[str]], come: Sequence[Sequence[str]], locale: str) -> str:
    lang = "zh" if locale.startswith("zh") else "en"
    parts = [
        pick(pattern, locale).format(clauses=_listed(clauses, locale))
        for pattern, clauses in ((_ADDED, come), (_REMOVED, gone))
        if clauses
    ]
    return _STOPS[lang].join(parts) or pick(_REWORDED, locale)


def _listed(clauses: Sequence[Sequence[str]], locale: str) -> str:
    words = [pick((one[0], one[1]), locale) for one in clauses[:CLAUSES_SAID]]
    joined = pick(("、", ", "), locale).join(words)
    return joined + (pick(_MORE, locale).format(n=len(clauses)) if len(clauses) > CLAUSES_SAID else "")


def _shown(field: str, value: object, locale: str) -> str:
    if value is None:
        return ""
    return say_day(date.fromisoformat(str(value)), locale) if field in DAYS else f"“{value}”"


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _plain(value: object) -> str:
    return " ".join(str(value or "").split())
