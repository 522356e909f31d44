"""What a mail shows beside its words: how long each policy's window is still open, as bars and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import NamedTuple

from channels.mime_frame import Image
from channels.text import shorten
from pushsvc.pipeline.charts import LEFT_SIZE, WINDOW_SIZE, left_bar, window_bar
from pushsvc.pipeline.event_words import event_line
from pushsvc.pipeline.value_words import pick, say_day
from pushsvc.store.policies import Policy

SHORTEST_SCALE = 30  # days: three days left are a short bar, also where nothing is open longer
LABEL_LIMIT = {"zh": 18, "en": 36}  # two lines of a telephone
_LEFT = ("还有{n}天", "{n} days left")
_ONE, _TODAY = ("还有1天", "1 day left"), ("今天截止", "closes today")
_WINDOW = ("申报期自{day}起，{line}", "open since {day}, {line}")


class Letterhead(NamedTuple):
    """Values for the layout, and the images that it shows."""

    values: dict[str, object]
    images: tuple[Image, ...]


def window_of(policy: Policy) -> dict[str, str]:
    """The days on which a policy's window opens and closes (ISO), "" where there is none or the policy is repealed;
    when it opens would say too much of a sensitive one."""
    closes = None if policy.repealed_by is not None else policy.window_closes
    opens = policy.window_opens if closes and not policy.sensitive else None
    return {"opens": opens.isoformat() if opens else "", "closes": closes.isoformat() if closes else ""}


def letterhead(items: Sequence[Mapping[str, str]], locale: str, on: date | None) -> Letterhead:
    """Bars for the items whose window is open `on` that day, in their order. A digest's are on one scale; the only
    policy of a mail has its whole window drawn, if it is known when it opened. None without a day."""
    open_ = [item for item in items if item.get("closes") and on and date.fromisoformat(item["closes"]) >= on]
    if not open_ or on is None:
        return Letterhead({"charts": []}, ())
    if len(items) == 1:
        made = _window(open_[0], locale, on)
        return Letterhead({"charts": [made[0]]}, (made[1],)) if made else Letterhead({"charts": []}, ())
    scale = max(SHORTEST_SCALE, *(_days(item, on) for item in open_))
    bars = [_row(item, locale, on, scale) for item in open_]
    images = {image.cid: image for _, image in bars}
    return Letterhead({"charts": [values for values, _ in bars]}, tuple(images.values()))


def _row(item: Mapping[str, str], locale: str, on: date, scale: int) -> tuple[dict[str, str], Image]:
    """One policy's bar in a digest."""
    image = _image(left_bar(_days(item, on), scale))
    label = shorten(item["short_title"], LABEL_LIMIT[locale])
    return _values(item, locale, on, image, LEFT_SIZE) | {"label": label}, image


def _window(item: Mapping[str, str], locale: str, on: date) -> tuple[dict[str, str], Image] | None:
    """The only policy's window; None where it is not known when it opened, or it has not yet."""
    opens, closes = item.get("opens"), date.fromisoformat(item["closes"])
    if not opens or date.fromisoformat(opens) > on:
        return None
    start = date.fromisoformat(opens)
    image = _image(window_bar((closes - start).days + 1, (on - start).days))
    values = _values(item, locale, on, image, WINDOW_SIZE)
    alt = pick(_WINDOW, locale).format(day=_short(start, locale), line=values["alt"])
    return values | {"alt": alt, "opens": _short(start, locale)}, image


def _values(item: Mapping[str, str], locale: str, on: date, image: Image, size: tuple[int, int]) -> dict[str, str]:
    left = _days(item, on)
    words = pick({0: _TODAY, 1: _ONE}.get(left, _LEFT), locale).format(n=left)
    line = event_line({"kind": "deadline", "closes": item["closes"], "days": left}, locale, on)
    shown = {"cid": image.cid, "width": str(size[0]), "height": str(size[1])}
    closes = _short(date.fromisoformat(item["closes"]), locale)
    return {**shown, "alt": line, "left": words, "closes": closes, "title": item["short_title"]}


def _image(png: bytes) -> Image:
    return Image(f"{sha256(png).hexdigest()[:16]}@charts", png)


def _days(item: Mapping[str, str], on: date) -> int:
    return (date.fromisoformat(item["closes"]) - on).days


def _short(day: date, locale: str) -> str:
    """6月30日 / 30 June"""
    said = say_day(day, locale)
    return said.partition("年")[2] if locale.startswith("zh") else said.rpartition(" ")[0]
