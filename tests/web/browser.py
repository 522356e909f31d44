"""A browser without a window: keeps cookies, and sends a form with what it already holds."""

from __future__ import annotations

import re
from html import unescape

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from pushsvc.pipeline import sign_ins

_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.S)
_INPUT = re.compile(r"<input\b([^>]*)>")
_RANDOM = re.compile(r'name="csrf_token" value="[^"]*"|<!-- [0-9a-f]* -->\s*$|/static/[^"]*')
_ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')


def told(page: str) -> str:
    """The page without tokens, noise and stamped addresses, which may hold any few letters or digits by chance."""
    return _RANDOM.sub("", page)


class Browser:
    """One person's browser. `page` is the last page's text, `status` its status."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.app = app
        self.answer: TestResponse | None = None

    @property
    def page(self) -> str:
        """The last page."""
        assert self.answer is not None
        return self.answer.get_data(as_text=True)

    @property
    def status(self) -> int:
        """The last status."""
        assert self.answer is not None
        return self.answer.status_code

    def open(self, path: str, **options: object) -> str:
        """Open an address, following redirects; the page."""
        self.answer = self.client.get(path, follow_redirects=True, **options)
        return self.page

    def send(self, action: str, values: dict[str, object] | None = None, *, follow: bool = True) -> str:
        """Send the form of the last page whose action is `action` (hidden and checked fields go with it)."""
        fields = self.form(action) | (values or {})
        self.answer = self.client.post(
            action, data={k: v for k, v in fields.items() if v is not None}, follow_redirects=follow
        )
        return self.page

    def form(self, action: str) -> dict[str, object]:
        """What the form with this action holds."""
        for attributes, inside in _FORM.findall(self.page):
            if dict(_ATTRIBUTE.findall(attributes)).get("action") in (action, action.replace("&", "&amp;")):
                return _fields(inside)
        raise AssertionError(f"no form for {action} on this page")

    def sign_in(self, *, person: int | None = None, operator: str | None = None, acting: int | None = None) -> Browser:
        """Hold the cookie of a signed-in person or operator."""
        ctx = self.app.extensions["pushsvc"]
        agent = str(self.client.environ_base["HTTP_USER_AGENT"])
        token = None if person is None else sign_ins.begin(ctx, person, agent=agent, how="code")
        with self.client.session_transaction() as session:
            session.clear()
            since = int(ctx.clock().timestamp())
            session |= {"token": token} if token else {"operator": operator, "since": since}
            if acting is not None:
                session["acting"] = acting
        return self


def _fields(inside: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for text in _INPUT.findall(inside):
        attributes = dict(_ATTRIBUTE.findall(text))
        kind, name = attributes.get("type", "text"), attributes.get("name")
        if name and (kind not in ("checkbox", "radio") or "checked" in attributes):
            found[name] = unescape(attributes.get("value", ""))
    return found
