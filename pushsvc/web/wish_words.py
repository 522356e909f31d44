"""What a subscription is called: the topics, industries, regions, agencies and keyword it names; what it brings."""

from __future__ import annotations

from profiles.standards import industries
from profiles.subscriptions import spelled
from pushsvc.pipeline.wish_counts import Brought
from pushsvc.store.subscriptions import Wish
from pushsvc.web.i18n import t
from pushsvc.web.labels import TOPICS
from pushsvc.web.words import named, region, wide


def wish_name(wish: Wish) -> str:
    """Its own words: a key's values between "or", or "and" where all are asked, the keys between dots."""
    names = {
        "themes": [value_name("theme", theme) for theme in wish.themes],
        "industries": [value_name("industry", code) for code in wish.industries],
        "regions": [value_name("region", code) for code in wish.regions],
        "agencies": list(wish.agencies),
    }
    parts = [(t("且") if key in wish.all_of else t("或")).join(found) for key, found in names.items() if found]
    parts += [said] if (said := keyword_words(wish.keyword)) else []
    return " · ".join(parts) or wish.ref


def value_name(name: str, value: str) -> str:
    """One value of a field of the form: a topic, an industry with its code, a place; anything else is its own name."""
    if name == "theme":
        return named(value, "topic") if value in TOPICS else value
    if name == "industry":
        return f"{industries.name_of(value)}（{value}）"
    return region(value) if name == "region" else value


def keyword_words(keyword: str | None) -> str:
    """A keyword as it is read: words that must all occur, or others instead."""
    return t("或").join(t("且").join(f"“{word}”" for word in words) for words in spelled(keyword))


def wish_kinds(wish: Wish) -> str:
    """Which kinds of condition it has."""
    kinds = (
        (wish.themes, t("主题")),
        (wish.industries, t("行业")),
        (wish.regions, t("地区")),
        (wish.agencies, t("机关")),
        (wish.keyword, t("关键词")),
    )
    return t("、").join(name for values, name in kinds if values)


def brought_words(found: Brought) -> str:
    """How many it would have brought, and the newest of them."""
    if not found.n:
        return t("近90天没有这样的政策")
    if not found.sample:
        return t("近90天会收到 {n} 条", n=found.n)
    return t("近90天会收到 {n} 条，如“{title}”", n=found.n, title=wide(found.sample[0].title))
