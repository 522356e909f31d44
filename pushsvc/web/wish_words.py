"""What a subscription is called: the topics, industries, regions and keyword it names."""

from __future__ import annotations

from profiles.standards import industries
from pushsvc.store.subscriptions import Wish
from pushsvc.web.i18n import t
from pushsvc.web.labels import TOPICS
from pushsvc.web.words import named, region


def wish_name(wish: Wish) -> str:
    """Its own words, joined."""
    parts = [named(theme, "topic") if theme in TOPICS else theme for theme in wish.themes]
    parts += [f"{industries.name_of(code)}（{code}）" for code in wish.industries]
    parts += [region(code) for code in wish.regions]
    parts += [f"“{wish.keyword}”"] if wish.keyword else []
    return " · ".join(parts) or wish.ref


def wish_keys(wish: Wish) -> str:
    """Which kinds of condition it has."""
    kinds = (
        (wish.themes, t("主题")),
        (wish.industries, t("行业")),
        (wish.regions, t("地区")),
        (wish.keyword, t("关键词")),
    )
    return t("、").join(name for values, name in kinds if values)
