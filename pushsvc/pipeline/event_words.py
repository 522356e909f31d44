"""What an event says in a message: one line from the detail that its campaign keeps. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pushsvc.pipeline.policy_diff import sentence
from pushsvc.pipeline.value_words import pick, say_day

_LAST_DAY = ("今天截止（{day}）", "it closes today ({day})")
_ONE = ("还有1天截止（{day}）", "1 day left, it closes on {day}")
_LEFT = ("还有{n}天截止（{day}）", "{n} days left, it closes on {day}")
_OVER = ("已于{day}截止", "it closed on {day}")
_OPENED = ("申报已开始", "the window is open")
_UNTIL = ("，{day}截止", " until {day}")
_REVISED = ("内容有调整", "it was revised")
_RESULT = ("结果已公布", "the result is out")
_REPEALED = ("已废止，有效期至{day}", "repealed; its last day is {day}")
_REPEALED_NOW = ("已废止", "repealed")


def event_line(detail: Mapping[str, Any], locale: str, on: date | None = None) -> str:
    """The line for a campaign's detail, without an end stop; "" for a campaign that tells of no event.

    `on`: the day in the city on which it leaves, so that a message which waited for the morning counts the days that
    are left then; without it the days are those of the draft.
    """
    kind = detail.get("kind")
    if kind == "changed":
        return sentence(detail.get("changes") or (), locale) or pick(_REVISED, locale)
    if kind == "deadline":
        return _deadline(detail, locale, on)
    if kind == "window_opened":
        until = pick(_UNTIL, locale).format(day=_day(detail["closes"], locale)) if detail.get("closes") else ""
        return pick(_OPENED, locale) + until
    if kind == "result":
        return pick(_RESULT, locale)
    if kind == "repealed":
        last = detail.get("valid_to")
        return pick(_REPEALED, locale).format(day=_day(last, locale)) if last else pick(_REPEALED_NOW, locale)
    return ""


def policy_line(detail: Mapping[str, Any], *, sensitive: bool, locale: str, on: date | None = None) -> str:
    """`event_line`, but "" where what changed would name the matter of a sensitive policy."""
    return "" if sensitive and detail.get("kind") == "changed" else event_line(detail, locale, on)


def _deadline(detail: Mapping[str, Any], locale: str, on: date | None) -> str:
    closes = date.fromisoformat(str(detail["closes"]))
    left = (closes - on).days if on is not None else int(detail["days"])
    pattern = _OVER if left < 0 else {0: _LAST_DAY, 1: _ONE}.get(left, _LEFT)
    return pick(pattern, locale).format(n=left, day=_near(closes, locale))


def _near(day: date, locale: str) -> str:
    """A day within two weeks needs no year: 12月31日 / 31 December."""
    said = say_day(day, locale)
    return said.partition("年")[2] if locale.startswith("zh") else said.rpartition(" ")[0]


def _day(value: object, locale: str) -> str:
    return say_day(date.fromisoformat(str(value)), locale)
