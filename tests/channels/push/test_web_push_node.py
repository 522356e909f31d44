"""Somebody else's push service, `web-push-testing` (npm): it verifies who sends, decrypts, and says what it read."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from channels.base import Batch
from channels.push.web_push import WebPush
from channels.signers.base64url import encode
from channels.signers.vapid import public_text, read_key
from tests.channels.contract import Stage
from tests.channels.stages.web_push import SUBJECT, VAPID_KEY
from tests.clock import Clock

pytestmark = pytest.mark.node
PACKAGE = Path(__file__).parents[3] / "scripts" / "node" / "node_modules" / "web-push-testing" / "src"
# As its own `bin/server.js`, but on loopback alone.
START = """
const [, folder, port] = process.argv;
const { PushApiModel } = require(folder + '/PushApiModel.js');
const server = new (require(folder + '/server.js'))(new PushApiModel(), Number(port));
const listen = server._app.listen.bind(server._app);
server._app.listen = (number, done) => listen(number, '127.0.0.1', done);
server.startServer();
"""


class Service:
    """The running service as a browser and a test see it."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def ask(self, path: str, told: dict[str, str]) -> Any:
        """What it answers to a POST."""
        body, headers = json.dumps(told).encode(), {"Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(self.url + path, body, headers), timeout=10) as answer:
            return json.load(answer)["data"] if answer.headers["Content-Type"].startswith("application/json") else None

    def subscribe(self, key: str) -> tuple[str, str]:
        """A new subscription for the site with this public key, and the service's name for it."""
        found = self.ask("/subscribe", {"userVisibleOnly": "true", "applicationServerKey": key})
        endpoint = found["endpoint"].replace("localhost", "127.0.0.1")
        return json.dumps({"endpoint": endpoint, **_plain(found["keys"])}), found["clientHash"]

    def read(self, client: str) -> list[Any]:
        """What it decrypted for a subscription."""
        return [json.loads(text) for text in self.ask("/get-notifications", {"clientHash": client})["messages"]]


def _plain(keys: dict[str, str]) -> dict[str, str]:
    """Its keys as browsers write them."""
    return {name: value.translate(str.maketrans("+/", "-_")).rstrip("=") for name, value in keys.items()}


@pytest.fixture
def service() -> Iterator[Service]:
    """The service on a free port, from when it says that it listens."""
    node = which("node")
    assert node is not None
    assert PACKAGE.exists(), "npm install --prefix scripts/node"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [node, "-e", START, str(PACKAGE), str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "running" in process.stdout.readline()
        try:
            yield Service(port)
        finally:
            process.kill()


@pytest.fixture
def stage(service: Service, clock: Clock) -> Stage:
    """The adapter before that service, one subscription a key, by the machine's clock: the service knows no other."""
    from channels.sandbox.server import real_clock

    public, clients = public_text(read_key(VAPID_KEY).public_key()), dict[str, str]()
    channel = WebPush(vapid_key=VAPID_KEY, subject=SUBJECT, clock=real_clock, allowed=(service.url,))
    clock.now = real_clock()

    def address(key: str) -> str:
        found, clients[key] = service.subscribe(public)
        return found

    def arrived() -> list[str]:
        return [told["key"] for client in clients.values() for told in service.read(client)]

    return Stage(channel, clock, arrived, address=address)


def test_it_reads_what_was_sent(stage: Stage, service: Service, runner: asyncio.Runner) -> None:
    batch = stage.batch(*(f"k{n}" for n in range(20)), text="您有一条新政策 👍")
    found = runner.run(stage.channel.send(batch))
    assert [one.status for one in found] == ["accepted"] * 20
    assert stage.arrived() == [message.key for message in batch.messages]
    client = json.loads(batch.messages[0].to)["endpoint"].rpartition("/")[2]
    assert service.read(client) == [{"title": "政策", "text": "您有一条新政策 👍", "url": "/m/inbox", "key": "k0"}]
    runner.run(stage.channel.close())


def test_it_calls_a_subscription_dead(stage: Stage, service: Service, runner: asyncio.Runner) -> None:
    batch = stage.batch("gone", "here")
    client = json.loads(batch.messages[0].to)["endpoint"].rpartition("/")[2]
    service.ask(f"/expire-subscription/{client}", {})
    found = runner.run(stage.channel.send(batch))
    assert [(one.status, one.code) for one in found] == [("rejected", "http_410"), ("accepted", "")]
    runner.run(stage.channel.close())


def test_it_wants_the_key_that_the_browser_was_given(stage: Stage, service: Service, runner: asyncio.Runner) -> None:
    stranger = WebPush(vapid_key=encode(b"\1" * 32), subject=SUBJECT, clock=stage.clock, allowed=(service.url,))
    batch = stage.batch("k")
    (found,) = runner.run(stranger.send(Batch("b", batch.messages, batch.expires_at)))
    assert (found.status, found.code) == ("deferred", "http_400")
    assert stage.arrived() == []
    runner.run(stranger.close())
