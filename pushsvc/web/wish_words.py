"""What a subscription is called: the topics, industries, regions and keyword it names."""

from __future__ import annotations

from profiles.standards import industries
from profiles.subscriptions import spelled
from pushsvc.store.subscriptions import Wish
from pushsvc.web.i18n import t
from pushsvc.web.labels import TOPICS
from pushsvc.web.words import named, region


def wish_name(wish: Wish) -> str:
    """Its own words: a key's values between "or", or "and" where all are asked, the keys between dots."""
    names = {
        "themes": [named(theme, "topic") if theme in TOPICS else theme for theme in wish.themes],
        "industries": [f"{industries.name_of(code)}（{code}）" for code in wish.industries],
        "regions": [region(code) for code in wish.regions],
    }
    parts = [(t("且") if key in wish.all_of else t("或")).join(found) for key, found in names.items() if found]
    quoted = (t("且").join(f"“{word}”" for word in words) for words in spelled(wish.keyword))
    parts += [said] if (said := t("或").join(quoted)) else []
    return " · ".join(parts) or wish.ref


def wish_kinds(wish: Wish) -> str:
    """Which kinds of condition it has."""
    kinds = (
        (wish.themes, t("主题")),
        (wish.industries, t("行业")),
        (wish.regions, t("地区")),
        (wish.keyword, t("关键词")),
    )
    return t("、").join(name for values, name in kinds if values)
