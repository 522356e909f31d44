"""The machine's own Chromium, driven by Playwright: what a browser notices of a page besides its words.

Playwright keeps an event loop in the thread that uses it, so that nothing else may run one there: `aside` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from shutil import which
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, Request, sync_playwright

from tests.web.browser import Browser

T = TypeVar("T")
PATIENCE = 20_000.0  # milliseconds until something that should be there is missed
AGENT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
PHONE, TABLET, DESK = 360, 768, 1280
_ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--font-render-hinting=none")


@contextmanager
def chromium() -> Iterator[Chromium]:
    """A headless Chromium of the machine; nothing is downloaded."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=which("chromium") or "", args=list(_ARGUMENTS))
        yield started
        started.close()


def aside(work: Callable[[], T]) -> T:
    """What `work` returns, done in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


@dataclass
class Visitor:
    """One person's browser at a served city: a page, and what went wrong in it since `forget`."""

    url: str
    page: Page
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)  # requests to another origin

    def open(self, path: str) -> int:
        """Open an address of the city; the status of the answer."""
        answer = self.page.goto(self.url + path, wait_until="load")
        assert answer is not None
        return answer.status

    def forget(self) -> None:
        """Begin to look for errors anew."""
        self.errors.clear()
        self.strangers.clear()

    def said(self) -> str:
        """The page's text as it is seen."""
        return self.page.inner_text("body")

    def press(self, selector: str) -> None:
        """Press the first that fits, and wait for the page it leads to."""
        with self.page.expect_navigation(wait_until="load"):
            self.page.locator(selector).first.click()


@contextmanager
def visitor(started: Chromium, url: str, *, cookies: list[Any] | None = None, **options: Any) -> Iterator[Visitor]:
    """A browser of its own: no cookie but those given. `options` are Playwright's, such as java_script_enabled."""
    given = {"viewport": {"width": PHONE, "height": 800}, "user_agent": AGENT, "locale": "zh-CN", **options}
    context: BrowserContext = started.new_context(**given)
    context.set_default_timeout(PATIENCE)
    context.add_cookies(cookies or [])
    found = Visitor(url, context.new_page())
    _listen(found)
    try:
        yield found
    finally:
        context.close()


def cookies_of(app: Flask, url: str, **who: Any) -> list[Any]:
    """The cookies of somebody signed in: `person`, with `acting` for another, or `operator`; of nobody for nothing."""
    if not who:
        return []
    signed = Browser(app)
    signed.client.environ_base["HTTP_USER_AGENT"] = AGENT
    signed.sign_in(**who)
    held = [one for one in signed.client._cookies.values() if one.value]
    assert held, "signing in left no cookie"
    return [{"name": one.key, "value": one.value, "url": url} for one in held]


def _listen(found: Visitor) -> None:
    origin = urlsplit(found.url).netloc

    def asked(request: Request) -> None:
        if request.url.startswith("http") and urlsplit(request.url).netloc != origin:
            found.strangers.append(request.url)

    def told(message: Any) -> None:
        if message.type == "error":
            found.errors.append(f"{message.text} ({message.location.get('url', '')})")

    found.page.on("request", asked)
    found.page.on("console", told)
    found.page.on("pageerror", lambda error: found.errors.append(str(error)))
