"""What a phone fetches for a resident's page on its first visit: at most 60 KB, compressed; no fonts."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium

from tests.features.chrome import visitor
from tests.features.pages import PLACES, Place
from tests.features.test_pages import address
from tests.features.town import Town

pytestmark = pytest.mark.browser
MOST = 60_000  # bytes over the wire, heads of answers included
WEIGHED = [place for place in PLACES if place.kind in ("resident", "public") and place.act is None]


@pytest.mark.parametrize("place", WEIGHED, ids=lambda place: place.name)
def test_it_is_light(city: Town, chrome: Chromium, place: Place) -> None:
    fetched: dict[str, float] = {}
    with visitor(chrome, city.url, cookies=city.cookies(place.who)) as guest:
        session = guest.page.context.new_cdp_session(guest.page)
        names: dict[str, str] = {}

        def asked(event: dict[str, Any]) -> None:
            names[event["requestId"]] = event["request"]["url"]

        def done(event: dict[str, Any]) -> None:
            fetched[names[event["requestId"]]] = event["encodedDataLength"]

        session.on("Network.requestWillBeSent", asked)
        session.on("Network.loadingFinished", done)
        session.send("Network.enable")
        guest.page.goto(city.url + address(city, place), wait_until="networkidle")
    assert any(".css" in name for name in fetched), "nothing was counted"
    assert sum(fetched.values()) <= MOST, fetched
    assert not [name for name in fetched if name.rpartition(".")[2] in ("woff", "woff2", "ttf")]
