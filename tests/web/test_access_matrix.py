"""Object-level access: every route, as nobody, other residents, firms' members, proxies, each role, each key.

What is expected stands in access_routes; a route that stands there not fails the first test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from flask import Flask

from pushsvc.context import Context
from pushsvc.pipeline.accounts import SCOPES
from tests.web.access_routes import API, CONSOLE, PUBLIC, RESIDENT, ROUTES, Route
from tests.web.access_scene import ROLES, Scene, make_scene
from tests.web.access_state import changed, everything, held_by
from tests.web.access_trying import Answer, attempt, attempts, comer
from tests.web.browser import Browser
from tests.web.making import api_key

Check = Callable[[Route, Answer], str]
SIGN_IN, CONSOLE_SIGN_IN = "/m/sign-in", "/console/sign-in"
NAME = "璩蔚然"
LEAVING = [route for route in ROUTES if route.rule.endswith("/sign-out")]  # with the cookie goes the form's token
STAYING = [route for route in ROUTES if route not in LEAVING]
# Who they are, and whom their cookie says that they act for.
OTHERS = (("other", None), ("other", "victim"), ("rival", "rivals"), ("rival", "firm"), ("ended", "victim"))
LEAVES = {"reads": {"read"}, "manages": {"read", "manage", "own:manage"}, "asks": {"read", "ask"}}


@pytest.fixture
def scene(ctx: Context) -> Scene:
    """A resident who owns one of everything, and all the others."""
    return make_scene(ctx)


def tried(browser: Browser, scene: Scene, routes: Iterable[Route], check: Check, whose: tuple[str, ...]) -> list[str]:
    """What went wrong: an answer that is not as it should be, or a change to what belongs to `whose` (none: to all)."""

    def state() -> dict[str, str]:
        return held_by(scene, *whose) if whose else everything(scene)

    wrong, before = [], state()
    for route, answer in attempts(browser, scene, routes):
        after = state() if route.changing else before
        said = [check(route, answer), ", ".join(changed(before, after)) and f"changed {changed(before, after)}"]
        wrong += [f"{route}: {words}" for words in said if words]
        before = after
    return wrong


def stands(answer: Answer, *, ok: bool) -> str:
    """What is wrong with an answer, whose status and place are as they should be or not."""
    if not ok or answer.status >= 500:
        return f"{answer.status} {answer.place}"
    return f"shows {answer.marks}" if answer.marks else ""


def pages_of(role: str) -> list[Route]:
    """What stands open to a role."""
    return [route for route in CONSOLE if route.needs == "any" or role in route.needs.split(",")]


def test_every_route_is_in_the_table(app: Flask) -> None:
    known = {(route.method, route.rule) for route in ROUTES}
    real = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert real - known - {("GET", "/console/audience")} == set(), "write down who may call these, in access_routes"
    assert known - real == set(), "these are gone"


def test_nobody_is_asked_who_they_are(app: Flask, scene: Scene) -> None:
    def check(route: Route, answer: Answer) -> str:
        if route.needs == "public":
            return stands(answer, ok=True)
        if route in API:
            return stands(answer, ok=answer.status == 401)
        way_in = CONSOLE_SIGN_IN if route in CONSOLE else SIGN_IN
        return stands(answer, ok=answer.status == 303 and answer.place.split("?")[0] == way_in)

    routes = [route for route in (*STAYING, *LEAVING) if route.rule != "/console/sign-out"]
    assert tried(comer(app), scene, routes, check, ()) == []


def test_others_reach_nothing_of_hers(app: Flask, scene: Scene) -> None:
    """Another resident, one who puts her into their cookie, another enterprise's admin, one whose leave was ended."""

    def check(route: Route, answer: Answer) -> str:
        if route in CONSOLE:
            return stands(answer, ok=answer.place.split("?")[0] == CONSOLE_SIGN_IN)
        if route in API:
            return stands(answer, ok=answer.status == 401)
        if route.theirs:
            return stands(answer, ok=answer.refused)
        return stands(answer, ok=route in PUBLIC or not answer.place.startswith(SIGN_IN))

    wrong = []
    for name, acting in OTHERS:
        who = comer(app, person=scene.people[name], acting=scene.people[acting] if acting else None)
        routes = STAYING if acting is None else [route for route in RESIDENT if route not in LEAVING]
        wrong += [f"{name} as {acting}: {words}" for words in tried(who, scene, routes, check, ("victim", "firm"))]
    assert wrong == []


def test_a_plain_member_changes_nothing_of_the_firm(app: Flask, scene: Scene) -> None:
    def check(route: Route, answer: Answer) -> str:
        if route.needs in ("manage", "ask", "admin"):
            return "" if answer.status == 403 else f"{answer.status}"
        if route.theirs and route.needs != "member":
            return stands(answer, ok=answer.refused)
        return "" if answer.status < 400 or answer.status == 422 or not route.theirs else f"{answer.status}"

    own = ("/m/firms/<id:firm_id>/leave", "/m/firms/<id:firm_id>/wants", "/m/sign-out")
    routes = [route for route in RESIDENT if route.rule not in own or route.method == "GET"]
    scene.fill |= dict.fromkeys(("subscription", "stopped"), scene.fill["firm_subscription"])
    mate = comer(app, person=scene.people["mate"], acting=scene.people["firm"])
    assert tried(mate, scene, routes, check, ("firm", "victim")) == []


def test_a_proxy_does_what_the_leave_says_and_no_more(app: Flask, scene: Scene) -> None:
    def no(_: Route, answer: Answer) -> str:
        return "" if answer.status == 403 and NAME not in answer.text else f"{answer.status}"

    wrong, proxies = [], {}
    for name, has in LEAVES.items():
        proxies[name] = comer(app, person=scene.people[name], acting=scene.people["victim"])
        outside = [route for route in STAYING if route in RESIDENT and route.needs not in has]
        wrong += [f"{name}: {words}" for words in tried(proxies[name], scene, outside, no, ())]
    for name, has in LEAVES.items():
        covered = [route for route in RESIDENT if route.needs in has and route.rule != "/m/act-for"]
        answers = attempts(proxies[name], scene, covered)
        wrong += [f"{name}: {r}: {a.status}" for r, a in answers if a.status == 403 or a.status >= 500]
    assert wrong == []


def test_operators_are_no_residents_and_each_role_has_its_own_pages(app: Flask, scene: Scene) -> None:
    wrong = []
    for role in ROLES:

        def check(route: Route, answer: Answer, role: str = role) -> str:
            if route in RESIDENT:
                return stands(answer, ok=answer.status == 303 and answer.place.startswith(SIGN_IN))
            if route in API:
                return stands(answer, ok=answer.status == 401)
            return stands(answer, ok=answer.status == 403)

        mine = pages_of(role)
        routes = [route for route in (*RESIDENT, *CONSOLE, *API) if route not in mine and route.needs != "public"]
        who = comer(app, operator=role)
        wrong += [f"{role}: {words}" for words in tried(who, scene, routes, check, ())]
        pages = [route for route in mine if not route.changing]
        wrong += [f"{role}: {r}: {a.status}" for r, a in attempts(who, scene, pages) if a.status not in (200, 404)]
    assert wrong == []


def test_a_role_may_do_what_is_its_own(app: Flask, scene: Scene) -> None:
    wrong = []
    for role in ROLES:
        answers = attempts(comer(app, operator=role), scene, pages_of(role))
        wrong += [f"{role}: {r}: {a.status}" for r, a in answers if a.status == 403 or a.status >= 500]
    assert wrong == []


def test_a_key_does_nothing_outside_its_scope(app: Flask, scene: Scene) -> None:
    wrong, before = [], everything(scene)
    keys = {scope: api_key(scene.ctx, scope, key=f"{scope:x<33}") for scope in SCOPES}
    before = everything(scene)
    for route in API:
        for scope in SCOPES:
            if scope != route.needs:
                answer = attempt(comer(app), scene, route, headers=keys[scope])
                wrong += [f"{route} by {scope}: {said}" for said in [stands(answer, ok=answer.status == 403)] if said]
    assert wrong == []
    assert changed(before, everything(scene)) == []
    for route in API:
        answer = attempt(comer(app), scene, route, headers=keys[route.needs])
        wrong += [f"{route}: {answer.status}"] if answer.status in (401, 403, 500) else []
    assert wrong == []


def test_a_cookie_is_no_key_and_a_key_is_no_cookie(app: Flask, scene: Scene) -> None:
    key = api_key(scene.ctx, *SCOPES, key="all" * 11)
    routes = [route for route in (*RESIDENT, *CONSOLE) if route.needs != "public"]
    answers = attempts(comer(app), scene, routes, headers=key)
    assert [str(route) for route, answer in answers if answer.status != 303 or answer.marks] == []
