"""Kannel behind our gateway protocol, in a network of its own: `unshare -n python -m tests.features.kannel FOLDER`.

HttpSms → a bridge of a few lines that speaks our signed batches → Kannel's smsbox and bearerbox → its fake SMSC, which
listens on all addresses and therefore gets no network but a loopback. Prints what each of them saw as JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from channels.base import Batch, Message
from channels.signing import signed_headers, verify
from channels.sms.http import HttpSms

KEY = b"between the gateway and us"
ADMIN, BOX, SMSC, SENDSMS, BRIDGE = 13000, 13001, 10000, 13013, 9000
FAKE = "/usr/lib/kannel/test/fakesmsc"
WAIT = 20.0  # seconds for Kannel to start, and for its last report
CONF = """
group = core
admin-port = {ADMIN}
admin-password = x
smsbox-port = {BOX}
box-allow-ip = 127.0.0.1
dlr-storage = internal
log-file = "{folder}/bearerbox.log"

group = smsc
smsc = fake
smsc-id = fake
port = {SMSC}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {SENDSMS}
log-file = "{folder}/smsbox.log"

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "http://127.0.0.1:{BRIDGE}/mo?from=%p&text=%a&id=%I"

group = sendsms-user
username = u
password = p
max-messages = 10
concatenation = true
"""


def now() -> datetime:
    """The real clock: this is a program, and stands outside."""
    return datetime.now(UTC)


@dataclass
class Bridge:
    """Our gateway protocol on one side, Kannel's on the other; what came back from there, by key."""

    http: httpx.AsyncClient
    reports: dict[str, list[int]] = field(default_factory=dict)
    replies: list[dict[str, str]] = field(default_factory=list)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def send(self, told: dict[str, Any]) -> dict[str, Any]:
        """Each message of a batch by one call; Kannel says 202 when it has it in its queue."""
        return {"results": [await self._one(message) for message in told["messages"]]}

    async def _one(self, message: dict[str, str]) -> dict[str, Any]:
        report = f"http://127.0.0.1:{BRIDGE}/dlr?{urlencode({'key': message['key']})}&type=%d"
        asked = {"username": "u", "password": "p", "from": "106", "to": message["to"], "text": message["text"]}
        asked |= {"coding": "2", "charset": "UTF-8", "dlr-mask": "31", "dlr-url": report}
        said = await self.http.get(f"http://127.0.0.1:{SENDSMS}/cgi-bin/sendsms", params=asked)
        status = "accepted" if said.status_code == 202 else "rejected"
        return {"key": message["key"], "status": status, "code": "" if status == "accepted" else "refused", "id": "k"}

    async def heard(self, path: str) -> None:
        """What Kannel calls back: a report (1 delivered, 2 failed, 8 at the SMSC), or a person's reply."""
        parts = urlsplit(path)
        asked = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        if parts.path == "/dlr":
            self.reports.setdefault(asked["key"], []).append(int(asked["type"]))
        if parts.path == "/mo":
            self.replies.append({"to": asked["from"], "text": asked["text"], "id": asked["id"]})
        async with self.news:
            self.news.notify_all()

    def done(self, keys: Iterable[str]) -> bool:
        """Whether all these were reported as delivered."""
        return all(1 in self.reports.get(key, []) for key in keys)

    def callback(self) -> bytes:
        """The reports as our callback."""
        delivered = [key for key, types in sorted(self.reports.items()) if 1 in types]
        rows = [{"key": key, "status": "delivered", "code": "DELIVRD"} for key in delivered]
        return json.dumps({"receipts": rows}).encode()


async def serve(bridge: Bridge) -> asyncio.Server:
    """The bridge on its port: POST /sms/send from us, GET from Kannel."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                method, path, _ = head.split(" ", 2)
                fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
                lower = {name.lower(): value for name, value in fields.items()}
                body = await reader.readexactly(int(lower.get("content-length", "0")))
                found: Any = {}
                if method == "POST":
                    verify(KEY, body, lower, now())
                    found = await bridge.send(json.loads(body))
                else:
                    await bridge.heard(path)
                data = json.dumps(found).encode()
                said = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                writer.write(said % len(data) + data)
                await writer.drain()
        writer.close()

    return await asyncio.start_server(talk, "127.0.0.1", BRIDGE)


@contextmanager
def kannel(folder: Path) -> Iterator[Path]:
    """Kannel's three programs, killed at the end; the log of the fake SMSC, which writes down what it is handed."""
    conf, log = folder / "kannel.conf", folder / "fakesmsc.log"
    names = {"ADMIN": ADMIN, "BOX": BOX, "SMSC": SMSC, "SENDSMS": SENDSMS, "BRIDGE": BRIDGE, "folder": folder}
    conf.write_text(CONF.format(**names), encoding="utf-8")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with contextlib.ExitStack() as stack:
        for command, port in (
            (["bearerbox", "-v", "4", str(conf)], SMSC),
            (["smsbox", "-v", "4", str(conf)], SENDSMS),
        ):
            stack.callback(_ended, subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            _listening(port)
        fake = [FAKE, "-H", "127.0.0.1", "-r", str(SMSC), "-m", "1", "-i", "0.1", "+8613800138001 106 text TD"]
        with log.open("wb") as out:
            stack.callback(_ended, subprocess.Popen(fake, stdout=out, stderr=out))
            yield log


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def _listening(port: int) -> None:
    import socket

    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
    raise TimeoutError(f"nothing listens on {port}")


async def main(folder: Path) -> dict[str, Any]:
    """Sends one short, one long and many numbered messages, and waits for all reports and the reply."""
    texts = {"short": "【江澜政策】您有一条新政策", "long": "【江澜政策】" + "长" * 150, "emoji": "👍" * 35}
    texts |= {f"n{n:02d}": f"【江澜政策】第{n}条" for n in range(40)}
    channel = HttpSms(f"http://127.0.0.1:{BRIDGE}", key=KEY, clock=now)
    async with httpx.AsyncClient(timeout=WAIT) as http:
        bridge = Bridge(http)
        server = await serve(bridge)
        with kannel(folder) as log:
            numbered = enumerate(texts.items())
            messages = tuple(Message(key, f"+861380013{n:04d}", text=text) for n, (key, text) in numbered)
            outcomes = await channel.send(Batch("kannel", messages, now() + timedelta(seconds=WAIT)))
            async with asyncio.timeout(WAIT), bridge.news:
                await bridge.news.wait_for(lambda: bridge.replies and bridge.done(texts))
            lines = log.read_text(errors="replace").splitlines()
            arrived = [line.split("<", 1)[1] for line in lines if "Got message" in line]
        server.close()
        body = bridge.callback()
        receipts = channel.receipts(body, signed_headers(KEY, body, now()))
        await channel.close()
    return {
        "texts": texts,
        "to": {message.key: message.to for message in messages},
        "outcomes": [outcome.status for outcome in outcomes],
        "arrived": arrived,
        "delivered": [receipt.key for receipt in receipts if receipt.status == "delivered"],
        "replies": bridge.replies,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(Path(sys.argv[1])))))
