"""The form of a subscription: what was ticked and typed of it, what is wrong with that, and the same as an address."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from profiles.csvfile import RowError
from profiles.subscriptions import ALL, ANY, plain_marks
from pushsvc.pipeline.own_wishes import read_wish
from pushsvc.pipeline.wish_choices import agencies_found, is_agency
from pushsvc.store.subscriptions import Wish
from pushsvc.web.i18n import t
from pushsvc.web.labels import TOPICS

KEY_OF = {"theme": "themes", "industry": "industries", "region": "regions", "agency": "agencies"}
TYPED = "{}_q"  # the field beside the ticks into which one may write
MOST_VALUES = 30  # of one key
NAMES = frozenset([*KEY_OF, *map(TYPED.format, KEY_OF), "keyword", "cadence", "all"])
WRONG = {
    "mixed_marks": "竖线和 & 不能同时用",
    "empty_alternative": "竖线两边都要有词",
    "unknown_industry": "没有这个行业，请换个写法",
    "unknown_region": "没有这个地区",
    "no_agency": "没有找到这个机关，请按名称查找",
    "several_agencies": "请一次填一个机关",
    "too_long": "太长了，请写短一些",
    "too_many": "选得太多，请分成几条订阅",
    "empty_wish": "请至少填一项",
    "unknown_level": "请选择频率",
}
OTHERWISE = "请检查填写的内容"
# Marks that nobody sees but that turn or hide what stands beside them. Joiners stay: signs of some scripts, and emoji.
_UNSEEN = re.compile("[\u200b\u200e\u200f\u2060\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]")


@dataclass(frozen=True)
class Form:
    """`chosen`: by field what could be read; `typed`: what could not, and the keyword; `wrong`: by field a sentence."""

    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    every: frozenset[str] = frozenset()
    cadence: str = "immediate"
    wrong: Mapping[str, str] = field(default_factory=dict)
    wish: Wish | None = None


@dataclass(frozen=True)
class Known:
    """What a form is read with: whose it is, where that one lives, and the agencies in use."""

    profile_id: int
    place: str | None
    agencies: Mapping[str, int]


def read_form(values: MultiDict[str, str], known: Known) -> Form:
    """What was sent. Each key is read by itself, so that what is right stays chosen beside what is wrong."""
    chosen: dict[str, tuple[str, ...]] = {}
    typed, cells, wrong = {"keyword": seen(values.get("keyword", ""))}, dict[str, str](), dict[str, str]()
    for name, key in KEY_OF.items():
        texts = [seen(one) for one in [*values.getlist(name), *values.getlist(TYPED.format(name))]]
        texts = _settled(name, [one for one in texts if one], known)
        cells[key] = _cell(texts, every=key in values.getlist("all"))
        chosen[name], typed[name], wrong_here = _read(name, texts, cells[key], known)
        wrong |= wrong_here
    rest = {"keyword": typed["keyword"], "cadence": values.get("cadence", "immediate")}
    wish = read_wish(cells | rest, known.profile_id, known.place)
    if isinstance(wish, list):
        named = {_field_of(one): t(WRONG.get(one.code, OTHERWISE)) for one in wish}
        return Form(chosen, typed, _every(values, chosen), rest["cadence"], named | wrong)
    if wrong:
        return Form(chosen, typed, _every(values, chosen), rest["cadence"], wrong)
    return form_of(wish)


def form_of(wish: Wish) -> Form:
    """The form that asks for this."""
    chosen = {name: getattr(wish, key) for name, key in KEY_OF.items()}
    return Form(chosen, {"keyword": wish.keyword or ""}, frozenset(wish.all_of), wish.cadence, wish=wish)


def address_of(form: Form) -> dict[str, list[str] | str]:
    """The form as arguments of an address; what was typed and could not be read too."""
    found: dict[str, list[str] | str] = {name: list(values) for name, values in form.chosen.items() if values}
    found |= {TYPED.format(name): text for name, text in form.typed.items() if text and name != "keyword"}
    found |= {"all": sorted(form.every)} if form.every else {}
    found |= {"keyword": form.typed["keyword"]} if form.typed.get("keyword") else {}
    return found | {"cadence": form.cadence}


def cells_of(wish: Wish) -> dict[str, str]:
    """The wish with one text a field, as a button that puts it back sends it."""
    found = {name: _cell(getattr(wish, key), every=key in wish.all_of) for name, key in KEY_OF.items()}
    return {name: text for name, text in found.items() if text} | {
        "keyword": wish.keyword or "",
        "cadence": wish.cadence,
    }


def seen(text: str) -> str:
    """What a person sees of it."""
    return _UNSEEN.sub("", text).strip()


def _cell(texts: Collection[str], *, every: bool) -> str:
    return (ALL if every or any(ALL in plain_marks(one) for one in texts) else ANY).join(texts)


def _read(name: str, texts: list[str], cell: str, known: Known) -> tuple[tuple[str, ...], str, Mapping[str, str]]:
    """Of one field: the values that stand, the texts to be mended, and what is wrong with them."""
    if len(texts) > MOST_VALUES:
        return (), ANY.join(texts), {name: t(WRONG["too_many"])}
    whole = _values(name, cell, known)
    if not isinstance(whole, str):
        return whole, "", {}
    each = {one: _values(name, one, known) for one in texts}
    good = [value for values in each.values() if not isinstance(values, str) for value in values]
    bad = [one for one, values in each.items() if isinstance(values, str)]
    first = next((values for values in each.values() if isinstance(values, str)), whole)
    return tuple(dict.fromkeys(good)), ANY.join(bad), {name: t(WRONG.get(first, OTHERWISE))}


def _values(name: str, cell: str, known: Known) -> tuple[str, ...] | str:
    """The values of a cell, or the code of what is wrong."""
    if not cell:
        return ()
    found = read_wish({KEY_OF[name]: cell}, known.profile_id, known.place)
    if isinstance(found, list):
        return found[0].code
    values: tuple[str, ...] = getattr(found, KEY_OF[name])
    if name == "agency" and not all(is_agency(one, known.agencies) for one in values):
        return "no_agency"
    return values


def _settled(name: str, texts: list[str], known: Known) -> list[str]:
    """Topics by their codes; without the word by which an agency was looked for, once one of those is ticked."""
    if name == "theme":
        return list(dict.fromkeys(_topics().get(one, one) for one in texts))
    if name == "agency":
        kept = [one for one in texts if one in known.agencies or is_agency(one, known.agencies)]
        sought = [one for one in texts if one not in kept]
        return kept + [one for one in sought if not set(agencies_found(known.agencies, one, known.place)) & set(kept)]
    return list(dict.fromkeys(texts))


def _topics() -> dict[str, str]:
    return {name: code for code, zh in TOPICS.items() for name in (zh, t(zh))}


def _every(values: MultiDict[str, str], chosen: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """The keys of which all are asked, where there are several."""
    return frozenset(key for name, key in KEY_OF.items() if key in values.getlist("all") and len(chosen[name]) > 1)


def _field_of(error: RowError) -> str:
    if error.code == "empty_wish":
        return "whole"
    return {key: name for name, key in KEY_OF.items()}.get(error.column, error.column)
