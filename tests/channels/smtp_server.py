"""A mail server without a socket that does to each mail what it is told, and keeps what it took."""

from __future__ import annotations

from dataclasses import dataclass, field

from channels.base import Message


@dataclass(frozen=True)
class Told:
    """The codes a mail gets at each step; `dot`: DATA is answered with 354 though nobody was taken as a recipient."""

    mail: int = 250
    rcpt: int = 250
    data: int = 354
    content: int = 250
    dot: bool = False

    @property
    def verdict(self) -> str:
        """The code of the reply that decides; of a bare 550 that was not about the recipient one that says so."""
        if self.mail == 250 and self.rcpt != 250:
            return str(self.rcpt)
        said = self.mail if self.mail != 250 else self.content if self.data == 354 else self.data
        return "550 5.0.0" if said == 550 else str(said)


@dataclass
class Server:
    """Reads commands line by line (RFC 5321), answers by `told`, which has a `Told` for each number in an address
    `k<number>@…`; the n-th sender is that of the n-th mail."""

    told: dict[int, Told]
    flushes: bool = False  # throws away what came together with a command
    surplus: int = -1  # so many replies on, there is one too many,
    late: bool = False  # which comes only with the next
    taken: list[bytes] = field(default_factory=list)
    closed: bool = False
    open_: bool = False
    senders: int = 0
    last: Told = Told()
    rcpt: int | None = None
    body: bytes | None = None
    replies: int = 0
    violations: list[str] = field(default_factory=list)
    _buffer: bytes = b""

    def feed(self, data: bytes) -> bytes:
        """Its answer to these bytes."""
        self._buffer += data
        out = b""
        while not self.closed and b"\r\n" in self._buffer:
            line, _, self._buffer = self._buffer.partition(b"\r\n")
            out += self._content(line) if self.body is not None else self._command(line)
            if self.flushes and self.body is None:
                self._buffer = b""
        return out

    def _say(self, code: int) -> bytes:
        self.replies += 1
        self.closed = code == 421
        reply = b"250-first\r\n250 last\r\n" if code == 250 and self.replies % 3 == 0 else b"%d words\r\n" % code
        if self.replies != self.surplus:
            return reply
        return b"250 surplus\r\n" + reply if self.late else reply + b"250 surplus\r\n"

    def _command(self, line: bytes) -> bytes:
        word = line[:4].upper()
        if word == b"RSET":
            self.open_, self.rcpt = False, None
            return self._say(250)
        if word == b"MAIL":
            return self._mail(line)
        if word == b"RCPT":
            return self._rcpt(int(line.partition(b"<k")[2].partition(b"@")[0]))
        if word == b"DATA":
            return self._data()
        if word == b"QUIT":
            return b"221 bye\r\n"
        self.violations.append(line.decode())
        return self._say(500)

    def _mail(self, line: bytes) -> bytes:
        if self.open_:
            self.violations.append("nested MAIL")
            return self._say(503)
        code = list(self.told.values())[self.senders % len(self.told)].mail
        self.senders += 1
        self.open_ = code == 250
        return self._say(code)

    def _rcpt(self, number: int) -> bytes:
        told = self.told[number]
        self.last = told
        if not self.open_:
            return self._say(503)
        self.rcpt = number if told.rcpt == 250 else None
        return self._say(told.rcpt)

    def _data(self) -> bytes:
        if self.rcpt is None:
            if not self.last.dot:
                return self._say(503 if not self.open_ else 554)
        elif self.told[self.rcpt].data != 354:
            return self._say(self.told[self.rcpt].data)
        self.body = b""
        return self._say(354)

    def _content(self, line: bytes) -> bytes:
        assert self.body is not None
        if line != b".":
            self.body += (line[1:] if line.startswith(b".") else line) + b"\r\n"
            return b""
        body, self.body = self.body, None
        number, self.rcpt, self.open_ = self.rcpt, None, False
        if number is None:
            if body:
                self.violations.append("content for nobody")
            return self._say(554)
        code = self.told[number].content
        if code == 250:
            self.taken.append(body)
        return self._say(code)


def letter(number: int) -> Message:
    """A mail that shows its number, with dots where they hurt."""
    raw = b"Message-ID: <k%d@j.example>\r\n\r\n.\r\n..two\r\n.k%d\r\nend\r\n" % (number, number)
    return Message(f"k{number}", f"k{number}@d.example", raw=raw)
