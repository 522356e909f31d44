"""Names of 10,000 characters, or that turn the text around them, stay where they stand: masked, short, on one line."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from pushsvc.context import Context
from pushsvc.store.session import transaction
from pushsvc.web.names import PLACE
from tests.web.access_routes import CONSOLE, READING
from tests.web.access_scene import ROLES, Scene, make_scene
from tests.web.access_trying import TOKEN, comer, path_of
from tests.web.browser import Browser
from tests.web.rough import SHARP, harm

LONGEST = 100
TURNED = "\u202e\u2066\u200b王\u2069\u200d"
NAMES = {"long": "\u202e" + "阿不都" * 3400, "sharp": SHARP[:60] + TURNED}
LISTING = [route for route in READING if not route.rule.endswith((".csv", ".ics", ".json", "/export"))]


@pytest.fixture
def scene(ctx: Context) -> Scene:
    """A resident who owns one of everything, and all the others."""
    return make_scene(ctx)


def call_all(scene: Scene, name: str) -> None:
    """Everybody, and both firms, are called so."""
    cipher = scene.ctx.keyring.encrypt(name, PLACE)
    with transaction(scene.ctx.engine) as conn:
        conn.execute(text("update profile set name = :name"), {"name": cipher})


def readers(app: Flask, scene: Scene) -> list[Browser]:
    """Those whose pages show other people's names, or a firm's."""
    alone = [comer(app, person=scene.people[name]) for name in ("victim", "mate", "boss", "reads")]
    acting = (("boss", "firm"), ("mate", "firm"), ("reads", "victim"))
    return alone + [comer(app, person=scene.people[name], acting=scene.people[whom]) for name, whom in acting]


@pytest.mark.parametrize("kind", NAMES)
def test_a_name_stays_where_it_stands(app: Flask, scene: Scene, kind: str) -> None:
    call_all(scene, NAMES[kind])
    wrong = []
    for n, reader in enumerate(readers(app, scene)):
        for route in LISTING:
            answer = reader.client.get(path_of(scene, route))
            page = answer.get_data(as_text=True)
            said = harm(answer) or ("too long" if "阿不都" * (LONGEST // 3 + 1) in page else "")
            said = said or ("holds what cannot be seen" if "\u200b王" in page or "\u202e王" in page else "")
            wrong += [f"{n} {route}: {said}"] if said else []
    assert wrong == []


def test_operators_see_such_names_masked(app: Flask, scene: Scene) -> None:
    call_all(scene, NAMES["long"])
    wrong = []
    for role in ROLES:
        who = comer(app, operator=role)
        for route in (one for one in CONSOLE if one.method == "GET"):
            answer = who.client.get(path_of(scene, route))
            page = answer.get_data(as_text=True)
            people = page.replace("阿不都" * 33 + "…", "")  # a firm's name is public
            said = harm(answer) or ("not masked" if "阿不" in people else "")
            wrong += [f"{role} {route}: {said}"] if said else []
    assert wrong == []


@pytest.mark.parametrize(("name", "shown"), [(TURNED, "王**"), ("\u200b\u202e", "未登记姓名"), ("  张 三", "张**")])
def test_who_gave_leave_is_named_by_a_letter_that_can_be_seen(app: Flask, scene: Scene, name: str, shown: str) -> None:
    call_all(scene, name)
    other = comer(app, person=scene.people["other"])
    data = {"csrf_token": TOKEN, "code": scene.fill["invitation"]}
    assert shown in other.client.post("/m/proxies/accept", data=data).get_data(as_text=True)
