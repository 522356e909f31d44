"""Every page, in both languages, by day, by night and for elders, on a phone, a tablet and a desk: nothing is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import ViewportSize

from tests.features.chrome import DESK, PHONE, TABLET, Visitor, visitor
from tests.features.looking import AXE, Look
from tests.features.pages import NO_PAGES, PLACES, Place
from tests.features.town import Town

LOOKS = {"light": "mode=standard&theme=light", "dark": "mode=standard&theme=dark", "elder": "mode=elder&theme=light"}
SIZES = {PHONE: "3", TABLET: "2", DESK: "1"}  # the largest type on the smallest screen
pages = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)


@dataclass
class Wrong:
    """What was found, each with the ways of looking at the page in which it was."""

    places: dict[str, list[str]] = field(default_factory=dict)

    def note(self, where: str, found: list[str]) -> None:
        """Add what was found in one way of looking."""
        for one in found:
            self.places.setdefault(one, []).append(where)

    def __str__(self) -> str:
        return "".join(f"\n{what}\n    {', '.join(where)}" for what, where in self.places.items())


def address(town: Town, place: Place) -> str:
    """Where a page stands in this city."""
    return quote(place.path.format(**town.holes), safe="/?&=%-_.~")


def read_as(guest: Visitor, lang: str, look: str) -> None:
    """From now on they read this language this way: their cookie remembers it."""
    guest.page.request.get(f"{guest.url}/healthz?lang={lang}&{LOOKS[look]}")


@pytest.fixture
def guest(city: Town, chrome: Chromium, place: Place) -> Iterator[Visitor]:
    """A browser of whoever sees the page."""
    with visitor(chrome, city.url, cookies=city.cookies(place.who)) as found:
        yield found


def arrive(guest: Visitor, town: Town, place: Place, lang: str, look: str) -> list[str]:
    """Open the page and do there what is to be done; what the browser complained of."""
    guest.forget()
    guest.page.set_viewport_size(ViewportSize(width=PHONE, height=800))
    read_as(guest, lang, look)
    status = guest.open(address(town, place))
    assert status == place.status, f"{place.name} answers {status}"
    if place.act is not None:
        place.act(guest.page, town)
    own = [one for one in guest.errors if "status of" not in one]  # the page's own status is told as an error too
    return own + [f"asks {one}" for one in guest.strangers]


@pytest.mark.browser
@pytest.mark.node
@pages
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_is_wrong_with_it(city: Town, guest: Visitor, place: Place, lang: str) -> None:
    assert AXE.exists(), "axe-core is not installed in scripts/node"
    wrong = Wrong()
    look = Look(guest.page)
    for way in LOOKS:
        wrong.note(way, arrive(guest, city, place, lang, way))
        look.open_world(axe=True)
        elder = way == "elder"
        for width, size in SIZES.items():
            guest.page.set_viewport_size(ViewportSize(width=width, height=800))
            if elder:
                guest.page.evaluate("size => { document.documentElement.dataset.size = size; }", size)
            seen = look.layout(target=60 if elder else 44, text=18 if elder else 0)
            wrong.note(f"{way} {width}", seen + look.axe(colours=way == "dark"))  # by night only colours differ
    assert not wrong.places, str(wrong)


def test_every_page_is_in_the_table(city: Town) -> None:
    asked = {rule.endpoint for rule in city.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    silent = {name for name in asked if name.startswith("api.")} | NO_PAGES.keys()
    assert asked - silent == {place.endpoint for place in PLACES}
    assert sorted(NO_PAGES.keys() - asked) == []


def test_every_page_has_a_name_of_its_own() -> None:
    names = [place.name for place in PLACES]
    assert len(names) == len(set(names))


def test_files_that_answer_with_no_page_are_as_they_say(city: Town) -> None:
    client = city.app.test_client()
    for rule in city.app.url_map.iter_rules():
        if rule.endpoint in NO_PAGES and not rule.arguments and "GET" in (rule.methods or ()):
            answer = client.get(rule.rule)
            assert answer.status_code >= 300 or answer.mimetype != "text/html", rule.rule


def test_axe_is_the_one_that_is_pinned() -> None:
    assert '"axe-core": "4.' in (Path(AXE).parents[2] / "package.json").read_text(encoding="utf-8")
