"""How people are reached and what they agreed to: phones, mail, devices, consents, what is suppressed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from profiles.facts import KINDS
from pushsvc.sample.draw import Mask, flip, pick
from pushsvc.sample.population import CITIZEN, SELF, Population

PREFIXES = ("138", "139", "136", "150", "151", "158", "159", "186", "187", "188", "176", "199")
MAIL_HOSTS = ("mail.example", "post.example", "lanmail.example")
# Share and what it gives; the last group never agreed to anything.
CONSENTS = (
    (0.50, "notify:any|recommend:any"),
    (0.14, "notify:app|recommend:app"),
    (0.08, "notify:any|recommend:app"),
    (0.12, "notify:any"),
    (0.04, "notify:sms"),
    (0.12, ""),
)


@dataclass(frozen=True)
class Reach:
    """By row: "" where there is none. `off`: personalised switched off. `suppressed`: (channel, address, reason)."""

    phones: tuple[str, ...]
    mails: tuple[str, ...]
    tokens: tuple[str, ...]
    consents: tuple[str, ...]
    off: Mask
    suppressed: tuple[tuple[str, str, str], ...]


def draw_reach(rng: np.random.Generator, people: Population) -> Reach:
    """Addresses of citizens and the self-employed; other entities are reached through their members."""
    n = len(people)
    own = (people.kinds == CITIZEN) | (people.kinds == SELF)
    old = np.nan_to_num(people.ages, nan=40) > 65
    phones = _phones(rng, people, own & flip(rng, 0.77, n))
    mails = [f"u{row:05d}@{MAIL_HOSTS[row % 3]}" if has else "" for row, has in enumerate(own & flip(rng, 0.52, n))]
    has_app = own & flip(rng, np.where(old, 0.38, 0.63), n)
    tokens = [rng.bytes(15).hex() if has else "" for has in has_app]
    consents = [CONSENTS[group][1] for group in pick(rng, [share for share, _ in CONSENTS], n)]
    return Reach(
        phones=tuple(phones),
        mails=tuple(mails),
        tokens=tuple(tokens),
        consents=tuple(_with_rare(rng, people, consents, own)),
        off=own & flip(rng, 0.04, n),
        suppressed=_suppressed(rng, phones, mails),
    )


def _phones(rng: np.random.Generator, people: Population, has: Mask) -> list[str]:
    """Numbers of the mainland's shape; 7 % of citizens share one, mostly as couples."""
    n = len(people)
    digits = rng.choice(90_000_000, size=n, replace=False) + 10_000_000
    prefix = rng.integers(0, len(PREFIXES), n)
    phones = [f"{PREFIXES[p]}{d}" if own else "" for p, d, own in zip(prefix, digits, has, strict=True)]
    holders = np.flatnonzero(has & (people.kinds == CITIZEN))
    pairs = round((people.kinds == CITIZEN).sum() * 0.07 / 2)
    sharing = rng.permutation(holders)[: 2 * pairs]
    for first, second in zip(sharing[::2], sharing[1::2], strict=False):
        phones[second] = phones[first]
    return phones


def _with_rare(rng: np.random.Generator, people: Population, consents: list[str], own: Mask) -> list[str]:
    """Sensitive facts need a consent of their own; a guardian agrees for most minors."""
    held = np.any(np.stack(list(people.sensitive.values())), axis=0)
    agreed = flip(rng, 0.7, len(people))
    minors = {minor for minor, _ in people.guardians}
    result = []
    for row, given in enumerate(consents):
        parts = [given] if own[row] and given else []
        parts += ["sensitive:any"] if held[row] and agreed[row] else []
        parts += ["guardian:any"] if row in minors and agreed[row] else []
        result.append("|".join(parts))
    return result


def _suppressed(rng: np.random.Generator, phones: list[str], mails: list[str]) -> tuple[tuple[str, str, str], ...]:
    """Numbers out of service, mailboxes that bounced, people who opted out or complained."""
    reasons = ("bounced", "opt_out", "complained")
    found: dict[tuple[str, str], str] = {}
    for channel, addresses, share in (("sms", phones, 0.03), ("email", mails, 0.03)):
        held = [address for address in addresses if address]
        for index in np.flatnonzero(flip(rng, share, len(held))):
            found[channel, held[index]] = reasons[int(pick(rng, (6, 3, 1), 1)[0])]
    return tuple((channel, address, reason) for (channel, address), reason in found.items())


def draw_members(rng: np.random.Generator, people: Population, reach: Reach) -> dict[int, list[tuple[int, str]]]:
    """By enterprise row: its members (citizen row, role). Only people of working age who can be reached."""
    reachable = np.array([bool(phone or token) for phone, token in zip(reach.phones, reach.tokens, strict=True)])
    adults = np.flatnonzero((people.kinds == CITIZEN) & reachable & (people.ages > 24) & (people.ages < 60))
    organisations = np.flatnonzero((people.kinds != CITIZEN) & (people.kinds != KINDS.index("self_employed")))
    members: dict[int, list[tuple[int, str]]] = {}
    counts = pick(rng, (4, 66, 22, 8), len(organisations))  # a few have nobody yet
    for row, count in zip(organisations, counts, strict=True):
        persons = dict.fromkeys(int(person) for person in rng.choice(adults, count)) if len(adults) else {}
        members[int(row)] = [(person, "admin" if place == 0 else "member") for place, person in enumerate(persons)]
    return members
