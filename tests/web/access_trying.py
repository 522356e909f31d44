"""Trying routes as somebody, with everything filled in as an attacker would, and what came of it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.web.access_routes import FILL, Route
from tests.web.access_scene import MARKS, Scene
from tests.web.browser import Browser

_HELD = b"k" * 24
TOKEN = base64.urlsafe_b64encode(bytes(24) + _HELD).decode()  # under a mask of zeros
_RANDOM = re.compile(r"<!-- [0-9a-f]* -->|[\w-]{24,}")  # noise, tokens and digests may hold any figure
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
SPOOFED = ("profile", "profile_id", "person", "person_id", "recipient")


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    place: str  # where a redirect leads
    text: str

    @property
    def marks(self) -> list[str]:
        """The resident's own words in it."""
        said = _RANDOM.sub("", self.text)
        return [mark for mark in MARKS if mark in said]

    @property
    def refused(self) -> bool:
        """Whether it is a plain no, which does not tell whether there is anything."""
        return self.status in (403, 404)


def comer(app: Flask, **who: Any) -> Browser:
    """Somebody with a good token for every form: only who they are may refuse them."""
    browser = Browser(app)
    if who:
        browser.sign_in(**who)
    with browser.client.session_transaction() as session:
        session["csrf"] = base64.urlsafe_b64encode(_HELD).decode()
    return browser


def path_of(scene: Scene, route: Route) -> str:
    """The route's address, filled with what the resident owns."""
    fill = FILL | dict(route.fill)
    return _PARAMETER.sub(lambda found: str(scene.fill[fill[found[1]]]), route.rule)


def query_of(scene: Scene, route: Route) -> dict[str, str]:
    """What stands behind the question mark."""
    return {name: str(scene.fill[key]) for name, key in route.query.items()}


def attempt(browser: Browser, scene: Scene, route: Route, **options: Any) -> Answer:
    """Call one route, filled with what the resident owns."""
    path = path_of(scene, route)
    body = {name: str(scene.fill[key]) for name, key in route.body.items()} | dict(route.words)
    query = query_of(scene, route)
    if route.method == "GET" and not route.theirs:
        query = {name: str(scene.fill["victim"]) for name in SPOOFED} | query
    if route.rule.startswith("/api/"):
        sent = {} if route.method == "GET" else {"json": body}
    else:
        sent = {} if route.method == "GET" else {"data": {"csrf_token": TOKEN, **body}}
    answer: TestResponse = browser.client.open(path, method=route.method, query_string=query, **sent, **options)
    return Answer(answer.status_code, answer.headers.get("Location", ""), answer.get_data(as_text=True))


def attempts(browser: Browser, scene: Scene, routes: Iterable[Route], **options: Any) -> Iterator[tuple[Route, Answer]]:
    """Each of them, one after the other."""
    for route in routes:
        yield route, attempt(browser, scene, route, **options)
