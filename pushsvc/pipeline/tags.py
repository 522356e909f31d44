"""My tags: what a profile is said to care for; its person sees each with its source, deletes it, picks another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from profiles.cells import CellError, tag
from profiles.list_cells import MOST
from pushsvc.context import Context
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.errors import PipelineError
from pushsvc.store import tags as stored
from pushsvc.store.in_force import policies_stamp
from pushsvc.store.people import Profile, lock_profile, profile_by_id
from pushsvc.store.session import Connection, transaction
from pushsvc.store.tags import RefusedTag
from recommenders.columns import INTEREST, is_sensitive, split


class TagError(PipelineError):
    """A tag that cannot be picked: `code` is sensitive_tag, unknown_tag, too_many or unknown_profile."""


@dataclass(frozen=True)
class MyTag:
    """One tag of a profile: the register that named it and the day it spoke of; "" and None: the person picked it."""

    name: str
    source: str
    as_of: date | None


@dataclass
class _Kept:
    """The dictionary worked out last, and of which policies and day."""

    of: tuple[tuple[int, str], date] | None = None
    topics: Mapping[str, str] = field(default_factory=dict)


def dictionary(conn: Connection, ctx: Context) -> Mapping[str, str]:
    """The tags one may pick, each with the topic it goes with: what policies in force bear, and nothing sensitive."""
    kept, of = ctx.kept.of(_Kept), (policies_stamp(conn), city_day(ctx))
    if kept.of != of:
        kept.topics = {word: topic for word, topic in stored.tags_of_policies(conn, of[1]) if _refusal(word) is None}
        kept.of = of
    return kept.topics


def my_tags(ctx: Context, profile_id: int) -> list[MyTag]:
    """The tags held, in the order in which they came."""
    with transaction(ctx.engine) as conn:
        found = profile_by_id(conn, profile_id)
    return [_told(found, name) for name in found.interests] if found else []


def deleted_tags(ctx: Context, profile_id: int) -> list[RefusedTag]:
    """The tags that were deleted and stay so, the newest first."""
    with transaction(ctx.engine) as conn:
        return [one for one in stored.refusals_of(conn, profile_id) if one.undone_at is None]


def pickable(ctx: Context, profile_id: int) -> dict[str, list[str]]:
    """The dictionary's tags that the profile does not hold, by topic, the most used first."""
    with transaction(ctx.engine) as conn:
        found, known = profile_by_id(conn, profile_id), dictionary(conn, ctx)
    topics: dict[str, list[str]] = {}
    for word, topic in known.items():
        if found is None or word not in found.interests:
            topics.setdefault(topic, []).append(word)
    return topics


def pick_tag(ctx: Context, profile_id: int, word: str) -> bool:
    """Put a tag of the dictionary on the profile, deleted before or not; False if it is there. Raises TagError."""
    with transaction(ctx.engine) as conn:
        found = lock_profile(conn, profile_id)
        if found is None or found.erased:
            raise TagError("unknown_profile", "There is nobody to pick it.")
        if refusal := _refusal(word):
            raise TagError(refusal, "Such a tag is kept of nobody.")
        if word not in dictionary(conn, ctx):
            raise TagError("unknown_tag", "No policy in force bears this tag.")
        if len(found.interests) >= MOST and word not in found.interests:
            raise TagError("too_many", f"At most {MOST} tags.")
        stored.lift_refusal(conn, profile_id, word, ctx.clock())
        return stored.add_tag(conn, profile_id, word)


def delete_tag(ctx: Context, profile_id: int, word: str) -> bool:
    """Take a tag off the profile for good: no score uses it from the next request on, no register and no old reading
    brings it back. False if it is not held."""
    with transaction(ctx.engine) as conn:
        return stored.refuse_tag(conn, profile_id, word, ctx.clock())


def restore_tag(ctx: Context, profile_id: int, word: str) -> bool:
    """Undo a deletion; False, and nothing is changed, where none stands."""
    at = ctx.clock()
    with transaction(ctx.engine) as conn:
        found = lock_profile(conn, profile_id)
        if found is None or found.erased or _spelling(word) is None:
            return False
        return stored.lift_refusal(conn, profile_id, word, at) and stored.add_tag(conn, profile_id, word)


def tags_named(terms: Iterable[tuple[str, float]]) -> tuple[str, ...]:
    """The tags among features that spoke for a policy."""
    pairs = (split(feature) for feature, _ in terms)
    return tuple(value for group, value in pairs if group == INTEREST)


def _refusal(word: str) -> Literal["sensitive_tag", "unknown_tag"] | None:
    """Why a word may be nobody's tag, whatever policies say; None where it may be."""
    if is_sensitive(word):
        return "sensitive_tag"
    return None if word and _spelling(word) == word and "|" not in word else "unknown_tag"


def _spelling(word: str) -> str | None:
    """The word as a register's tag is kept; None where none may be kept."""
    try:
        return tag(word)
    except CellError:
        return None


def _told(found: Profile, name: str) -> MyTag:
    source, as_of, *named = found.sources.get("interests") or ("", "")
    if name not in named:
        return MyTag(name, "", None)
    return MyTag(name, source, date.fromisoformat(as_of) if as_of else None)
