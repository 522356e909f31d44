"""Chinese first, English second. Texts are written in Chinese; `translations/en` holds the English (gettext).

A text's holes are named (`{n}`). Where English counts, the entry has plural forms and `n` chooses (gettext's ngettext).
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel, Domain, get_translations, gettext

from pushsvc.web.current import context

LOCALES = ("zh", "en")
TAGS = {"zh": "zh-CN", "en": "en"}
CATALOGUE = Path(__file__).parent.parent / "translations" / "en" / "LC_MESSAGES" / "messages.po"
_CHINESE = NullTranslations()  # Chinese texts stand for themselves
_MANY = 2


class Catalogues(Domain):  # type: ignore[misc]  # flask-babel brings no types
    """The catalogues, read as they are written: nothing to compile, nothing to forget."""

    def get_translations(self) -> NullTranslations:
        """Those of the reader's language, which a request may learn late: with its person."""
        return english() if locale() == "en" else _CHINESE


def init_app(app: Flask) -> None:
    """Give templates `t`, `locale`, `other_locale` and the reader's way of looking: mode, size, theme."""
    babel = Babel(app, default_locale="zh", locale_selector=locale, configure_jinja=False)
    babel.domain_instance = Catalogues()
    app.before_request(_remember)
    app.jinja_env.globals["t"] = t
    app.context_processor(_variables)


def t(text: str, **values: object) -> str:
    """`text` in the reader's language, its holes filled. A text without English stays Chinese."""
    if locale() == "zh":  # nothing to look up
        return text.format(**values) if values else text
    said = _counted(text, values["n"]) if "n" in values else text
    if said == text:
        said = gettext(text)
    return str(said).format(**values) if values else str(said)


def _counted(text: str, n: object) -> str:
    """The form for so many; `text` itself where the entry has but one."""
    return str(get_translations().ungettext(text, text, 1 if str(n) == "1" else _MANY))


@cache
def english() -> Translations:
    """The English catalogue."""
    with CATALOGUE.open("rb") as file:
        read = read_po(file, locale="en")
    compiled = BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return Translations(compiled)


def locale() -> str:
    """zh or en: what the address or a choice before says, then the profile, then the browser."""
    if not has_request_context():
        return "zh"
    known, found = (g.get("person"), g.get("reader_locale")), g.get("locale_of")
    if found is None or found[0] != known:  # once a page, and anew when it becomes known who reads
        found = g.locale_of = (known, _locale())
    return str(found[1])


def _locale() -> str:
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
