"""Chinese first, English second. Templates are written in Chinese; `translations/en.json` maps each text to English.

A text's holes are named (`{n}`). Where English needs it, an entry is {"one": …, "other": …} and `n` chooses.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from flask import Flask, g, has_request_context, request, session

from pushsvc.web.current import context

LOCALES = ("zh", "en")
TAGS = {"zh": "zh-CN", "en": "en"}
CATALOGUE = Path(__file__).parent.parent / "translations" / "en.json"


def init_app(app: Flask) -> None:
    """Give templates `t`, `locale`, `other_locale` and the reader's way of looking: mode, size, theme."""
    app.before_request(_remember)
    app.jinja_env.globals["t"] = t
    app.context_processor(_variables)


def t(text: str, **values: object) -> str:
    """`text` in the reader's language, its holes filled. A text without English stays Chinese."""
    if locale() == "en":
        text = english(text, values.get("n"))
    return text.format(**values) if values else text


def english(text: str, n: object = None) -> str:
    """The English of a Chinese text; `n` chooses between one and many."""
    entry = _catalogue().get(text, text)
    if isinstance(entry, str):
        return entry
    return entry["one" if str(n) == "1" else "other"]


def locale() -> str:
    """zh or en: what the address or a choice before says, then the profile, then the browser."""
    if not has_request_context():
        return "zh"
    chosen = session.get("lang")
    if chosen in LOCALES:
        return str(chosen)
    person = g.get("person")
    profile = person.locale if person is not None else g.get("reader_locale")
    if profile in LOCALES:
        return str(profile)
    return request.accept_languages.best_match(LOCALES) or "zh"


def _remember() -> None:
    """Keep how the reader wishes pages to look: it is theirs alone and lives in their cookie."""
    wishes = {
        "lang": LOCALES,
        "mode": ("elder", "standard"),
        "size": ("1", "2", "3"),
        "theme": ("light", "dark", "auto"),
    }
    for name, allowed in wishes.items():
        if request.args.get(name) in allowed:
            session[name] = request.args[name]


def _variables() -> dict[str, object]:
    here = locale()
    settings = context().settings
    city = settings.city
    return {
        "locale": here,
        "lang_tag": TAGS[here],
        "other_locale": "en" if here == "zh" else "zh",
        "elder": session.get("mode") == "elder",
        "size": session.get("size", "1"),
        "theme": session.get("theme", "auto"),
        "city": t(city),
        "sample_city": city == "江澜市",
        "trial": settings.trial_agencies if settings.trial else None,
    }


@cache
def _catalogue() -> dict[str, str | dict[str, str]]:
    loaded: dict[str, str | dict[str, str]] = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    return loaded
