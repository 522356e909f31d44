"""The two ends of a mail on loopback: a server that takes it, and the pages that its links lead to."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from typing import Any, cast
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx
from aiosmtpd.smtp import SMTP
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

LINK = re.compile(r"https?://[^\s<>\"'）]+")
REFERENCE = re.compile(r"""(?:href|src|action)\s*=\s*["']([^"']+)["']""")
PAGES = 150


class Inbox:
    """What aiosmtpd was handed, each with its envelope's sender."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.senders: list[str] = []

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802
        """Takes the mail, as aiosmtpd calls it."""
        self.senders.append(envelope.mail_from)
        self.mails.append(cast(EmailMessage, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"


class Quiet(WSGIRequestHandler):
    """Writes no line for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


@contextmanager
def mail_server(run: Callable[..., Any]) -> Iterator[tuple[Inbox, int]]:
    """aiosmtpd on the loop behind `run`; what it takes, and its port."""
    inbox = Inbox()

    async def start() -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: SMTP(inbox, hostname="mail.example"), "127.0.0.1", 0)

    server = run(start())
    try:
        yield inbox, server.sockets[0].getsockname()[1]
    finally:
        server.close()


@contextmanager
def web_server(app: Flask) -> Iterator[str]:
    """The application over HTTP; where it is."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def unsubscribe_link(mail: EmailMessage) -> str:
    """The link that a mail program posts to. Fails where the mail does not offer it (RFC 8058, 3.1)."""
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    (link,) = LINK.findall(str(mail["List-Unsubscribe"]))
    return str(link)


def links_of(mail: EmailMessage) -> set[str]:
    """Every link in a mail: its headers, its texts, and what its page refers to."""
    found = {link for value in mail.values() for link in LINK.findall(str(value))}
    for part in mail.walk():
        if part.get_content_maintype() == "text":
            text = unescape(part.get_content())
            found |= {*LINK.findall(text), *(link for link in REFERENCE.findall(text) if link.startswith("http"))}
    return found


def scan(links: set[str]) -> list[tuple[str, int]]:
    """Opens every link as scanners of mail do - GET, HEAD and OPTIONS, with no cookie - and every link and form of the
    pages behind it on the same host, and submits nothing; each address with the status of its GET."""
    waiting, seen = sorted(links), list[tuple[str, int]]()
    hosts = {urlsplit(link).netloc for link in links}
    known = set(waiting)
    with httpx.Client(timeout=30) as client:
        while waiting and len(seen) < PAGES:
            link = waiting.pop(0)
            for method in ("HEAD", "OPTIONS"):
                client.request(method, link)
            client.cookies.clear()
            page = client.get(link)
            seen.append((link, page.status_code))
            further = [page.headers["Location"]] if "Location" in page.headers else REFERENCE.findall(page.text)
            for one in (urldefrag(urljoin(link, unescape(reference))).url for reference in further):
                if urlsplit(one).netloc in hosts and one not in known:
                    known.add(one)
                    waiting.append(one)
    return seen
