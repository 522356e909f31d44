"""What a subscription may name: agencies by a word, and ready wishes that suit the one who asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from profiles.standards.agencies import AgencyError, parse_agency
from profiles.standards.agencies_table import bodies
from profiles.standards.industries import canonical
from profiles.standards.regions import known
from profiles.subscriptions import fold
from pushsvc.pipeline.own_wishes import asked_for
from pushsvc.store.people import Profile
from pushsvc.store.subscriptions import Wish

MOST = 30  # agencies shown at once
READY = 4  # ready wishes shown at once
# What a stage of life makes people ask for.
TOPICS_OF = {
    "出生": "family", "教育": "family", "就业": "talent", "救助": "talent", "生活": "city", "置业": "city",
    "就医": "elder", "养老": "elder", "准入准营": "enterprise", "招聘用工": "talent", "纳税缴费": "enterprise",
    "出行": "city", "经营发展": "enterprise", "工程建设": "city",
}  # fmt: skip


def agencies_found(in_use: Mapping[str, int], typed: str, place: str | None) -> list[str]:
    """The agencies in use that a word, a short form (人社局) or a whole name means, the busiest first.

    `place`: where a name without one is meant; that one comes first.
    """
    words = fold(typed).split()
    if not words:
        return []
    meant = _meant(typed, place)
    body = bodies().get(typed.strip())
    held = [name for name in in_use if all(word in fold(name) for word in words) or (body and body.name in name)]
    ordered = sorted(held, key=lambda name: -in_use[name])
    return list(dict.fromkeys([*([meant] if meant in in_use else []), *ordered]))[:MOST]


def is_agency(name: str, in_use: Iterable[str]) -> bool:
    """Whether an agency by this name is known: it issued something, is in the tables, or is of a known place."""
    if name in in_use:
        return True
    try:
        found = parse_agency(name)
    except AgencyError:
        return False
    return found.known or found.region is not None


def ready_wishes(profile: Profile, live: Sequence[Wish]) -> list[Wish]:
    """Wishes that suit the profile by its industry, place and stages of life, less what is asked for already."""
    facts: Mapping[str, Any] = profile.facts
    industry, region = canonical(str(facts.get("industry") or ""))[:3], str(facts.get("region") or "")[:6]
    found = [Wish(profile.id, "ready", industries=(industry,))] if industry else []
    topics = dict.fromkeys(TOPICS_OF[stage] for stage in profile.stages if stage in TOPICS_OF)
    here = (region,) if known(region) else ()
    found += [Wish(profile.id, "ready", themes=(topic,), regions=here) for topic in topics]
    found += [Wish(profile.id, "ready", regions=here)] if here else []
    asked = set(map(asked_for, live))
    return [wish for wish in found if asked_for(wish) not in asked][:READY]


def _meant(typed: str, place: str | None) -> str:
    try:
        return parse_agency(typed, place).name
    except AgencyError:
        return ""
