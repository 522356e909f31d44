"""Wishes against a policy one at a time, as plainly as it can be said: what the columns are compared with."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from profiles.standards.agencies import Agency, AgencyError, parse_agency
from profiles.standards.industries import IndustryError, parse_industry
from profiles.standards.regions import lineage, table
from profiles.subscriptions import PolicyTags, SubscriptionIndex, WishColumns, build_index, wish_columns


@dataclass(frozen=True)
class Wanted:
    """One wish."""

    themes: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    keyword: str | None = None
    all_of: tuple[str, ...] = ()


def columns(wishes: list[Wanted]) -> WishColumns:
    """Row i is subscription i of profile i + 100."""
    return wish_columns(range(len(wishes)), range(100, 100 + len(wishes)), wishes)


def index(*wishes: Wanted, multiplier: int | None = None) -> SubscriptionIndex:
    """The index of these wishes."""
    return build_index(columns(list(wishes)), **({} if multiplier is None else {"multiplier": multiplier}))


def answers(wish: Wanted, policy: PolicyTags) -> bool:
    """Whether the policy answers the wish."""
    keys = []
    for name, met in (("themes", _theme), ("industries", _industry), ("regions", _region), ("agencies", _agency)):
        values = getattr(wish, name)
        if values:
            keys.append((all if name in wish.all_of else any)([met(value, policy) for value in values]))
    if any(part.split() for part in (wish.keyword or "").split("|")):
        keys.append(_says(wish.keyword or "", policy.text))
    return bool(keys) and all(keys)


def _says(keyword: str, text: str) -> bool:
    parts = [part.split() for part in keyword.split("|")]
    return any(all(_folded(word).strip() in _folded(text) for word in part) for part in parts if part)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _theme(value: str, policy: PolicyTags) -> bool:
    return value in policy.themes


def _industry(value: str, policy: PolicyTags) -> bool:
    ours = _code(value)
    theirs = [code for code in map(_code, policy.industries) if code]
    return bool(ours) and any(ours.startswith(code) or code.startswith(ours) for code in theirs)


def _code(text: str) -> str:
    try:
        return parse_industry(text)
    except IndustryError:
        return ""


def _region(value: str, policy: PolicyTags) -> bool:
    known = table()
    if value not in known or policy.region not in known:
        return False
    ours = {value, *known[value].successors}
    theirs = {policy.region, *known[policy.region].successors}
    return any(a in lineage(b) or b in lineage(a) for a in ours for b in theirs)


def _agency(value: str, policy: PolicyTags) -> bool:
    ours = _named(value)
    theirs = [one for one in map(_named, policy.agencies) if one]
    return ours is not None and any(_took_over(ours, one) or _took_over(one, ours) for one in theirs)


def _named(text: str) -> Agency | None:
    try:
        return parse_agency(text)
    except AgencyError:
        return None


def _took_over(later: Agency, earlier: Agency) -> bool:
    """Whether they are the same, or the work of the one came to the other, directly or through others."""
    same = later.name == earlier.name or (
        bool(later.region and later.body) and (later.region, later.body) == (earlier.region, earlier.body)
    )
    return same or any(_took_over(later, parse_agency(name)) for name in earlier.successors)
