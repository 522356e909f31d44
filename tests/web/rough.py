"""Forms as pages show them, with all their fields, and the texts that people with odd keyboards or ill will put in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.web.access_trying import TOKEN
from tests.web.browser import Browser

_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.S)
_FIELD = re.compile(r"<(input|button)\b([^>]*)>|<(select|textarea)\b([^>]*)>(.*?)</(?:select|textarea)>", re.S)
_ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')
_OPTION = re.compile(r"<option\b([^>]*)>")
COOKIE = 4093  # bytes that every browser keeps

LONG = "很长的一句话" * 1700
ODD = "👨\u200d👩\u200d👧\u202e\u2066abc\u200b\u2069\ufeffא\u0301\u0301"
SHARP = "\"><script>alert(7731)</script>{{7731*7731}}{% x %}' or 1=1--;\\"
WORDS, NUMBERS = (LONG, ODD + SHARP), ("9" * 400, "٣")
NUL, BROKEN = b"a%00b", (b"%ED%A0%80", b"%FF%FE%")  # half a character, no text at all


@dataclass(frozen=True)
class Form:
    """Where it is sent, and its fields as they stand (a list where one has several)."""

    action: str
    fields: dict[str, list[str]]
    ticks: frozenset[str] = frozenset()

    def groups(self) -> list[list[str]]:
        """Its fields one by one, but boxes to tick, of which a grid has dozens, together."""
        single = [[name] for name in self.fields if name not in self.ticks]
        return single + ([sorted(self.ticks)] if self.ticks else [])

    def filled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What is sent, with other values for some fields (None: left out)."""
        sent: dict[str, Any] = {**self.fields, **values, "csrf_token": TOKEN}
        return {name: value for name, value in sent.items() if value is not None}


def forms_of(page: str) -> list[Form]:
    """The forms of a page that change something."""
    found = []
    for attributes, inside in _FORM.findall(page):
        said = dict(_ATTRIBUTE.findall(attributes))
        if said.get("method", "").lower() == "post":
            ticks = (dict(_ATTRIBUTE.findall(one[1])) for one in _FIELD.findall(inside))
            boxes = frozenset(one.get("name", "") for one in ticks if one.get("type") == "checkbox")
            found.append(Form(unescape(said["action"]), _fields(inside), boxes))
    return found


def collect(browser: Browser, paths: Iterable[str]) -> list[Form]:
    """Each different form of these pages once."""
    forms: dict[tuple[str, str], Form] = {}
    for path in paths:
        for form in forms_of(browser.open(path)):
            forms.setdefault((form.action, str(sorted(form.fields.items()))), form)
    return list(forms.values())


def send(app: Flask, browser: Browser, form: Form, given: Mapping[str, Any] | bytes | None = None) -> TestResponse:
    """Send a form with other values for some fields, or a body, however often: the limits are shown elsewhere."""
    app.extensions["pushsvc.limits"].counts.clear()
    given = given if isinstance(given, bytes) else form.filled(given or {})
    kind = {"content_type": "application/x-www-form-urlencoded"} if isinstance(given, bytes) else {}
    return browser.client.post(form.action, data=given, **kind)


def harm(answer: TestResponse) -> str:
    """What is wrong with an answer to whatever was sent."""
    page = answer.get_data(as_text=True)
    if answer.status_code >= 500:
        return f"{answer.status_code}"
    if "<script>alert(7731)" in page or str(7731 * 7731) in page:
        return "echoed unescaped"
    if any(len(cookie) > COOKIE for cookie in answer.headers.getlist("Set-Cookie")):
        return "a cookie that no browser keeps"
    return "turns the text around it" if turned(page) else ""


def turned(page: str) -> bool:
    """Whether the page's own text, outside of fields that people fill in, holds a turn of direction."""
    bare = re.sub(r"<textarea\b.*?</textarea>|<[^>]*>", "", page, flags=re.S)
    return bool(set(bare) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068"))


def _fields(inside: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for kind, attributes, other, more, content in _FIELD.findall(inside):
        said = dict(_ATTRIBUTE.findall(attributes or more))
        name = said.get("name")
        if not name or name == "csrf_token":
            continue
        values = found.setdefault(name, [])
        if other == "select":
            options = [dict(_ATTRIBUTE.findall(one)) for one in _OPTION.findall(content)]
            chosen = [one.get("value", "") for one in options if "selected" in one] or [
                one.get("value", "") for one in options[-1:]
            ]
            values += chosen
        elif other == "textarea":
            values.append(unescape(content))
        elif kind == "button" or said.get("type") not in ("checkbox", "radio") or "checked" in said:
            values.append(unescape(said.get("value", "")))
    return found
