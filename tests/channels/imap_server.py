"""A mailbox on loopback that speaks as much IMAP as a reader needs, and breaks off where it is told to."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

PASSWORD = "secret word"


@dataclass
class Box:
    """The mails by UID, the flags of each, what was moved to which folder, and the commands that were said.

    `offers`: capabilities of who signed in; `keeps`: whether it keeps keywords; `breaks`: the command it hangs up on.
    """

    mails: dict[int, bytes] = field(default_factory=dict)
    offers: str = "IMAP4rev1 MOVE ID"
    keeps: bool = True
    breaks: str = ""
    flags: dict[int, set[str]] = field(default_factory=dict)
    moved: dict[int, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Its URL as a setting holds it."""
        return f"imap://bounces:secret%20word@127.0.0.1:{self.port}/INBOX"

    def seen(self) -> list[int]:
        """The mails that bear \\Seen."""
        return sorted(uid for uid, flags in self.flags.items() if "\\Seen" in flags)


@contextmanager
def imap_server(box: Box) -> Iterator[Box]:
    """Serves the box on a free port, one connection after the other."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        box.port = int(server.getsockname()[1])
        thread = threading.Thread(target=_serve, args=(server, box), daemon=True)
        thread.start()
        try:
            yield box
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def _serve(server: socket.socket, box: Box) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection, connection.makefile("rwb") as stream:
            stream.write(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
            stream.flush()
            for line in stream:
                tag, _, command = line.decode().strip().partition(" ")
                box.said.append(re.sub(r"^LOGIN .*", "LOGIN", command))
                if box.breaks and command.startswith(box.breaks):
                    connection.shutdown(socket.SHUT_RDWR)
                    break
                stream.write(_answer(box, command) + f"{tag} {_verdict(box, command)}\r\n".encode())
                stream.flush()
                if command == "LOGOUT":
                    break


def _verdict(box: Box, command: str) -> str:
    if command.startswith("LOGIN") and PASSWORD not in command:
        return "NO wrong"
    return "NO no such folder" if command.startswith("SELECT") and '"INBOX"' not in command else "OK done"


def _answer(box: Box, command: str) -> bytes:
    word, _, rest = command.removeprefix("UID ").partition(" ")
    if word == "CAPABILITY":
        return f"* CAPABILITY {box.offers}\r\n".encode()
    if word == "SELECT":
        return b"* %d EXISTS\r\n* OK [PERMANENTFLAGS (\\Seen%b)] kept\r\n" % (
            len(box.mails),
            b" \\*" if box.keeps else b"",
        )
    if word == "SEARCH":
        unwanted = {"\\Seen", *re.findall(r"UNKEYWORD (\S+)", rest)}
        found = [uid for uid in sorted(box.mails) if uid not in box.moved and not unwanted & box.flags.get(uid, set())]
        return f"* SEARCH {' '.join(map(str, found))}\r\n".encode()
    uids = [int(uid) for uid in rest.partition(" ")[0].split(",")] if word in ("FETCH", "STORE", "MOVE") else []
    if word == "STORE":
        for uid in uids:
            box.flags.setdefault(uid, set()).update(rest.partition("(")[2].rstrip(")").split())
    if word == "MOVE":
        box.moved |= dict.fromkeys(uids, rest.partition(" ")[2])
    return b"".join(_mail(box, uid, int(rest.rpartition(".")[2].rstrip(">)"))) for uid in uids if word == "FETCH")


def _mail(box: Box, uid: int, most: int) -> bytes:
    raw = box.mails[uid][:most]
    return b"* 1 FETCH (UID %d BODY[]<0> {%d}\r\n%b)\r\n" % (uid, len(raw), raw)
