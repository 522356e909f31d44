"""A government app's shell: it follows the host's style, goes where the hash says, and is off by default."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from flask import Flask, Response
from selenium import webdriver
from selenium.webdriver.support.wait import WebDriverWait

from pushsvc.app import create_app
from pushsvc.cli.main import cli
from pushsvc.context import Context
from tests.features.real_web import web_server
from tests.features.test_browser import chromium

BRIDGE = """window.ZWJSBridge = {{ onReady: function (then) {{ then(); }}, getUiStyle: function () {{ {style} }} }};"""
STYLES = {
    "elder": "return Promise.resolve({ uiStyle: 'elder' });",
    "normal": "return Promise.resolve({ uiStyle: 'normal' });",
    "fails": "return Promise.reject(new Error('not in the app'));",
    "silent": "return new Promise(function () {});",
}
WHERE = [
    ("#/preferences", "/m/sign-in"),
    ("", "/m/sign-in"),
    ("#/policies/12", "/m/sign-in"),
    ("#//evil.example", "/m/sign-in"),
    ("#/https://evil.example", "/m/sign-in"),
    ("#/../console/", "/m/sign-in"),
    ("#/devices", "/m/sign-in"),
]


def bridge_app(style: str) -> Flask:
    """The host's origin: a bridge that behaves as `style` says."""
    app = Flask("host")
    app.add_url_rule("/bridge.js", "bridge", lambda: Response(BRIDGE.format(style=style), mimetype="text/javascript"))
    return app


@pytest.fixture
def shell(ctx: Context) -> Callable[[str], Context]:
    """A context whose settings name a bridge."""
    return lambda bridge: replace(ctx, settings=replace(ctx.settings, host_bridge=bridge))


@pytest.fixture
def phone() -> Iterator[webdriver.Chrome]:
    """A phone with script."""
    driver = chromium()
    yield driver
    driver.quit()


def test_without_a_host_there_is_no_shell(ctx: Context) -> None:
    assert create_app(ctx).test_client().get("/m/shell/").status_code == 404


def test_only_the_shell_may_load_what_the_host_names(shell: Callable[[str], Context]) -> None:
    client = create_app(shell("https://host.example/bridge/1.1.0/bridge.js")).test_client()
    policy = client.get("/m/shell/").headers["Content-Security-Policy"]
    assert "script-src 'self' https://host.example;" in policy
    assert "unsafe" not in policy
    assert "host.example" not in client.get("/policies/").headers["Content-Security-Policy"]


@pytest.mark.browser
@pytest.mark.parametrize("style", STYLES)
def test_pages_look_as_the_host_says(shell: Callable[[str], Context], phone: webdriver.Chrome, style: str) -> None:
    with (
        web_server(bridge_app(STYLES[style])) as host,
        web_server(create_app(shell(f"{host}/bridge.js"))) as ours,
    ):
        phone.get(f"{ours}/m/shell/#/preferences")
        WebDriverWait(phone, 10).until(lambda _: "/m/sign-in" in phone.current_url)
        mode = phone.execute_script("return document.documentElement.dataset.mode")
        assert mode == ("elder" if style == "elder" else None)
        assert "preferences" in phone.current_url


@pytest.mark.browser
@pytest.mark.parametrize(("hash_", "path"), WHERE)
def test_it_never_leaves_the_service(
    shell: Callable[[str], Context], phone: webdriver.Chrome, hash_: str, path: str
) -> None:
    with (
        web_server(bridge_app(STYLES["normal"])) as host,
        web_server(create_app(shell(f"{host}/bridge.js"))) as ours,
    ):
        phone.get(f"{ours}/m/shell/{hash_}")
        WebDriverWait(phone, 10).until(lambda _: "/m/shell/" not in phone.current_url)
        at = urlsplit(phone.current_url)
        assert (at.scheme + "://" + at.netloc, at.path) == (ours, path)


@pytest.mark.browser
def test_a_bridge_that_cannot_be_had_keeps_nobody_out(shell: Callable[[str], Context], phone: webdriver.Chrome) -> None:
    with web_server(create_app(shell("http://127.0.0.1:9/bridge.js"))) as ours:
        phone.get(f"{ours}/m/shell/")
        WebDriverWait(phone, 10).until(lambda _: "/m/sign-in" in phone.current_url)


def test_the_shell_as_files_refers_to_nothing_but_the_bridge_and_us(tmp_path: Path) -> None:
    told = {"PUSHSVC_HOST_BRIDGE": "https://host.example/b.js", "PUSHSVC_PUBLIC_URL": "https://policy.example"}
    done = CliRunner().invoke(cli, ["shell", str(tmp_path)], env={**told, "PUSHSVC_VAR": str(tmp_path / "var")})
    assert done.exit_code == 0, done.output
    page = (tmp_path / "build" / "index.html").read_text(encoding="utf-8")
    assert 'src="./shell.js"' in page
    assert 'data-service="https://policy.example"' in page
    assert sorted(path.name for path in (tmp_path / "build").iterdir()) == ["index.html", "shell.js"]


def test_without_a_bridge_no_files_are_written(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["shell", str(tmp_path)], env={"PUSHSVC_VAR": str(tmp_path / "var")})
    assert done.exit_code == 1
    assert "PUSHSVC_HOST_BRIDGE" in done.output
