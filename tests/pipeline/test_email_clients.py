"""Mails in the clients that people have: a linter of what they know, and Chromium, narrow and wide, light and dark."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest
from selenium import webdriver

from tests.pipeline.mails import STOP, Shown, every_mail

NODE = Path(__file__).parents[2] / "scripts" / "node"
CLIENTS = ("gmail.*", "outlook.*", "apple-mail.*", "samsung-email.*", "yahoo.*", "thunderbird.*")
# What some of these clients do not know, and why it is there all the same.
ENHANCEMENTS = {
    "<body> element": "they drop its colour; the table around everything bears the same one",
    "<style> element": "dark colours and narrow margins; every style that is needed stands on its element",
    "@media": "the same",
    "border-radius": "square corners",
    "display:none": "the line for the list of mails is then shown, one pixel high",
    "height property": "caniemail takes line-height for it; no height is set, see below",
    "role attribute": "for screen readers; tables are as plain without it",
}


@pytest.mark.node
def test_no_client_lacks_what_the_layout_needs(tmp_path: Path) -> None:
    names = []
    for name, mail in every_mail():
        (tmp_path / f"{name}.html").write_text(mail.html, encoding="utf-8")
        names.append(f"{name}.html")
    node = which("node")
    assert node is not None
    command = [node, str(NODE / "caniemail.mjs"), str(tmp_path), *CLIENTS]
    said = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=240).stdout)
    assert {row["file"] for row in said} == set(names)
    lacking = {(row["feature"], row["client"]) for row in said if row["level"] == "error"}
    assert {feature for feature, _ in lacking} == set(ENHANCEMENTS)  # each is still needed, and no other


@pytest.mark.node
@pytest.mark.parametrize("name", [name for name, _ in every_mail()][::5])
def test_mailparser_reads_what_we_wrote(tmp_path: Path, name: str) -> None:
    mail = dict(every_mail())[name]
    (tmp_path / "mail.eml").write_bytes(mail.raw)
    node = which("node")
    assert node is not None
    command = [node, str(NODE / "mailparser.mjs"), str(tmp_path / "mail.eml")]
    said = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)
    assert said["subject"] == mail.told.title
    assert [one["address"] for one in said["to"]] == ["a@b.example"]
    assert said["messageId"] == f"<{'0f' * 16}@jianglan.example>"
    assert said["text"].split() == mail.text.split()
    assert said["unsubscribe"] == STOP
    images = [(one["cid"], one["contentType"], one["contentDisposition"]) for one in said["images"]]
    assert images == [(cid, "image/png", "inline") for cid in mail.images]
    assert said["html"].split() == mail.html.split()


@pytest.fixture(scope="module")
def chromium() -> Iterator[webdriver.Chrome]:
    """Chromium without a window."""
    options = webdriver.ChromeOptions()
    options.binary_location = which("chromium") or ""
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(which("chromedriver") or ""))
    yield driver
    driver.quit()


def with_images(mail: Shown) -> str:
    """The HTML with its images in it, as a client shows it."""
    html = mail.html
    for cid, png in mail.images.items():
        html = html.replace(f"cid:{cid}", f"data:image/png;base64,{base64.b64encode(png).decode()}")
    return html


LOOK = """
const colour = (selector) => getComputedStyle(document.querySelector(selector)).backgroundColor;
const wide = [...document.querySelectorAll('td,img,a,p')].map((one) => one.getBoundingClientRect().right);
const taps = [...document.querySelectorAll('td.b')].map((one) => one.getBoundingClientRect().height);
return {
  paper: colour('body'), card: colour('.c'), right: Math.max(...wide), width: document.documentElement.scrollWidth,
  column: document.querySelector('h1').closest('table').getBoundingClientRect().width,
  hidden: document.querySelector('div').getBoundingClientRect().height, taps: Math.min(...taps),
  seen: [...document.images].every((one) => one.naturalWidth > 0 && one.getBoundingClientRect().width > 60),
};
"""


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_screen_and_follows_its_light(
    chromium: webdriver.Chrome, tmp_path: Path, width: int, scheme: str
) -> None:
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 700}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    for name, mail in every_mail():
        path = tmp_path / f"{name}.html"
        path.write_text(with_images(mail), encoding="utf-8")
        chromium.get(path.as_uri())
        look = chromium.execute_script(LOOK)  # type: ignore[no-untyped-call]
        assert look["width"] <= width, name
        assert look["right"] <= width, name
        assert look["column"] <= 600, name
        assert look["taps"] >= 44, name
        assert (look["hidden"], look["seen"]) == (0, True), name
        dark = ("rgb(13, 20, 23)", "rgb(22, 32, 38)")
        assert (look["paper"], look["card"]) == (
            dark if scheme == "dark" else ("rgb(242, 245, 245)", "rgb(255, 255, 255)")
        ), name
