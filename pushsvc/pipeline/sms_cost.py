"""What a campaign's SMS will say, how many parts they take, and what they will cost, before any is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from channels.templates import TemplateError
from channels.text import sms_parts, units
from pushsvc.context import Context
from pushsvc.offers import of_channel
from pushsvc.pipeline import sms_words, wording
from pushsvc.pipeline.approval import Campaign
from pushsvc.pipeline.days import city_day
from pushsvc.pipeline.event_words import policy_line
from pushsvc.pipeline.sms_gate import MAIN, newest
from pushsvc.store import sms_templates as store
from pushsvc.store.campaigns import get_campaign
from pushsvc.store.policies import policy_of_campaign
from pushsvc.store.session import transaction
from pushsvc.store.sms_templates import Filing

MASK = "*" * 6  # stands for the check code, which is another for each recipient


@dataclass(frozen=True)
class Way:
    """The SMS of one language as it arrives by some routes; `people` who get it, None where they are not chosen yet,
    and `yuan` if all of them get it this way."""

    locale: str
    routes: tuple[str, ...]
    text: str
    units: int
    parts: int
    people: int | None
    yuan: float | None


@dataclass(frozen=True)
class SmsCost:
    """The ways, and in all: at most so many people, parts and yuan. `planned`: the messages are written down; else it
    is everybody who would be chosen, as if each had a telephone and the longest text."""

    ways: tuple[Way, ...]
    planned: bool
    people: int
    parts: int
    yuan: float
    price: float


def sms_cost(ctx: Context, campaign_id: int, chosen: int) -> SmsCost | None:
    """Of a campaign that chooses so many; None for one that does not exist or whose own template is broken."""
    with transaction(ctx.engine) as conn:
        row = get_campaign(conn, campaign_id)
        if row is None:
            return None
        by = {(one.template.locale, one.route): one for one in _bound(store.filings(conn, row["sms_template"]), row)}
        people = store.sms_by_language(conn, campaign_id) if row["planned_at"] is not None else None
    try:
        texts = [(locale, route, text) for locale in sms_words.LOCALES for route, text in _texts(ctx, row, locale, by)]
    except TemplateError:
        return None
    return _sum(ctx.settings.sms_price, texts, people, chosen)


def as_json(found: SmsCost | None) -> dict[str, Any] | None:
    """The same as an object."""
    return None if found is None else asdict(found)


def _bound(filings: list[Filing], row: Campaign) -> list[Filing]:
    """The filings of the versions that its review binds, or would bind now; whatever the vendors said of them so far.
    None where it has words of its own."""
    if any("sms" in texts for texts in (row["content"] or {}).values()):
        return []
    versions = row["sms_words"] or newest(one.template for one in filings if one.template.kind != "code")
    return [one for one in filings if versions.get(one.template.locale) == one.template.version]


def _texts(ctx: Context, row: Campaign, locale: str, by: Mapping[tuple[str, str], Filing]) -> Iterator[tuple[str, str]]:
    """Route → the text in a language, for each route that has words."""
    for offer in of_channel(ctx.settings.offers(), "sms"):
        if not offer.is_vendor:
            pieces = wording.render_sms(ctx.settings, _told(ctx, row, locale))
            yield offer.name, wording.fill_sms(pieces, {"check": MASK}, ctx.settings.sms_signature)
            continue
        said = locale if (locale, offer.name) in by else MAIN
        if (said, offer.name) in by:
            values = sms_words.values_of(_told(ctx, row, said), ctx.settings.city, MASK)
            yield offer.name, sms_words.fill(by[said, offer.name], values).text


def _told(ctx: Context, row: Campaign, locale: str) -> wording.Words:
    """The words by its first door, as `compose` has them."""
    policy, own = policy_of_campaign(row), (row["content"] or {}).get(locale, {})
    basis, detail = row["basis"] or "", row["detail"] or {}
    told = wording.words(ctx.settings, [policy], locale=locale, variant=row["doors"][0], own=own, basis=basis)
    return wording.with_line(told, policy_line(detail, sensitive=policy.sensitive, locale=locale, on=city_day(ctx)))


def _sum(price: float, texts: list[tuple[str, str, str]], people: Mapping[str, int] | None, chosen: int) -> SmsCost:
    routes: dict[tuple[str, str], list[str]] = {}
    for locale, route, text in texts:
        routes.setdefault((locale, text), []).append(route)
    ways = []
    for (locale, text), names in routes.items():
        n, parts = None if people is None else people.get(locale, 0), sms_parts("", text)
        yuan = None if n is None else round(n * parts * price, 2)
        ways.append(Way(locale, tuple(names), text, units(text), parts, n, yuan))
    most = {one.locale: max(way.parts for way in ways if way.locale == one.locale) for one in ways}
    if people is None:
        total, parts = chosen, chosen * max(most.values(), default=0)
    else:
        total = sum(people.values())
        parts = sum(n * most.get(locale, 0) for locale, n in people.items())
    return SmsCost(tuple(ways), people is not None, total, parts, round(parts * price, 2), price)
