"""Every form of the residents' pages, filled in badly: nothing breaks, nothing is echoed raw, a no changes nothing.

Forms are read off the pages as they stand, for a resident who owns one of everything, who is the admin of a firm too.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from sqlalchemy import text

from pushsvc.context import Context
from pushsvc.store.session import transaction
from tests.web.access_routes import CHANGING, READING
from tests.web.access_scene import Scene, make_scene
from tests.web.access_state import changed, everything
from tests.web.access_trying import TOKEN, comer, path_of, query_of
from tests.web.browser import Browser
from tests.web.rough import BROKEN, NUL, NUMBERS, ODD, WORDS, Form, collect, harm, send

ENDING = ("/m/sign-out", "/m/preferences/erase")  # after these there is nobody to go on
FILES = (".csv", ".ics", ".json", "/export")


@pytest.fixture
def scene(ctx: Context) -> Scene:
    """A resident who owns one of everything, and all the others."""
    return make_scene(ctx)


@pytest.fixture
def me(app: Flask, scene: Scene) -> Browser:
    """That resident."""
    return comer(app, person=scene.people["victim"])


def pages(scene: Scene) -> list[str]:
    """Every page that she may open."""
    listed = [route for route in READING if not route.rule.endswith(FILES)]
    return [f"{path_of(scene, route)}?{urlencode(query_of(scene, route))}" for route in listed]


def forms_for(me: Browser, scene: Scene) -> list[Form]:
    """The forms on them, and what is sent by script alone."""
    found = [form for form in collect(me, pages(scene)) if form.action not in ENDING and "act-for" not in form.action]
    seen = {form.action for form in found}
    for route in CHANGING:
        action, body = path_of(scene, route), {name: [str(scene.fill[key])] for name, key in route.body.items()}
        if action not in seen and action not in ENDING:
            found.append(Form(action, body | {name: [value] for name, value in route.words.items()}))
    return found


def tried(app: Flask, me: Browser, form: Form, sendings: Iterable[dict[str, object]], scene: Scene) -> list[str]:
    """What went wrong with a form that was sent so often with one field changed."""
    wrong, before = [], everything(scene)
    for values in sendings:
        answer = send(app, me, form, values)
        said = harm(answer)
        after = everything(scene)
        if answer.status_code >= 400 and after != before:
            said = said or f"{answer.status_code} and changed {changed(before, after)}"
        if answer.status_code == 303:
            said = said or harm(me.client.get(answer.headers["Location"]))
        before = after
        wrong += [f"{form.action} {str(values)[:60]}: {said}"] if said else []
    return wrong


@pytest.mark.parametrize("texts", [WORDS, NUMBERS], ids=["words", "numbers"])
def test_whatever_a_field_holds_breaks_nothing(app: Flask, me: Browser, scene: Scene, texts: tuple[str, ...]) -> None:
    forms, wrong = forms_for(me, scene), []
    for form in forms:
        wrong += tried(
            app, me, form, (dict.fromkeys(names, value) for names in form.groups() for value in texts), scene
        )
    assert len(forms) > 50
    assert wrong == []
    assert [(path, said) for path in pages(scene) if (said := harm(me.client.get(path)))] == []


def test_fields_that_are_missing_or_there_twice_break_nothing(app: Flask, me: Browser, scene: Scene) -> None:
    wrong = []
    for form in forms_for(me, scene):
        missing: list[dict[str, object]] = [dict.fromkeys(names) for names in form.groups()]
        twice: list[dict[str, object]] = [
            {name: [ODD, *form.fields.get(name, [])] for name in names} for names in form.groups()
        ]
        empty: list[dict[str, object]] = [dict.fromkeys(form.fields, ""), dict.fromkeys(form.fields)]
        wrong += tried(app, me, form, [*missing, *twice, *empty], scene)
    assert wrong == []


def test_what_is_no_text_breaks_nothing_and_nul_is_refused_at_the_door(app: Flask, me: Browser, scene: Scene) -> None:
    forms, before = forms_for(me, scene), everything(scene)
    bodies = [(form, f"csrf_token={quote(TOKEN)}&{quote(name)}=".encode()) for form in forms for name in form.fields]
    answers = [(form.action, send(app, me, form, body + NUL)) for form, body in bodies]
    assert {(action, answer.status_code) for action, answer in answers if answer.status_code != 400} == set()
    assert changed(before, everything(scene)) == []
    answers = [(form.action, send(app, me, form, body + broken)) for form, body in bodies for broken in BROKEN]
    assert {(action, said) for action, answer in answers if (said := harm(answer))} == set()


def sizes(scene: Scene) -> dict[str, int]:
    """How many rows each table has, but for those that write down what was done."""
    held = "select '{0}', count(*) from \"{0}\""
    names = [name for name in everything(scene) if name not in LEDGERS]
    with transaction(scene.ctx.engine) as conn:
        return {row[0]: row[1] for row in conn.execute(text(" union all ".join(held.format(name) for name in names)))}


def test_a_form_sent_twice_from_pages_grown_stale_doubles_nothing(app: Flask, me: Browser, scene: Scene) -> None:
    """Two tabs: all forms are as the pages were before any was sent; each is sent twice."""
    wrong = []
    for form in forms_for(me, scene):
        first = send(app, me, form)
        before = sizes(scene)
        second = send(app, me, form)
        grown = changed(before, sizes(scene))  # type: ignore[arg-type]
        said = [harm(first), harm(second), f"doubled {grown}" if grown else ""]
        wrong += [f"{form.action}: {words}" for words in said if words]
        if second.status_code == 303:
            me.open(second.headers["Location"])
    assert wrong == []


LEDGERS = ("consent", "life_event", "run", "delivery", "profile_change", "policy_change")
